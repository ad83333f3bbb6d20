"""The long run: `scripts/prove-tracker`."""

import argparse
from collections import Counter
from time import monotonic

from hypothesis import HealthCheck, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from .acts import Fuzz
from .mutants import MUTANTS, Mutant, applies
from .test_machine import machine_of
from .timings import ROWS, Row
from .world import BrokenLawError

_BATCH = settings(
    max_examples=400,
    stateful_step_count=60,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)


def prove(row: Row, steps: int) -> str:
    """Run the machine of a row for so many steps; a law that breaks raises its history."""
    machine = machine_of(row)
    started, batch = monotonic(), 0
    while machine.steps < steps:
        batch += 1
        run_state_machine_as_test(seed(batch)(machine), settings=_BATCH)
    return f"{row.name}: {machine.steps} steps, no law broken, {monotonic() - started:.0f} s"


def hunt(mutant: Mutant, row: Row, seeds: int) -> Counter[str]:
    """Count the laws by which a broken tracker is caught."""
    laws: Counter[str] = Counter()
    if law := mutant.caught_at_once(row):
        laws[law] += 1
    for number in range(seeds):
        fuzz = Fuzz(row, mutant.make, number, sign_factor=mutant.sign_factor)
        try:
            for _ in range(100):
                fuzz.step()
        except BrokenLawError as err:
            laws[err.law] += 1
    return laws


def main() -> None:
    """Read the arguments and print a line for each row, or for each mutant of each row."""
    parser = argparse.ArgumentParser(prog="scripts/prove-tracker")
    parser.add_argument("steps", nargs="?", type=int, default=200_000)
    parser.add_argument("--row", choices=[row.name for row in ROWS])
    parser.add_argument("--mutants", action="store_true", help="hunt the broken trackers")
    arguments = parser.parse_args()
    rows = [row for row in ROWS if arguments.row in {None, row.name}]
    escaped = 0
    if arguments.mutants:
        for name, mutant in MUTANTS.items():
            for row in rows:
                if applies(name, row):
                    laws = hunt(mutant, row, 300)
                    escaped += not laws
                    print(f"{name} | {row.name} | {dict(laws.most_common())}", flush=True)  # noqa: T201
    else:
        for row in rows:
            print(prove(row, arguments.steps), flush=True)  # noqa: T201
    raise SystemExit(min(escaped, 1))


if __name__ == "__main__":
    main()
