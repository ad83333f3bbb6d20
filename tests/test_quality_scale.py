"""The quality scale: its table against the files, and what Home Assistant's own checks look for."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
import re
import tomllib
from typing import Any

import pytest
import yaml

from custom_components.smartlocks.const import PLATFORMS
from custom_components.smartlocks.vendors import VENDORS

ROOT = Path(__file__).parents[1]
INTEGRATION = ROOT / "custom_components" / "smartlocks"
TABLE = ROOT / "docs" / "quality-scale.md"
RULES: dict[str, Any] = yaml.safe_load((INTEGRATION / "quality_scale.yaml").read_text("utf-8"))[
    "rules"
]
ROW = re.compile(r"^\| (?P<rule>[a-z-]+) \| (?P<status>\w+) \| (?P<shown>.+) \|$", re.MULTILINE)
FILE = re.compile(r"`([\w./-]+)(?:::(\w+))?`")
SECTION = re.compile(r"\]\(([\w./-]+)#([\w-]+)\)")
ROWS = {row["rule"]: row for row in ROW.finditer(TABLE.read_text("utf-8"))}
FILES = sorted(INTEGRATION.rglob("*.py"))


@cache
def functions(path: Path) -> frozenset[str]:
    """Return the names of a file's functions."""
    tree = ast.parse(path.read_text("utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, _FUNCTION))


@cache
def anchors(path: Path) -> frozenset[str]:
    """Return what a page's headings can be linked by."""
    headings = re.findall(r"^#+ (.+)$", path.read_text("utf-8"), re.MULTILINE)
    kept = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings)
    return frozenset(heading.replace(" ", "-") for heading in kept)


_FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)


# The table.


def test_table_has_the_rules_in_the_order_of_the_file() -> None:
    assert list(ROWS) == list(RULES)


@pytest.mark.parametrize("rule", RULES)
def test_rule_has_the_same_status_in_table_and_file(rule: str) -> None:
    word, row = RULES[rule], ROWS[rule]
    status = word["status"] if isinstance(word, dict) else word
    assert row["status"] == status
    if status == "exempt":
        assert word["comment"] == row["shown"]
    else:
        assert FILE.search(row["shown"]) or SECTION.search(row["shown"])


@pytest.mark.parametrize("rule", RULES)
def test_rule_names_files_tests_and_sections_that_exist(rule: str) -> None:
    shown = ROWS[rule]["shown"]
    for name, function in FILE.findall(shown):
        assert (ROOT / name).is_file(), name
        assert not function or function in functions(ROOT / name), function
    for name, section in SECTION.findall(shown):
        assert section in anchors((TABLE.parent / name).resolve()), f"{name}#{section}"


# What Home Assistant's own checks look for in the code.


def entry_arguments(path: Path) -> Iterator[tuple[str, str]]:
    """Return the functions that Home Assistant calls with a config entry, and how it is typed."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, _FUNCTION) and node.name.startswith("async_"):
            for argument in node.args.args:
                if argument.arg in ("entry", "config_entry") and argument.annotation is not None:
                    yield node.name, ast.unparse(argument.annotation)


@pytest.mark.parametrize(
    "name",
    ["__init__", "config_flow", "diagnostics", *(platform.value for platform in PLATFORMS)],
)
def test_config_entry_when_it_is_an_argument_has_our_type(name: str) -> None:
    found = dict(entry_arguments(INTEGRATION / f"{name}.py"))
    assert found
    assert set(found.values()) == {"SmartLocksConfigEntry"}, found


def test_runtime_data_is_where_running_entries_are() -> None:
    text = (INTEGRATION / "__init__.py").read_text("utf-8")
    assert "entry.runtime_data = " in text
    assert not [path for path in FILES if "hass.data[DOMAIN]" in path.read_text("utf-8")]


@pytest.mark.parametrize("platform", PLATFORMS)
def test_platform_says_how_many_updates_run_at_once(platform: str) -> None:
    text = (INTEGRATION / f"{platform}.py").read_text("utf-8")
    assert re.search(r"^PARALLEL_UPDATES(: Final)? = \d", text, re.MULTILINE)


def test_actions_are_registered_when_the_integration_is_set_up() -> None:
    tree = ast.parse((INTEGRATION / "__init__.py").read_text("utf-8"))
    bodies = {node.name: ast.unparse(node) for node in tree.body if isinstance(node, _FUNCTION)}
    assert "async_register_services" in bodies["async_setup"]
    assert "async_register_services" not in bodies["async_setup_entry"]
    assert "async_config_entry_first_refresh" in bodies["async_setup_entry"]
    assert "async_unload_platforms" in bodies["async_unload_entry"]


def test_config_flow_has_the_steps_that_are_looked_for() -> None:
    steps = functions(INTEGRATION / "config_flow.py")
    assert steps >= {
        *("async_step_user", "async_step_zeroconf", "async_step_reauth"),
        *("async_step_reconfigure", "async_get_options_flow"),
    }
    text = (INTEGRATION / "config_flow.py").read_text("utf-8")
    assert "_abort_if_unique_id_configured()" in text
    assert functions(INTEGRATION / "diagnostics.py") >= {
        "async_get_config_entry_diagnostics",
        "async_get_device_diagnostics",
    }


def test_entities_subscribe_when_they_are_added() -> None:
    places = [
        node.name
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, _FUNCTION) and "async_subscribe_events(" in ast.unparse(node)
        if node.name != "async_subscribe_events"
    ]
    assert places == ["async_added_to_hass"]


@pytest.mark.parametrize("key", VENDORS)
def test_client_when_made_is_given_its_session(key: str) -> None:
    paths = sorted((INTEGRATION / "vendors" / key / "api").glob("*.py"))
    assert not [path for path in paths if "ClientSession(" in path.read_text("utf-8")]
    clients = [path for path in paths if "session: ClientSession" in path.read_text("utf-8")]
    assert clients


def test_types_are_checked_strictly() -> None:
    mypy = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["mypy"]
    assert mypy["strict"] is True
    assert "custom_components" in mypy["files"]
    hooks = (ROOT / ".pre-commit-config.yaml").read_text("utf-8")
    assert "mypy" in hooks
    ours = [path for path in FILES if "# mypy: ignore-errors" in path.read_text("utf-8")]
    assert ours == []


def test_anchor_of_a_heading_is_what_github_makes_of_it() -> None:
    assert "how-long-a-false-locked-can-last" in anchors(ROOT / "docs" / "state-tracker.md")
