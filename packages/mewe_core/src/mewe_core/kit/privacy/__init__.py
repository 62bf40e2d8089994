"""Export, erasure and retention: what is done with the data of every feature, by its declarations alone (``kit.personal``)."""
