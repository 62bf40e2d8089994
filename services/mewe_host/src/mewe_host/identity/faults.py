"""The one way in which keys refuse to be used."""


class KeyFault(Exception):
    """The keys cannot be used; the message says which file, and what to do. ``key`` is the key of the mix to look at."""

    def __init__(self, message: str, *, key: str = "keys.folder") -> None:
        super().__init__(message)
        self.key = key
