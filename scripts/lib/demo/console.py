"""What the demo prints: progress on stderr, results on stdout; and the error it ends with."""

import sys

BOLD, RED, PLAIN = ("\033[1m", "\033[1;31m", "\033[0m") if sys.stderr.isatty() else ("", "", "")


class DemoError(Exception):
    """The demo cannot go on; the text says why, and what to do about it."""


def say(text: str) -> None:
    """Print one line of progress."""
    print(f"{BOLD}→{PLAIN} {text}", file=sys.stderr, flush=True)


def complain(text: str) -> None:
    """Print one problem."""
    print(f"{RED}✗{PLAIN} {text}", file=sys.stderr, flush=True)
