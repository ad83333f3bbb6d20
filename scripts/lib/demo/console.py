"""How the demo talks to the person at the terminal: progress on stderr, results on stdout."""

import sys

BOLD, RED, PLAIN = ("\033[1m", "\033[1;31m", "\033[0m") if sys.stderr.isatty() else ("", "", "")


def say(text: str) -> None:
    """One line of progress."""
    print(f"{BOLD}→{PLAIN} {text}", file=sys.stderr, flush=True)


def complain(text: str) -> None:
    """One line of what went wrong."""
    print(f"{RED}✗{PLAIN} {text}", file=sys.stderr, flush=True)
