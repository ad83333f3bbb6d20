"""The programs of a bench: each measurement in a process of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
import json
from pathlib import Path
import subprocess
import sys
import tempfile
from typing import Any

ROOT = Path(__file__).parents[2]
SECONDS = 900


def result(name: str, *arguments: object) -> Any:
    """Run a measurement of `tests.bench.measure` to its end; returns what it found."""
    with running(name, *arguments) as found:
        return found


@contextmanager
def running(name: str, *arguments: object) -> Iterator[Any]:
    """Run a measurement that says something, and then goes on until it is left."""
    command = [sys.executable, "-m", "tests.bench.measure", name, json.dumps(arguments)]
    with tempfile.TemporaryFile("w+") as log:
        program = subprocess.Popen(  # noqa: S603 - ourselves
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True
        )
        assert program.stdin is not None
        assert program.stdout is not None
        try:
            line = program.stdout.readline()
            if not line:
                log.seek(0)
                raise RuntimeError(f"{name} {arguments} failed:\n{log.read()[-4000:]}")
            yield json.loads(line)
        finally:
            program.stdin.close()
            program.wait(SECONDS)
