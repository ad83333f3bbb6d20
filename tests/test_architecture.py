"""Who may import whom: the rules of the house, read from the code itself."""

import ast
from collections.abc import Iterator
from pathlib import Path
import sys

import pytest

from custom_components.smartlocks.vendors import VENDORS
from tests.simulators import SIMULATORS
from tests.vendors.answers import ANSWERS

ROOT = Path(__file__).parents[1]
HOUSE = ROOT / "custom_components" / "smartlocks"

# A room may import its own floor and those below. A vendor's rooms are on floor 3, its
# `api` stands outside the house.
FLOORS: dict[str, int] = {
    "models": 0,
    "exceptions": 0,
    "const": 0,
    "http": 0,
    "helpers": 0,
    "request_queue": 0,
    "issues": 1,
    "coordinator": 1,
    "push": 1,
    "vendors.base": 2,
    "vendors.fields": 2,
    "vendors.push_options": 2,
    "vendors.events": 2,
    "entity": 2,
    "devices": 2,
    "pages": 2,
    "push_url": 2,
    "webhook": 2,
    "binary_sensor": 2,
    "button": 2,
    "event": 2,
    "lock": 2,
    "sensor": 2,
    "services": 2,
    "vendors": 4,
    "": 5,
    "config_flow": 5,
    "diagnostics": 5,
    "repairs": 5,
}
STANDARD_ONLY = ("models", "exceptions", "request_queue")
API_MAY_IMPORT = {"aiohttp", "yarl", "cryptography"}
VENDOR_WORDS = ("loqed", "the_keys", "thekeys", "sesame", "candyhouse")
LONGEST = 270

FILES = sorted(HOUSE.rglob("*.py"))


def room(path: Path) -> str:
    """The dotted name of a file below the house; the house itself is ""."""
    parts = path.relative_to(HOUSE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def floor(name: str) -> int:
    parts = name.split(".")
    if parts[0] == "vendors" and name not in FLOORS:
        return 3
    return FLOORS[name]


def imports(path: Path) -> Iterator[str]:
    """Every module a file imports; our own with a leading dot."""
    name = room(path)
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
                yield f".{inner if _is_room(inner) else module}"


def _is_room(name: str) -> bool:
    path = HOUSE.joinpath(*name.split("."))
    return path.with_suffix(".py").exists() or (path / "__init__.py").exists()


def own(path: Path) -> set[str]:
    return {name[1:] for name in imports(path) if name.startswith(".")}


def foreign(path: Path) -> set[str]:
    return {name.split(".")[0] for name in imports(path) if not name.startswith(".")}


@pytest.mark.parametrize("path", FILES, ids=room)
def test_nobody_imports_upwards(path: Path) -> None:
    name = room(path)
    if ".api" in name:
        return
    assert [other for other in own(path) if floor(other) > floor(name)] == []


@pytest.mark.parametrize("path", FILES, ids=room)
def test_a_vendor_knows_no_other_vendor(path: Path) -> None:
    parts = room(path).split(".")
    vendor = parts[1] if len(parts) > 1 and (HOUSE / "vendors" / parts[1]).is_dir() else None
    for other in own(path):
        theirs = other.split(".")
        if theirs[0] == "vendors" and len(theirs) > 1 and (HOUSE / "vendors" / theirs[1]).is_dir():
            assert theirs[1] == vendor or room(path) == "vendors", other


@pytest.mark.parametrize(
    "path", [path for path in FILES if "api" in path.relative_to(HOUSE).parts], ids=room
)
def test_an_api_knows_nothing_of_the_house(path: Path) -> None:
    api = ".".join(room(path).split(".")[:3])
    assert all(other.startswith(api) or other == "http" for other in own(path))
    assert not {name for name in foreign(path) if not _is_standard(name)} - API_MAY_IMPORT


@pytest.mark.parametrize("name", STANDARD_ONLY)
def test_the_ground_floor_needs_nothing(name: str) -> None:
    assert all(_is_standard(module) for module in foreign(HOUSE / f"{name}.py"))


def _is_standard(name: str) -> bool:
    return name in sys.stdlib_module_names


def test_there_is_no_circle() -> None:
    graph = {room(path): own(path) - {room(path)} for path in FILES}
    done: set[str] = set()

    def visit(name: str, way: tuple[str, ...]) -> None:
        assert name not in way, " -> ".join((*way, name))
        if name not in done:
            for other in graph.get(name, set()):
                # A package's own rooms may be imported by its front door.
                visit(other, (*way, name))
            done.add(name)

    for name in graph:
        visit(name, ())


@pytest.mark.parametrize("path", FILES, ids=room)
def test_no_vendor_is_named_outside_its_folder(path: Path) -> None:
    name = room(path)
    if name.startswith("vendors.") and (HOUSE / "vendors" / name.split(".")[1]).is_dir():
        return
    if name in ("", "vendors"):
        return
    text = path.read_text().lower()
    assert [word for word in VENDOR_WORDS if word in text] == []


@pytest.mark.parametrize("path", FILES, ids=room)
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
    readme = (ROOT / "README.md").read_text()
    words = (HOUSE / "translations" / "en.json").read_text()
    for key in VENDORS:
        assert key in SIMULATORS
        assert key in ANSWERS
        assert f'"{key}"' in words
        assert f"<!-- {key} -->" in readme, f"README has no section for {key}"
