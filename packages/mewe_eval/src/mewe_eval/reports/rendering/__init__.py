"""A report for programs, for a screen and for paper: each from the same data, in which nothing is that may not be shown."""
