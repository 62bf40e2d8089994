"""Whoever has lost their device comes back: with two adults, and without what they kept before until it is opened."""
