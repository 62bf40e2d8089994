"""The server program and the command ``mewe``."""
