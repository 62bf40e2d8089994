"""A feature at work: requests and events, each in one unit with everything that follows from it."""
