"""A feature that counts messages, so that an event that takes effect twice, or never, is seen."""
