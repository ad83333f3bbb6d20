"""Runs a program that ends when the demo does, however the demo ended.

Usage: python -m scripts.lib.demo.leash PARENT COMMAND...

PARENT is the process id of the demo. Where the system offers no such tie (it is Linux's),
the program runs all the same and the demo's own tidying up is all there is.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(parent: int, command: list[str]) -> None:
    """Tie this process to its parent and become the command."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            # The demo went away before the tie was made.
            sys.exit(1)
    os.execvp(command[0], command)  # noqa: S606 - a command of our own making


main(int(sys.argv[1]), sys.argv[2:])
