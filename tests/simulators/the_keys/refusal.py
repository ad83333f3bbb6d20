"""The gateway's no."""

BUSY = 500
WRONG_KEY = 36


class RefusedError(Exception):
    """A request is answered with an error `code` of the vendor's table and a `text`."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(code, text)
        self.code = code
        self.text = text


def busy() -> RefusedError:
    """Say that another action is in progress."""
    return RefusedError(BUSY, "busy")
