"""Alerts on their way to people: messages without content, delivered until somebody's mail server or program has them."""
