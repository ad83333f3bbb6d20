"""What the demo prints: progress on stderr, results on stdout; and the error it ends with."""

import sys
import textwrap

BOLD, RED, PLAIN = ("\033[1m", "\033[1;31m", "\033[0m") if sys.stderr.isatty() else ("", "", "")

WIDTH = 80


class DemoError(Exception):
    """The demo cannot go on; the text says why, and what to do about it."""


def say(text: str) -> None:
    """Print one line of progress."""
    print(f"{BOLD}→{PLAIN} {wrapped(text)}", file=sys.stderr, flush=True)


def complain(text: str) -> None:
    """Print one problem."""
    print(f"{RED}✗{PLAIN} {wrapped(text)}", file=sys.stderr, flush=True)


def wrapped(text: str) -> str:
    """Return the text in lines of no more than WIDTH, those after the first indented."""
    lines = [
        part
        for line in text.splitlines()
        for part in textwrap.wrap(line, WIDTH - 2, break_on_hyphens=False) or [""]
    ]
    return "\n  ".join(lines)
