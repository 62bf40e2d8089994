"""Below which numbers of people nothing is shown. A study, or a country, may be stricter, and never laxer."""

FEWEST_COUNTED = 5
"""A count of fewer persons is not shown."""

FEWEST_AVERAGED = 8
"""A mean over fewer persons is not shown."""
