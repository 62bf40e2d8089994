"""What each figure is held against: the least that does the same work."""
