"""Try mutants: python -m scripts.lib.mutants (`scripts/mutants`)."""

import argparse
import ast
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
import json
import sys
import time
from typing import Final

from .coverage import KEPT, Covered, measure
from .mutations import Mutation, mutations
from .processes import Running, preload, start
from .report import PAGE, Result, write
from .sample import try_sample
from .targets import ROOT, TARGETS, Target, test_files

# What takes so much longer than its tests usually do hangs; a machine may be busy.
_LEAST_SECONDS: Final = 60.0
_PATIENCE: Final = 10.0
_KEPT: Final = KEPT / "results.json"


@dataclass(slots=True)
class Hunt:
    """The mutants of one module, tried one after the other against its tests."""

    target: Target
    covered: Covered
    seconds: float
    first: tuple[str, ...] = ()
    killers: Counter[str] = field(default_factory=Counter)

    def tests_for(self, mutation: Mutation) -> list[str]:
        """Return the tests to try, the likeliest to notice first, as far as time allows."""
        if mutation.is_in_function:
            found = self._mine(mutation.lines)
        else:
            # Runs on import, in whichever test is the first.
            found = self._mine(mutation.used_in) or self._mine()
        chosen: list[str] = []
        left = self.seconds
        for test in sorted(found, key=self._ranks(found).__getitem__):
            left -= self.covered.seconds.get(test, 0.0)
            if left < 0 and chosen and not self._is_first(test):
                break
            chosen.append(test)
        return chosen

    def _mine(self, lines: Iterable[int] | None = None) -> set[str]:
        found = self.covered.tests(self.target.path, lines)
        return {test for test in found if test.startswith(self.target.tests)}

    def _is_first(self, test: str) -> bool:
        return any(part in test for part in self.first)

    def _ranks(self, tests: Iterable[str]) -> dict[str, tuple[bool, int, int, int]]:
        """What has caught most comes first, then of each file in turn the shortest."""
        ranks: dict[str, tuple[bool, int, int, int]] = {}
        turns = Counter[int]()
        for test in sorted(tests, key=lambda test: self.covered.seconds.get(test, 0.0)):
            order = next(
                index for index, start in enumerate(self.target.tests) if test.startswith(start)
            )
            ranks[test] = (not self._is_first(test), -self.killers[test], turns[order], order)
            turns[order] += 1
        return ranks

    def start(self, mutation: Mutation, tree: ast.Module, tests: list[str]) -> Running:
        """Begin to try a mutant."""
        usual = sum(self.covered.seconds.get(test, 0.0) for test in tests)
        return start(
            self.target,
            tree,
            mutation.apply,
            tests,
            max(_LEAST_SECONDS, _PATIENCE * usual),
        )

    def _check_unbroken(self, tree: ast.Module, wanted: Iterable[Mutation]) -> None:
        """See that the tests pass here without a mutant: else all would seem caught."""
        tests = sorted({test for mutation in wanted for test in self.tests_for(mutation)})
        if not tests:
            return
        running = start(self.target, tree, lambda: None, tests, 1200.0)
        while (ended := running.ended()) is None:
            time.sleep(0.1)
        if ended[0] != "survived":
            raise SystemExit(f"✗ {self.target.name}: fails without any mutant: {ended[1]}")

    def run(self, jobs: int, keep: dict[str, str]) -> Iterator[Result]:
        """Yield what becomes of each mutant; what is in `keep` is not tried again."""
        tree = ast.parse((ROOT / self.target.path).read_text())
        waiting = mutations(tree, self.target.path)[::-1]
        self._check_unbroken(tree, (one for one in waiting if one.key not in keep))
        running: list[tuple[Mutation, Running]] = []
        while waiting or running:
            while waiting and len(running) < jobs:
                mutation = waiting.pop()
                outcome = keep.get(mutation.key)
                tests = [] if outcome else self.tests_for(mutation)
                if tests:
                    running.append((mutation, self.start(mutation, tree, tests)))
                else:
                    yield _result(mutation, outcome or "not covered")
            time.sleep(0.02)
            for one in list(running):
                mutation, process = one
                if (ended := process.ended()) is not None:
                    running.remove(one)
                    self.killers[ended[1]] += bool(ended[1])
                    yield _result(mutation, ended[0])


