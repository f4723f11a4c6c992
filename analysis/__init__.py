"""What analysts ask: queries over the pseudonymised views, and the one-screen status."""
