"""Work in a process of its own: whatever it does, it holds nobody else up, and it can be ended."""
