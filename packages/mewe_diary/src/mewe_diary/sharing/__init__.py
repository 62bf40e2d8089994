"""Sharing one entry with the leaders of one's group: sealed to their keys, for a time, always the writer's act."""
