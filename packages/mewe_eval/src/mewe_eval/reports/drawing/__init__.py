"""Charts as SVG: readable in one colour and on a phone, each with a title and a description for whoever does not see it."""
