"""Check who may import whom, and other rules that hold for every file."""

import ast
from collections.abc import Iterator
from pathlib import Path
import sys

import pytest

from custom_components.smartlocks.vendors import VENDORS
from tests.simulators import SIMULATORS
from tests.vendors.answers import ANSWERS

ROOT = Path(__file__).parents[1]
INTEGRATION = ROOT / "custom_components" / "smartlocks"

# Who may import whom, edge by edge. A vendor's files may import each other and what
# `VENDOR` names; its `api` may import nothing of ours but `http`.
CORE = {"const", "exceptions", "helpers", "http", "models", "request_queue", "state_tracker"}
COORDINATOR = {*CORE, "commands", "coordinator", "polling", "repairs", "tracked_lock"}
PLATFORM = {"const", "coordinator", "entity", "models"}
VENDOR = {*COORDINATOR, "vendors.base", "vendors.push", "vendors.schemas"}
EDGES: dict[str, set[str]] = {
    "const": set(),
    "exceptions": set(),
    "http": set(),
    "listeners": {"const"},
    "models": set(),
    "request_queue": set(),
    "state_tracker": {"models"},
    "helpers": {"const", "http"},
    "commands": {"exceptions", "helpers", "models", "state_tracker"},
    "tracked_lock": {"commands", "models", "state_tracker"},
    "polling": {*CORE, "listeners", "tracked_lock"} - {"request_queue"},
    "codes": {"const", "helpers", "models"},
    "coordinator": {*CORE, "codes", "commands", "polling", "repairs", "tracked_lock"},
    "entity": {"const", "coordinator", "listeners", "models"},
    "binary_sensor": PLATFORM,
    "button": PLATFORM,
    "event": PLATFORM,
    "lock": {*PLATFORM, "codes"},
    "sensor": PLATFORM,
    "switch": PLATFORM,
    "webhook": {"const", "coordinator", "exceptions", "helpers", "models", "repairs"},
    "diagnostics": {"const", "coordinator", "entity", "repairs"},
    "repairs": {"const"},
    "system_health": {"const", "coordinator", "vendors", "vendors.base"},
    "events": {"const", "coordinator", "entity", "helpers", "models"},
    "condition": {"const", "events", "helpers"},
    "logbook": {"const", "events"},
    "trigger": {"const", "events", "models"},
    "services": {"const", "coordinator", "entity", "models"},
    "vendors.base": {"const", "coordinator", "helpers"},
    "vendors.push": set(),
    "vendors.schemas": {"const", "vendors.base"},
    "config_flow": {"codes", "const", "coordinator", "entity", "vendors", "vendors.base"},
    "": {
        "polling",
        "repairs",
        "const",
        "coordinator",
        "entity",
        "events",
        "helpers",
        "services",
        "vendors",
        "webhook",
    },
}
STANDARD_ONLY = ("models", "exceptions", "request_queue", "state_tracker")
API_MAY_IMPORT = {"aiohttp", "yarl", "cryptography"}
VENDOR_WORDS = ("loqed", "the_keys", "thekeys", "sesame", "candyhouse")
LONGEST = 700

FILES = sorted(INTEGRATION.rglob("*.py"))


def module_name(path: Path) -> str:
    """Return the dotted name of a file below the integration, which itself is ""."""
    parts = path.relative_to(INTEGRATION).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def allowed(name: str, other: str) -> bool:
    parts = name.split(".")
    if name == "vendors":
        return other.startswith("vendors.") and other.count(".") == 1
    if parts[0] != "vendors" or name in EDGES:
        return other in EDGES[name]
    own = ".".join(parts[:2])
    if parts[2:3] == ["api"]:
        return other == "http" or other.startswith(f"{own}.api")
    return other in VENDOR or other == own or other.startswith(f"{own}.")


def imports(path: Path) -> Iterator[str]:
    """Every module a file imports; our own with a leading dot."""
    name = module_name(path)
    package = name if path.stem == "__init__" else name.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module or ""
        elif isinstance(node, ast.ImportFrom):
            parents = package.split(".") if package else []
            base = parents[: len(parents) - node.level + 1]
            module = ".".join([*base, *([node.module] if node.module else [])])
            for alias in node.names:
                inner = f"{module}.{alias.name}".strip(".")
                yield f".{inner if _is_module(inner) else module}"


def _is_module(name: str) -> bool:
    path = INTEGRATION.joinpath(*name.split("."))
    return path.with_suffix(".py").exists() or (path / "__init__.py").exists()