def _result(mutation: Mutation, outcome: str) -> Result:
    return Result(path=mutation.path, where=mutation.where, change=mutation.change, outcome=outcome)


def _digest(target: Target) -> str:
    return sha256((ROOT / target.path).read_bytes()).hexdigest()[:24]


def _try_all(targets: Iterable[Target], covered: Covered, arguments: argparse.Namespace) -> None:
    kept = json.loads(_KEPT.read_text()) if _KEPT.exists() and not arguments.fresh else {}
    for target in targets:
        digest = _digest(target)
        before = kept.get(target.path, {})
        known = before.get("outcomes", {}) if before.get("digest") == digest else {}
        # What was caught once is caught; what was not may be by a new test.
        caught = {key: outcome for key, outcome in known.items() if outcome in _CAUGHT}
        outcomes: dict[str, list[str]] = {}
        keys: dict[str, str] = {}
        hunt = Hunt(target, covered, arguments.seconds, tuple(arguments.first))
        began = time.monotonic()
        for result in hunt.run(arguments.jobs, caught):
            key = f"{result.path} | {result.where} | {result.change}"
            keys[key] = result.outcome
            outcomes[key] = [result.where, result.change]
            if not result.is_caught:
                print(f"  {result.outcome}: {result.where}: {result.change}", flush=True)
            kept[target.path] = {"digest": digest, "outcomes": {**known, **keys}, "names": outcomes}
            _KEPT.write_text(json.dumps(kept))
        caught_now = sum(outcome in _CAUGHT for outcome in keys.values())
        took = time.monotonic() - began
        print(f"{target.name}: {caught_now} of {len(keys)} caught, {took:.0f} s", flush=True)
        kept[target.path] = {"digest": digest, "outcomes": keys, "names": outcomes}
        _KEPT.write_text(json.dumps(kept))


_CAUGHT: Final = ("caught", "timed out")


def _results() -> Iterator[Result]:
    """Return what is kept of the modules as they are now, and were tried to the end."""
    kept = json.loads(_KEPT.read_text()) if _KEPT.exists() else {}
    for target in TARGETS:
        one = kept.get(target.path, {})
        if one.get("digest") != _digest(target):
            continue
        tree = ast.parse((ROOT / target.path).read_text())
        if len(one["names"]) < len(mutations(tree, target.path)):
            continue
        for key, (where, change) in one["names"].items():
            yield Result(path=target.path, where=where, change=change, outcome=one["outcomes"][key])


def main() -> int:
    """Read the arguments, try the mutants, and write the page."""
    parser = argparse.ArgumentParser(prog="scripts/mutants")
    parser.add_argument("targets", nargs="*", help="modules to try, by a part of their path")
    parser.add_argument("--jobs", type=int, default=1, help="processes at a time")
    parser.add_argument(
        "--seconds",
        type=float,
        default=20.0,
        help="of tests for each mutant, of the processor's time",
    )
    first = "tests to try first, by a part of their names: those written for what survived"
    parser.add_argument("--first", nargs="+", default=(), help=first)
    parser.add_argument("--fresh", action="store_true", help="forget what was found before")
    parser.add_argument("--list", action="store_true", help="only count the mutants")
    parser.add_argument("--page", action="store_true", help="only write the page again")
    parser.add_argument("--sample", action="store_true", help="only a handful, all to be caught")
    arguments = parser.parse_args()
    if arguments.sample:
        preload()
        return 0 if try_sample() else 1
    wanted = arguments.targets or [""]
    exact = [one for one in TARGETS if one.name in wanted]
    targets = exact or [one for one in TARGETS if any(part in one.name for part in wanted)]
    if arguments.list:
        for target in targets:
            tree = ast.parse((ROOT / target.path).read_text())
            print(f"{target.name}: {len(mutations(tree, target.path))}")
        return 0
    if not arguments.page:
        preload()
        covered = measure(test_files(targets), is_fresh=arguments.fresh)
        _try_all(targets, covered, arguments)
    short = write(_results())
    print(f"Written: {PAGE.relative_to(ROOT)}")
    for name in short:
        print(f"✗ too few caught: {name}", file=sys.stderr)
    return min(len(short), 1)


if __name__ == "__main__":
    sys.exit(main())
