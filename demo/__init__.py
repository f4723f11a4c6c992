"""A simulated town with known truth, and the sites it advertises on."""
