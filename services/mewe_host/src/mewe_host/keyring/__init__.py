"""Sealed columns: the data keys of each feature, kept apart from its rows, and the words that are sealed with them."""
