"""The calls of a form whose account has no book yet."""


class Tab:
    """Counts until there is an entry to charge; the ledger begins with what stands here."""

    def __init__(self) -> None:
        """Owe nothing."""
        self.calls = 0

    def count(self) -> None:
        """Count a call that is about to be made."""
        self.calls += 1

    def uncount(self) -> None:
        """Take a call back that has not left the house."""
        self.calls -= 1
