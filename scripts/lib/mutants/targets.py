"""Which modules are broken on purpose, and which tests were written for each."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[3]
INTEGRATION: Final = "custom_components/smartlocks"
# Here at least so many in a hundred must be caught.
REQUIRED: Final = 95


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """One module, and the tests that must notice, the likeliest first.

    What `is_core` must reach REQUIRED. The tests of what `is_pure` need no Home Assistant
    and no shared fixtures.
    """

    path: str
    tests: tuple[str, ...]
    is_core: bool = False
    is_pure: bool = False

    @property
    def name(self) -> str:
        """Return the path as the report gives it."""
        return self.path.removeprefix(f"{INTEGRATION}/")

    @property
    def module(self) -> str:
        """Return the name that the module is imported by."""
        return self.path.removesuffix(".py").replace("/", ".")


def _target(name: str, *tests: str, **kind: bool) -> Target:
    return Target(path=f"{INTEGRATION}/{name}", tests=tests, **kind)


_LOQED: Final = "tests/vendors/loqed/test_"
_KEYS: Final = "tests/vendors/the_keys/test_"
_V3: Final = "tests/vendors/sesame_v3/test_"
_WEB: Final = "tests/vendors/sesame_web/test_"
_ANY: Final = "tests/vendors/test_"

TARGETS: Final = (
    _target("vendors/loqed/api/crypto.py", "tests/api/test_loqed_", is_core=True),
    _target("vendors/sesame_web/api/crypto.py", "tests/api/test_sesame_web_", is_core=True),
    _target("vendors/the_keys/api/crypto.py", "tests/api/test_the_keys_", is_core=True),
    _target(
        "vendors/loqed/api/webhook.py",
        "tests/api/test_loqed_webhook",
        is_core=True,
        is_pure=True,
    ),
    _target(
        "vendors/sesame_v3/api/webhook.py",
        "tests/api/test_sesame_v3_webhook",
        is_core=True,
        is_pure=True,
    ),
    _target(
        "vendors/loqed/api/cloud_webhook.py",
        "tests/api/test_loqed_web.py",
        f"{_LOQED}names",
        is_core=True,
    ),
    _target(
        "webhook.py",
        f"{_ANY}webhook",
        f"{_LOQED}webhook",
        f"{_V3}webhook",
        f"{_LOQED}discovery",
        f"{_ANY}odd_calls",
        f"{_LOQED}names",
        is_core=True,
    ),
    _target(
        "state_tracker.py",
        "tests/state_tracker/test_rules",
        "tests/state_tracker/test_edges",
        "tests/state_tracker/test_machine",
        "tests/test_readme",
        is_core=True,
        is_pure=True,
    ),
    _target("vendors/push.py", f"{_ANY}push", f"{_V3}webhook"),
    _target("http.py", "tests/test_http", "tests/api/test_loqed_client"),
    _target(
        "vendors/loqed/webhook.py",
        f"{_LOQED}webhook",
        f"{_LOQED}coordinator",
        f"{_LOQED}activity",
        f"{_LOQED}repairs",
        f"{_LOQED}forgeries",
    ),
    _target("vendors/sesame_v3/webhook.py", f"{_V3}entities", f"{_V3}webhook", f"{_V3}floods"),
    _target("vendors/loqed/names.py", f"{_LOQED}names", f"{_LOQED}web_alone"),
    _target("codes.py", f"{_ANY}codes", f"{_LOQED}web"),
    _target(
        "commands.py",
        f"{_KEYS}waiting",
        f"{_KEYS}commands",
        f"{_LOQED}commands",
        f"{_V3}commands",
        f"{_WEB}commands",
        f"{_LOQED}activity",
        f"{_LOQED}triggers",
        f"{_ANY}contract",
    ),
    _target(
        "coordinator.py",
        f"{_KEYS}waiting",
        f"{_LOQED}commands",
        f"{_KEYS}commands",
        f"{_WEB}commands",
        f"{_V3}commands",
        f"{_ANY}contract",
        f"{_ANY}init",
        f"{_ANY}codes",
        f"{_LOQED}triggers",
        f"{_LOQED}activity",
        f"{_KEYS}coordinator",
        f"{_WEB}coordinator",
    ),
    _target(
        "lock.py",
        f"{_KEYS}commands",
        f"{_LOQED}entities",
        f"{_LOQED}commands",
        f"{_KEYS}entities",
        f"{_V3}entities",
        f"{_ANY}contract",
        f"{_ANY}codes",
    ),
    _target(
        "tracked_lock.py",
        f"{_KEYS}coordinator",
        f"{_LOQED}coordinator",
        f"{_WEB}coordinator",
    ),
    _target(
        "polling.py",
        f"{_KEYS}coordinator",
        f"{_LOQED}coordinator",
        f"{_WEB}coordinator",
        f"{_LOQED}activity",
        f"{_ANY}contract",
        f"{_ANY}init",
        f"{_KEYS}commands",
    ),
)


def test_files(targets: Iterable[Target]) -> list[str]:
    """Return the files of tests that are run against the mutants of some modules."""
    paths = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.glob("tests/**/test_*.py"))
    wanted = {start for target in targets for start in target.tests}
    return [path for path in paths if path.startswith(tuple(wanted))]
