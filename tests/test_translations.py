"""Tests of the translations against the code: nothing is missing, and nothing is left over.

Every string constant of the integration counts as a key that it may look up, and so does
every f-string whose parts are known when the module is imported. The few keys that are put
together at run time are listed in GENERATED. What a test really shows is checked as it
happens, by tests/shown_texts.py.
"""

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from importlib import import_module
import json
from pathlib import Path
import re
from types import ModuleType
from typing import Any
from unicodedata import east_asian_width

from homeassistant.const import Platform
import pytest
import yaml

from custom_components.smartlocks import condition, trigger
from custom_components.smartlocks.events import USES
from custom_components.smartlocks.models import MOVEMENT, Action, Activity, FailureReason, Method
from custom_components.smartlocks.vendors import VENDORS
from tests.shown_texts import leaves

INTEGRATION = Path(__file__).parents[1] / "custom_components" / "smartlocks"
TRANSLATIONS = sorted((INTEGRATION / "translations").glob("*.json"))
ENGLISH: dict[str, Any] = json.loads((INTEGRATION / "translations" / "en.json").read_text("utf-8"))
TEXTS = leaves(ENGLISH)
ICONS: dict[str, Any] = json.loads((INTEGRATION / "icons.json").read_text("utf-8"))
SERVICES: dict[str, Any] = yaml.safe_load((INTEGRATION / "services.yaml").read_text("utf-8"))
TRIGGERS: dict[str, Any] = yaml.safe_load((INTEGRATION / "triggers.yaml").read_text("utf-8"))
CONDITIONS: dict[str, Any] = yaml.safe_load((INTEGRATION / "conditions.yaml").read_text("utf-8"))
PLACEHOLDER = re.compile(r"\{(\w+)\}")

# Keys that are put together at run time begin like this.
GENERATED = ("activity_", "cannot_", "command_", "how_", "no_push_url_")
# The words of Home Assistant's own schema for translations.
SCHEMA = frozenset(
    (
        *(
            "abort",
            "common",
            "conditions",
            "config",
            "config_subentries",
            "create_entry",
            "data",
            "data_description",
        ),
        *("description", "entity", "entry_type", "error", "exceptions", "fields", "fix_flow"),
        *("flow_title", "info", "initiate_flow", "issues", "menu_options", "message", "name"),
        "menu_option_descriptions",
        *("options", "selector", "services", "state", "state_attributes", "step"),
        *("system_health", "title", "triggers"),
        # The states of binary sensors, and the attribute of event entities.
        *("off", "on", "event_type"),
    )
)

STEPS = ("config.step", "options.step", "config_subentries.lock.step")
ERRORS = ("config.error", "options.error", "config_subentries.lock.error")
# What a fix flow ends with is checked when a test shows it.
FIX_ABORTS = tuple(f"issues.{key}.fix_flow.abort" for key in ENGLISH["issues"])
ABORTS = ("config.abort", "options.abort", "config_subentries.lock.abort", *FIX_ABORTS)
PLATFORMS = tuple(f"entity.{platform.value}" for platform in Platform)
ANY_KEY = (*PLATFORMS, "exceptions", "issues", "selector")

