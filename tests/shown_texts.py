"""Check every text that a test makes Home Assistant show: it exists, with its placeholders.

A pytest plugin. Whatever flows, exceptions, repair issues, entities, system health and the
sentences in Activity look up is checked when it happens; a test in which something is
missing fails. The texts of triggers and conditions count as shown when an automation uses
them: their names, and those of the options and choices that it gives. At the end of a run
with --shown-texts, the texts that no test has shown are listed, and the run fails.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import wraps
import json
from pathlib import Path
import re
from typing import Any, override

from homeassistant.components.repairs import RepairsFlow
from homeassistant.components.system_health import SystemHealthRegistration
from homeassistant.config_entries import ConfigFlow, ConfigSubentryFlow, OptionsFlow
from homeassistant.data_entry_flow import FlowManager
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er, issue_registry as ir
from homeassistant.helpers.condition import ConditionConfig
from homeassistant.helpers.translation import async_get_cached_translations
from homeassistant.helpers.trigger import Trigger, TriggerConfig
import pytest
import yaml

from custom_components.smartlocks import helpers
from custom_components.smartlocks.condition import LastUsedByCondition

DOMAIN = "smartlocks"
INTEGRATION = Path(__file__).parents[1] / "custom_components" / DOMAIN
ENGLISH = INTEGRATION / "translations" / "en.json"
# What an automation may be made of, by section of the translations.
OFFERED: dict[str, Any] = {
    section: yaml.safe_load((INTEGRATION / f"{section}.yaml").read_text("utf-8"))
    for section in ("triggers", "conditions")
}
PLACEHOLDER = re.compile(r"\{(\w+)\}")
# Shown by Home Assistant's own pages, whatever the code does.
ALWAYS_SHOWN = (
    "title",
    "config.flow_title",
    "config.initiate_flow.",
    "config_subentries.lock.entry_type",
    "config_subentries.lock.initiate_flow.",
    "services.",
)


def leaves(tree: Any, *path: str) -> dict[str, str]:
    """Return the texts of nested objects by their dotted path."""
    if not isinstance(tree, dict):
        return {".".join(path): str(tree)}
    return {
        name: text
        for key, inner in tree.items()
        for name, text in leaves(inner, *path, key).items()
    }


@dataclass(kw_only=True)
class ShownTexts:
    """The texts that were shown so far, and what was wrong with them."""

    english: Mapping[str, str]
    shown: set[str] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)

    @property
    def never_shown(self) -> list[str]:
        """Return the texts that nothing has shown."""
        return [
            name
            for name in self.english
            if name not in self.shown and not name.startswith(ALWAYS_SHOWN)
        ]

    def show(self, path: str, given: Mapping[str, Any] | None, *, exactly: bool = True) -> None:
        """Take that the text at a path, or all below it, is shown with these placeholders."""
        found = {
            name: text
            for name, text in self.english.items()
            if name == path or name.startswith(f"{path}.")
        }
        self.shown |= found.keys()
        used = {name for text in found.values() for name in PLACEHOLDER.findall(text)}
        names = set(given or ())
        if not found:
            self.problems.append(f"{path} does not exist")
        if used - names:
            self.problems.append(f"{path} is not given {', '.join(sorted(used - names))}")
        if exactly and found and names - used:
            self.problems.append(f"{path} does not use {', '.join(sorted(names - used))}")

    def automation(self, section: str, name: str, options: Mapping[str, Any] | None) -> None:
        """Take that somebody reads a trigger or a condition, with the options that are given."""
        path = f"{section}.{name}"
        for text in ("name", "description"):
            self.show(f"{path}.{text}", None)
        fields = OFFERED[section][name]["fields"]
        for option, given in (options or {}).items():
            if option not in fields:
                continue
            self.show(f"{path}.fields.{option}", None)
            key = (fields[option]["selector"].get("select") or {}).get("translation_key")
            for choice in given if key is not None else ():
                self.show(f"selector.{key}.options.{choice}", None)

    def step(self, flow: Any, result: Mapping[str, Any]) -> None:
        """Check what a step of one of our flows shows."""
        section = _section(flow)
        if section is None:
            return
        given = result.get("description_placeholders")
        kind = result["type"]
        if kind == "abort" and result.get("translation_domain") in (None, DOMAIN):
            self.show(f"{section}.abort.{result['reason']}", given)
        elif kind == "create_entry" and result.get("description"):
            self.show(f"{section}.create_entry.{result['description']}", given)
        elif kind in ("form", "menu"):
            step = f"{section}.step.{result['step_id']}"
            below = self._options(step, result) if kind == "menu" else self._fields(result)
            for path in (*self._headings(step), *(f"{step}.{name}" for name in below)):
                self.show(path, given, exactly=False)
            for error in (result.get("errors") or {}).values():
                self.show(f"{section}.error.{error}", given, exactly=False)

    def _headings(self, step: str) -> Iterator[str]:
        yield f"{step}.title"
        if f"{step}.description" in self.english:
            yield f"{step}.description"

    def _options(self, step: str, menu: Mapping[str, Any]) -> Iterator[str]:
        for option in menu["menu_options"]:
            yield f"menu_options.{option}"
            if f"{step}.menu_option_descriptions.{option}" in self.english:
                yield f"menu_option_descriptions.{option}"

    def _fields(self, form: Mapping[str, Any]) -> Iterator[str]:
        schema = form["data_schema"]
        for name, selector in {} if schema is None else schema.schema.items():
            yield f"data.{name}"
            yield f"data_description.{name}"
            key = getattr(selector, "config", {}).get("translation_key")
            if key is not None:
                self.show(f"selector.{key}", None)


def _section(flow: Any) -> str | None:
    """Return where the texts of a flow stand; None when it is not ours."""
    if not type(flow).__module__.startswith(f"custom_components.{DOMAIN}"):
        return None
    if isinstance(flow, ConfigFlow):
        return "config"
    if isinstance(flow, OptionsFlow):
        return "options"
    if isinstance(flow, ConfigSubentryFlow):
        return f"config_subentries.{flow.handler[1]}"
    if isinstance(flow, RepairsFlow):
        issue = ir.async_get(flow.hass).async_get_issue(DOMAIN, flow.issue_id)
        return None if issue is None else f"issues.{issue.translation_key}.fix_flow"
    return None


TEXTS = ShownTexts(english=leaves(json.loads(ENGLISH.read_text("utf-8"))))


class Words(dict[str, str]):
    """The texts in `common`, which tell what is looked up in them."""

    @staticmethod
    def path(name: str) -> str:
        """Return where a text stands."""
        return name.removeprefix(f"component.{DOMAIN}.")

    @override
    def __contains__(self, name: object) -> bool:
        if (path := self.path(str(name))) not in TEXTS.english:
            TEXTS.problems.append(f"{path} does not exist")
        return super().__contains__(name)

    @override
    def __getitem__(self, name: str) -> str:
        TEXTS.shown.add(self.path(name))
        return super().__getitem__(name)


@pytest.fixture(autouse=True)
def _check_shown_texts(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fail a test that shows a text which does not exist or lacks a placeholder."""
    TEXTS.problems.clear()
    handle_step = FlowManager._async_handle_step
    raise_error = HomeAssistantError.__init__
    create_issue = ir.IssueRegistry.async_get_or_create
    create_entity = er.EntityRegistry.async_get_or_create

    @wraps(handle_step)
    async def on_step(self: Any, flow: Any, *args: Any) -> Any:
        result = await handle_step(self, flow, *args)
        TEXTS.step(flow, result)
        return result

    @wraps(raise_error)
    def on_error(self: Any, *args: Any, **kwargs: Any) -> None:
        raise_error(self, *args, **kwargs)
        if kwargs.get("translation_domain") == DOMAIN:
            key = f"exceptions.{kwargs['translation_key']}"
            TEXTS.show(key, kwargs.get("translation_placeholders"))

    @wraps(create_issue)
    def on_issue(self: Any, domain: str, issue_id: str, **kwargs: Any) -> Any:
        if domain == DOMAIN:
            given = dict(kwargs["translation_placeholders"] or {})
            TEXTS.show(f"issues.{kwargs['translation_key']}", given)
        return create_issue(self, domain, issue_id, **kwargs)

    @wraps(create_entity)
    def on_entity(self: Any, domain: str, platform: str, *args: Any, **kwargs: Any) -> Any:
        key = kwargs.get("translation_key")
        if platform == DOMAIN and isinstance(key, str):
            TEXTS.show(f"entity.{domain}.{key}", None)
        return create_entity(self, domain, platform, *args, **kwargs)

    monkeypatch.setattr(FlowManager, "_async_handle_step", on_step)
    monkeypatch.setattr(HomeAssistantError, "__init__", on_error)
    monkeypatch.setattr(ir.IssueRegistry, "async_get_or_create", on_issue)
    monkeypatch.setattr(er.EntityRegistry, "async_get_or_create", on_entity)
    _watch_automations(monkeypatch)
    _watch_pages(monkeypatch)
    yield
    assert TEXTS.problems == []


