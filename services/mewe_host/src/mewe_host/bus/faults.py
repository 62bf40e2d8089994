"""What keeps the bus from starting, in words for whoever wrote the mix."""


class BusFault(Exception):
    """NATS cannot be used as the mix says: at which ``key``, what the ``problem`` is, what is ``allowed``. Never a secret."""

    def __init__(self, key: str, problem: str, allowed: str) -> None:
        super().__init__(f"{key}: {problem}. Allowed: {allowed}.")
        self.key = key
        self.problem = problem
        self.allowed = allowed
