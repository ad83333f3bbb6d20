"""Sentences: each one the code speaks has its words, and all that its words speak of."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from .house import HOUSE, leaves, read
from .source import Source, sources
from .words import PLACEHOLDER

_ERRORS = ("config.error", "options.error", "config_subentries.lock.error")
_ABORTS = ("config.abort", "config_subentries.lock.abort")
# These reasons have their words in Home Assistant itself.
_THEIRS = {
    "already_in_progress",
    "reauth_successful",
    "reconfigure_successful",
    "single_instance_allowed",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Speaker:
    """A call that names a sentence: where in the call the name and the rest stand.

    `keyword` names the sentence, or None when the first argument does. Placeholders are
    its other keywords, but for `others`; None when they stand elsewhere.
    """

    places: tuple[str, ...]
    keyword: str | None = None
    others: frozenset[str] | None = None
    implied: frozenset[str] = frozenset()


_SPEAKERS: Mapping[str, Speaker] = {
    "CommandError": Speaker(places=("exceptions",), others=frozenset({"remedy"})),
    "Trouble": Speaker(places=("exceptions",), keyword="key"),
    "ConfigEntryError": Speaker(places=("exceptions",), keyword="translation_key"),
    "HomeAssistantError": Speaker(places=("exceptions",), keyword="translation_key"),
    "ServiceValidationError": Speaker(places=("exceptions",), keyword="translation_key"),
    "UpdateFailed": Speaker(places=("exceptions",), keyword="translation_key"),
    "FlowError": Speaker(places=_ERRORS, others=frozenset({"field"})),
    "FlowAbort": Speaker(places=_ABORTS, others=frozenset()),
    "async_abort": Speaker(places=_ABORTS, keyword="reason"),
    "Account": Speaker(places=("config.create_entry",), keyword="note"),
    "async_raise": Speaker(
        places=("issues",),
        others=frozenset({"is_fixable", "is_error"}),
        implied=frozenset({"name"}),
    ),
}


def problems(root: Path) -> Iterator[str]:
    """Tell what is wrong."""
    english = leaves(read(root, "translations", "en.json"))
    for source in sources(root):
        for called, call in source.calls():
            if (speaker := _SPEAKERS.get(called)) is not None:
                yield from _problems_of(source, call, speaker, english)


def _problems_of(
    source: Source, call: ast.Call, speaker: Speaker, english: Mapping[str, str]
) -> Iterator[str]:
    where = f"{source.path}:{call.lineno}"
    keywords = {keyword.arg: keyword.value for keyword in call.keywords}
    first = call.args[0] if call.args else None
    name = source.text(keywords.get(speaker.keyword) if speaker.keyword else first)
    if name is None or name in _THEIRS:
        return
    texts = _texts(english, speaker.places, name)
    if not texts:
        yield f"{where}: {speaker.places[0]}.{name} has no words in {HOUSE}/translations/en.json"
    if speaker.places == ("issues",):
        yield from _fixable(where, name, english, is_fixable="is_fixable" in keywords)
    if speaker.others is not None and None not in keywords:
        given = (keywords.keys() - speaker.others) | speaker.implied
        for missing in sorted({p for text in texts for p in PLACEHOLDER.findall(text)} - given):
            yield f"{where}: {name} speaks of {{{missing}}}, which is not given"


def _texts(english: Mapping[str, str], places: tuple[str, ...], name: str) -> list[str]:
    heads = tuple(f"{place}.{name}" for place in places)
    return [
        text
        for way, text in english.items()
        if way in heads or way.startswith(tuple(f"{head}." for head in heads))
    ]


def _fixable(
    where: str, name: str, english: Mapping[str, str], *, is_fixable: bool
) -> Iterator[str]:
    wanted = "fix_flow.step.confirm.description" if is_fixable else "description"
    if f"issues.{name}.{wanted}" not in english:
        yield f"{where}: the issue {name} has no {wanted}"