def own(path: Path) -> set[str]:
    return {name[1:] for name in imports(path) if name.startswith(".")}


def foreign(path: Path) -> set[str]:
    return {name.split(".")[0] for name in imports(path) if not name.startswith(".")}


@pytest.mark.parametrize("path", FILES, ids=module_name)
def test_a_file_imports_only_what_it_may(path: Path) -> None:
    name = module_name(path)
    assert [other for other in sorted(own(path)) if not allowed(name, other)] == []


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("vendors.loqed.coordinator", "lock"),
        ("vendors.loqed.coordinator", "webhook"),
        ("vendors.loqed.config_flow", "config_flow"),
        ("vendors.loqed.coordinator", "vendors.the_keys"),
        ("vendors.loqed.api.client", "models"),
        ("lock", "webhook"),
        ("lock", "config_flow"),
        ("coordinator", "vendors.base"),
        ("state_tracker", "coordinator"),
    ],
)
def test_a_wrong_import_is_noticed(name: str, other: str) -> None:
    assert not allowed(name, other)


@pytest.mark.parametrize(
    "path",
    [path for path in FILES if "api" in path.relative_to(INTEGRATION).parts],
    ids=module_name,
)
def test_an_api_needs_no_home_assistant(path: Path) -> None:
    assert not {name for name in foreign(path) if not _is_standard(name)} - API_MAY_IMPORT
    assert "os" not in foreign(path) or "environ" in path.read_text()


@pytest.mark.parametrize("name", STANDARD_ONLY)
def test_these_need_only_the_standard_library(name: str) -> None:
    assert all(_is_standard(module) for module in foreign(INTEGRATION / f"{name}.py"))


def _is_standard(name: str) -> bool:
    return name in sys.stdlib_module_names


def test_every_file_is_named_in_the_architecture() -> None:
    words = (ROOT / "ARCHITECTURE.md").read_text("utf-8").split()
    files = {path.name for pattern in ("*.py", "*.yaml") for path in INTEGRATION.glob(pattern)}
    folders = {"blueprints/", "scripts/", "tests/", "translations/", "vendors/"}
    assert (files | folders) - set(words) == set()


def test_every_script_is_listed_for_contributors() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    scripts = [path for path in (ROOT / "scripts").glob("*") if path.is_file()]
    assert scripts
    assert [path.name for path in scripts if f"`scripts/{path.name}" not in text] == []


def test_there_is_no_circle() -> None:
    graph = {module_name(path): own(path) - {module_name(path)} for path in FILES}
    done: set[str] = set()

    def visit(name: str, way: tuple[str, ...]) -> None:
        assert name not in way, " -> ".join((*way, name))
        if name not in done:
            for other in graph.get(name, set()):
                # A package's own modules may be imported by its `__init__`.
                visit(other, (*way, name))
            done.add(name)

    for name in graph:
        visit(name, ())


@pytest.mark.parametrize("path", FILES, ids=module_name)
def test_no_vendor_is_named_outside_its_folder(path: Path) -> None:
    name = module_name(path)
    if name.startswith("vendors.") and (INTEGRATION / "vendors" / name.split(".")[1]).is_dir():
        return
    if name in ("", "vendors"):
        return
    text = path.read_text().lower()
    assert [word for word in VENDOR_WORDS if word in text] == []


@pytest.mark.parametrize("path", FILES, ids=module_name)
def test_a_file_is_small_and_of_our_time(path: Path) -> None:
    text = path.read_text()
    assert text.count("\n") <= LONGEST
    assert "from __future__" not in text
    assert "TYPE_CHECKING" not in text
    assert "httpx" not in text


def test_the_simulators_know_nothing_of_the_integration() -> None:
    for path in (ROOT / "tests" / "simulators").rglob("*.py"):
        modules = {
            module
            for node in ast.walk(ast.parse(path.read_text()))
            for module in (
                [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else []
            )
        }
        assert not [name for name in modules if name.startswith("custom_components")], path


def test_a_vendor_is_complete() -> None:
    words = (INTEGRATION / "translations" / "en.json").read_text()
    for key in VENDORS:
        assert key in SIMULATORS
        assert key in ANSWERS
        assert f'"{key}"' in words
        # The README links it: tests/test_readme.py.
        assert (ROOT / "docs" / f"{key.replace('_', '-')}.md").is_file()
