"""Running pytest in a forked process, with a module replaced by a broken one.

Home Assistant is imported once, before: that takes longer than most tests. Nothing of
ours is imported before the fork, so that the broken module is what is imported.
"""

import ast
from collections.abc import Callable, Sequence
from dataclasses import dataclass
import gc
import importlib
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
import json
import logging
import os
from pathlib import Path
import signal
import sys
import time
from types import CodeType, ModuleType
from typing import Any, Final, override

import pytest

from .targets import ROOT, Target

_PRELOADED: Final = (
    "aiohttp.test_utils",
    "freezegun",
    "homeassistant.components.cloud",
    "homeassistant.components.diagnostics",
    "homeassistant.components.http",
    "homeassistant.components.repairs",
    "homeassistant.components.webhook",
    "homeassistant.components.websocket_api",
    "homeassistant.components.zeroconf",
    "homeassistant.setup",
    "hypothesis.stateful",
    "pytest_homeassistant_custom_component.plugins",
    "pytest_homeassistant_custom_component.syrupy",
)
_OPTIONS: Final = ("-q", "-x", "-p", "no:cacheprovider", "-W", "ignore")
# Tests that need no Home Assistant are spared it: that takes longer than they do.
_PURE: Final = ("--noconftest",)
_NO_TESTS: Final = 5


def preload() -> None:
    """Import what every test needs and what is not ours."""
    # It misses a library for pictures of cameras, at length.
    logging.getLogger("homeassistant.components.camera.img_util").setLevel(logging.CRITICAL)
    for name in _PRELOADED:
        importlib.import_module(name)
    # pytest collects garbage five times at its end; there is none in what was imported here.
    gc.freeze()


class _BrokenModule(SourceFileLoader):
    """Loads a module from a tree instead of from its file."""

    def __init__(self, name: str, path: str, tree: ast.Module) -> None:
        super().__init__(name, path)
        self._tree = tree

    @override
    def get_code(self, fullname: str) -> CodeType:
        return compile(self._tree, self.path, "exec", dont_inherit=True)


class _Finder(MetaPathFinder):
    """Finds the one broken module before anything else does."""

    def __init__(self, name: str, path: Path, tree: ast.Module) -> None:
        self._name = name
        self._loader = _BrokenModule(name, str(path), tree)

    @override
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != self._name:
            return None
        return spec_from_file_location(fullname, self._loader.path, loader=self._loader)


class _Failures:
    """Tells the parent which test fails first, and ends there."""

    def __init__(self, pipe: int) -> None:
        self._pipe = pipe

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Tell of a failed test."""
        if report.failed:
            os.write(self._pipe, f"{report.nodeid}\n".encode())
            os._exit(1)


@dataclass(slots=True)
class Running:
    """A process that runs tests, and when it must be done (monotonic seconds)."""

    pid: int
    pipe: int
    limit: float

    def ended(self) -> tuple[str, str] | None:
        """Return how it ended and the test that failed; None while it runs."""
        pid, status = os.waitpid(self.pid, os.WNOHANG)
        if pid == 0:
            if time.monotonic() < self.limit:
                return None
            os.killpg(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        failed = os.read(self.pipe, 1 << 16).decode().partition("\n")[0]
        os.close(self.pipe)
        if pid == 0:
            return "timed out", failed
        code = os.waitstatus_to_exitcode(status)
        if code == _NO_TESTS:
            raise RuntimeError("a mutant's tests were not found")
        return ("survived" if code == 0 else "caught"), failed


def start(
    target: Target,
    tree: ast.Module,
    apply: Callable[[], None],
    tests: Sequence[str],
    limit: float,
) -> Running:
    """Fork, break the module there, and run the tests until one fails."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid:
        os.close(writing)
        return Running(pid, reading, time.monotonic() + limit)
    code = 1
    try:
        _be_quiet()
        apply()
        sys.meta_path.insert(0, _Finder(target.module, ROOT / target.path, tree))
        options: tuple[str, ...] = _OPTIONS
        if target.is_pure:
            options += _PURE
            os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
        code = int(pytest.main([*options, *tests], plugins=[_Failures(writing)]))
    finally:
        os._exit(code)


def _be_quiet() -> None:
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(nothing, stream)


def run_and_return(job: Callable[[], object]) -> Any:
    """Run something in a forked process, and return what it returned, through JSON."""
    reading, writing = os.pipe()
    pid = os.fork()
    if not pid:
        code = 1
        try:
            os.close(reading)
            _be_quiet()
            with os.fdopen(writing, "w") as out:
                json.dump(job(), out)
            code = 0
        finally:
            os._exit(code)
    os.close(writing)
    with os.fdopen(reading) as answer:
        text = answer.read()
    os.waitpid(pid, 0)
    return json.loads(text) if text else None
