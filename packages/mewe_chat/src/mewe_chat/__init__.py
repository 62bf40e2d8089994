"""The chat of a group: for its participants and leaders only."""
