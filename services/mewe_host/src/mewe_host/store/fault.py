"""The one way in which a database refuses to be used."""


class StoreFault(Exception):
    """A database cannot be used; the message says which and what to do, in words for whoever runs the host.

    It never holds a password or anything that is kept in the database.
    """
