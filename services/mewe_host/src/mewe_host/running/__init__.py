"""The host at work: what is started in which order, and how all of it stops."""
