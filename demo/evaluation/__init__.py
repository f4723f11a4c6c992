"""How good Faro is, measured where the truth is known."""
