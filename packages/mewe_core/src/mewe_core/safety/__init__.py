"""The feature safety: concerns, from report to closure; help that nobody is refused; contact cards."""
