"""What stops a start."""


class PluginFault(Exception):
    """A plugin cannot be used; the message says which and why, in words for whoever wrote the mix."""
