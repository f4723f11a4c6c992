"""The types that travel between rooms: frozen, typed, with no behaviour but their meaning."""
