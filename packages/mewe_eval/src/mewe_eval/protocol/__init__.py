"""A study as a researcher writes it down before it begins: who is asked what and when, and how it will be analysed."""
