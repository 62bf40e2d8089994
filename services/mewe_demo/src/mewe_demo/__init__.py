"""The stories of `mewe demo`: clients of the public API only."""