def _watch_automations(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take note of the triggers and conditions that automations are made of."""
    make_trigger = Trigger.__init__
    make_condition = LastUsedByCondition.__init__

    @wraps(make_trigger)
    def on_trigger(self: Any, hass: Any, config: TriggerConfig) -> None:
        make_trigger(self, hass, config)
        domain, _, name = config.key.partition(".")
        if domain == DOMAIN:
            TEXTS.automation("triggers", name, config.options)

    @wraps(make_condition)
    def on_condition(self: Any, hass: Any, config: ConditionConfig) -> None:
        make_condition(self, hass, config)
        TEXTS.automation("conditions", "last_used_by", config.options)

    monkeypatch.setattr(Trigger, "__init__", on_trigger)
    monkeypatch.setattr(LastUsedByCondition, "__init__", on_condition)


def _watch_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take note of what Activity and system health show."""
    get_texts = async_get_cached_translations
    register_info = SystemHealthRegistration.async_register_info

    @wraps(get_texts)
    def on_texts(*args: Any) -> dict[str, str]:
        return Words(get_texts(*args))

    @wraps(register_info)
    def on_info(self: Any, info: Callable[[Any], Awaitable[Any]], *args: Any) -> None:
        async def told(hass: Any) -> Any:
            values = await info(hass)
            for key in values:
                TEXTS.show(f"system_health.info.{key}", None)
            return values

        register_info(self, told if self.domain == DOMAIN else info, *args)

    monkeypatch.setattr(helpers, get_texts.__name__, on_texts)
    monkeypatch.setattr(SystemHealthRegistration, "async_register_info", on_info)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option."""
    parser.addoption(
        "--shown-texts", action="store_true", help="fail if a text is never shown by a test"
    )


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Collect what a worker's tests have shown."""
    TEXTS.shown.update(getattr(node, "workeroutput", {}).get("shown_texts", ()))


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Report what this worker's tests have shown, or judge the whole run."""
    config = session.config
    if hasattr(config, "workeroutput"):
        config.workeroutput["shown_texts"] = sorted(TEXTS.shown)
    elif config.getoption("--shown-texts") and TEXTS.never_shown and not session.exitstatus:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """List the texts that were never shown."""
    if config.getoption("--shown-texts") and TEXTS.never_shown:
        terminalreporter.section("texts never shown by a test")
        for name in TEXTS.never_shown:
            terminalreporter.line(name)
