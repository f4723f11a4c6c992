"""When what runs, and whom to tell: pure functions for the decisions, thin edges for the doing."""
