"""What a person is told when the demo cannot go on."""


class DemoError(Exception):
    """One sentence that says what is wrong and what to do about it."""
