"""The checks of what is said, run so that none of them can take the host down."""