# Calls that look up a text: where it stands. The key is the first positional string.
BY_POSITION: Mapping[str, tuple[str, ...]] = {
    "CommandError": ("exceptions",),
    "NotConfirmedError": ("exceptions",),
    "Failure": ("exceptions",),
    "FlowAbort": ABORTS,
    "FlowError": ERRORS,
    "async_create_issue": ("issues",),
    "async_raise": ("issues",),
    "localize": ("common",),
    "options_form": STEPS,
}
# The same for keyword arguments, of a certain call or (None) of any.
BY_KEYWORD: Mapping[tuple[str | None, str], tuple[str, ...]] = {
    ("Failure", "key"): ("exceptions",),
    ("async_abort", "reason"): ABORTS,
    (None, "note"): ("config.create_entry",),
    (None, "step_id"): STEPS,
    (None, "translation_key"): ANY_KEY,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """A module of the integration, imported and as a tree."""

    path: Path
    module: ModuleType
    tree: ast.Module

    def text(self, node: ast.AST | None) -> str | None:
        """Return the string that an expression stands for; None if that is not known."""
        if isinstance(node, ast.Constant):
            return node.value if isinstance(node.value, str) else None
        if isinstance(node, ast.FormattedValue):
            return self.text(node.value)
        if isinstance(node, ast.Name | ast.Attribute):
            value = self._value(node)
            return str(value) if isinstance(value, str) else None
        if isinstance(node, ast.JoinedStr):
            parts = [self.text(part) for part in node.values]
            return None if None in parts else "".join(filter(None, parts))
        return None

    def _value(self, node: ast.expr) -> Any:
        if isinstance(node, ast.Name):
            return getattr(self.module, node.id, None)
        if isinstance(node, ast.Attribute):
            return getattr(self._value(node.value), node.attr, None)
        return None

    def strings(self) -> Iterator[str]:
        """Return every string that stands in the module, or that a name in it stands for."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.expr) and (text := self.text(node)) is not None:
                yield text
            elif isinstance(node, ast.AsyncFunctionDef):  # a step of a flow
                yield node.name.removeprefix("async_step_")
        for value in vars(self.module).values():
            if isinstance(value, type) and issubclass(value, Enum):
                yield from (member.value for member in value if isinstance(member.value, str))

    def beginnings(self) -> Iterator[str]:
        """Return what the f-strings begin with whose other parts are not known."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.JoinedStr) and self.text(node) is None:
                yield self.text(node.values[0]) or ""

    def lookups(self) -> Iterator[tuple[int, str, tuple[str, ...]]]:
        """Return each key that a well-known call looks up: line, key, and where it may be."""
        calls = [node for node in ast.walk(self.tree) if isinstance(node, ast.Call)]
        for node in calls:
            for places, value in _lookups(node):
                for one in _alternatives(value):
                    if (key := self.text(one)) is not None:
                        yield node.lineno, key, places


def _lookups(call: ast.Call) -> Iterator[tuple[tuple[str, ...], ast.expr]]:
    called = getattr(call.func, "attr", getattr(call.func, "id", ""))
    if called in BY_POSITION and call.args:
        yield BY_POSITION[called], call.args[0]
    for keyword in call.keywords:
        for name in (called, None):
            if (places := BY_KEYWORD.get((name, keyword.arg or ""))) is not None:
                yield places, keyword.value


def _alternatives(node: ast.expr) -> list[ast.expr]:
    return [node.body, node.orelse] if isinstance(node, ast.IfExp) else [node]


@cache
def sources() -> tuple[Source, ...]:
    """Return every module that may look up a text: all but the vendors' clients."""
    found = []
    for path in sorted(INTEGRATION.rglob("*.py")):
        parts = path.relative_to(INTEGRATION.parents[1]).with_suffix("").parts
        if "api" not in parts:
            name = ".".join(parts).removesuffix(".__init__")
            tree = _without_docstrings(ast.parse(path.read_text("utf-8")))
            found.append(Source(path=path, module=import_module(name), tree=tree))
    return tuple(found)


def _without_docstrings(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        if isinstance(body := getattr(node, "body", None), list):
            node.body = [  # type: ignore[attr-defined]
                line
                for line in body
                if not (isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant))
            ]
    return tree


@cache
def used() -> frozenset[str]:
    """Return every string of the integration."""
    return frozenset(text for source in sources() for text in source.strings())


def exists(key: str, places: tuple[str, ...]) -> bool:
    """Tell whether one of the places has a text of this key."""
    heads = tuple(f"{place}.{key}" for place in places)
    return any(name in heads or name.startswith(tuple(f"{h}." for h in heads)) for name in TEXTS)


def test_every_key_that_is_looked_up_exists() -> None:
    missing = [
        f"{source.path.relative_to(INTEGRATION)}:{line} {key}"
        for source in sources()
        for line, key, places in source.lookups()
        if not exists(key, places)
    ]
    assert missing == []


def test_every_entity_of_a_platform_has_a_text() -> None:
    names = {platform.value for platform in Platform}
    missing = [
        f"entity.{source.path.stem}.{key}"
        for source in sources()
        if source.path.parent == INTEGRATION and source.path.stem in names
        for _, key, places in source.lookups()
        if places == ANY_KEY and not exists(key, (f"entity.{source.path.stem}", "exceptions"))
    ]
    assert missing == []


def test_no_text_is_left_that_nothing_looks_up() -> None:
    clouds = {f"{vendor.key}_cloud" for vendor in VENDORS.values() if vendor.cloud is not None}
    actions = SERVICES.keys() | TRIGGERS.keys() | CONDITIONS.keys()
    known = used() | SCHEMA | actions | clouds
    left = [
        name
        for name in TEXTS
        for part in name.split(".")
        if part not in known and not part.startswith(GENERATED)
    ]
    assert left == []


@pytest.mark.parametrize("beginning", GENERATED)
def test_generated_keys_are_generated_somewhere(beginning: str) -> None:
    assert any(text.startswith(beginning) for one in sources() for text in one.beginnings())


def test_what_happens_at_a_lock_has_a_sentence_for_all_that_can_be_known() -> None:
    """The keys are put together in `events`."""
    known = ("", "_by", "_how", "_by_how")
    expected = {"key", "by_key", "not_verified", *(f"how_{method}" for method in Method)}
    for activity in set(Activity):
        ends = known if activity in USES else ("",)
        expected |= {f"activity_{activity}{end}" for end in ends}
    for action in (*MOVEMENT, Action.PRESS):
        reasons = set(FailureReason) - ({FailureReason.JAMMED} if action is Action.PRESS else set())
        expected |= {f"command_{action}_{reason}" for reason in reasons}
    assert ENGLISH["common"].keys() == expected
    for key, text in ENGLISH["common"].items():
        if key.startswith("activity_"):
            named = {"who"} if "_by" in key else set()
            assert set(PLACEHOLDER.findall(text)) == named | ({"how"} if "_how" in key else set())


def test_every_action_has_an_error_for_locks_that_cannot_do_it() -> None:
    assert {f"cannot_{action}" for action in Action} <= ENGLISH["exceptions"].keys()


@pytest.mark.parametrize("section", STEPS)
def test_every_field_has_a_label_and_a_description(section: str) -> None:
    labels = {name for name in TEXTS if name.startswith(f"{section}.") and ".data." in name}
    texts = {
        name for name in TEXTS if name.startswith(f"{section}.") and ".data_description." in name
    }
    assert {name.replace(".data.", ".data_description.", 1) for name in labels} == texts


@pytest.mark.parametrize("key", sorted(ENGLISH["issues"]))
def test_an_issue_has_a_description_or_a_fix_flow_with_the_same_placeholders(key: str) -> None:
    issue = ENGLISH["issues"][key]
    steps = issue.get("fix_flow", {}).get("step", {})
    assert ("description" in issue) != ("confirm" in steps)
    if steps:
        # A fix flow gets the placeholders that its issue was raised with.
        assert steps["confirm"].keys() == {"title", "description"}


def test_languages_are_those_that_the_readme_promises() -> None:
    assert {path.stem for path in TRANSLATIONS} == {"en", "nl", "fr", "de", "ja"}


@pytest.mark.parametrize("path", TRANSLATIONS, ids=lambda path: path.stem)
def test_languages_leave_no_sentence_in_english(path: Path) -> None:
    if path.stem == "en":
        pytest.skip("the language of reference")
    texts = leaves(json.loads(path.read_text("utf-8")))
    sentences = {name for name, text in TEXTS.items() if len(text.split()) > 4}
    assert [name for name in sentences if texts[name] == TEXTS[name]] == []


@pytest.mark.parametrize("path", TRANSLATIONS, ids=lambda path: path.stem)
def test_languages_have_the_same_keys_and_placeholders(path: Path) -> None:
    texts = leaves(json.loads(path.read_text("utf-8")))
    assert texts.keys() == TEXTS.keys()
    for name, text in texts.items():
        assert sorted(set(PLACEHOLDER.findall(text))) == sorted(
            set(PLACEHOLDER.findall(TEXTS[name]))
        ), name
        assert text == text.strip(), name
        assert text, name


def test_icons_are_for_what_exists() -> None:
    assert ICONS.keys() <= {"conditions", "entity", "services", "triggers"}
    for platform, entities in ICONS["entity"].items():
        assert entities.keys() <= ENGLISH["entity"][platform].keys()
        for key, icons in entities.items():
            states = ENGLISH["entity"][platform][key].get("state", {})
            assert icons.get("state", {}).keys() <= states.keys()
    assert ICONS["services"].keys() == SERVICES.keys()
    assert ICONS["triggers"].keys() == TRIGGERS.keys()
    assert ICONS["conditions"].keys() == CONDITIONS.keys()
    assert all(icon.startswith("mdi:") for icon in leaves(ICONS).values())


@pytest.mark.parametrize(
    ("section", "described"),
    [("services", SERVICES), ("triggers", TRIGGERS), ("conditions", CONDITIONS)],
)
def test_services_triggers_and_conditions_and_their_fields_are_described(
    section: str, described: dict[str, Any]
) -> None:
    assert ENGLISH[section].keys() == described.keys()
    for name, service in described.items():
        told = ENGLISH[section][name]
        assert told["name"]
        assert told["description"]
        fields = (service or {}).get("fields", {})
        assert told.get("fields", {}).keys() == fields.keys()
        assert all(
            field.keys() >= {"name", "description"} for field in told.get("fields", {}).values()
        )


def test_triggers_and_conditions_are_those_that_are_offered() -> None:
    assert trigger.TRIGGERS.keys() == TRIGGERS.keys()
    assert condition.CONDITIONS.keys() == CONDITIONS.keys()


@pytest.mark.parametrize(
    ("name", "field", "values"),
    [
        ("used", "activity", USES),
        ("used", "method", Method),
        ("command_failed", "action", (*MOVEMENT, Action.PRESS)),
        ("command_failed", "reason", FailureReason),
    ],
)
def test_choices_of_triggers_are_what_the_code_knows(
    name: str, field: str, values: Iterable[str]
) -> None:
    select = TRIGGERS[name]["fields"][field]["selector"]["select"]
    assert set(select["options"]) == set(values)
    options = ENGLISH["selector"][select["translation_key"]]["options"]
    assert options.keys() == set(values)


# What Home Assistant cuts off, with dots, where a phone has no room for it: in columns, of
# which Japanese characters take two.
PHONE = {"menu_options": 40, "title": 34}


def columns(text: str) -> int:
    """Return how wide a text is."""
    return sum(2 if east_asian_width(letter) in "FW" else 1 for letter in text)


@pytest.mark.parametrize("path", TRANSLATIONS, ids=lambda path: path.stem)
def test_titles_and_choices_of_dialogs_fit_on_a_phone(path: Path) -> None:
    texts = leaves(json.loads(path.read_text("utf-8")))
    cut = [
        name
        for name, text in texts.items()
        if ".step." in name
        for part in name.split(".")
        if columns(text) > PHONE.get(part, len(text) * 2)
    ]
    assert cut == []
