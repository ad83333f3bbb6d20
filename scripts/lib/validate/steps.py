"""The flow: every page and every field has its words, and gives what they speak of."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

from .house import HOUSE, leaves, read
from .source import Source, sources
from .words import PLACEHOLDER

_PLACES = ("config.step", "options.step", "config_subentries.lock.step")
_FIELDS = {"Required", "Optional"}
_PAGES = {"Form", "Menu"}


def problems(root: Path) -> Iterator[str]:
    """Tell what is wrong."""
    english = leaves(read(root, "translations", "en.json"))
    labels = {
        way.rsplit(".", 1)[-1] for way in english if ".data." in way and way.startswith(_PLACES)
    }
    fields = set()
    for source in sources(root):
        for called, call in source.calls():
            if called in _PAGES:
                yield from _page(source, call, english)
            if called in _FIELDS and (name := source.text(call.args[0])) is not None:
                fields.add(name)
                if name not in labels:
                    yield f"{source.path}:{call.lineno}: the field {name} has no words"
    for name in sorted(labels - fields):
        yield f"{HOUSE}/translations/en.json: there is no field {name}"


def _page(source: Source, call: ast.Call, english: Mapping[str, str]) -> Iterator[str]:
    where = f"{source.path}:{call.lineno}"
    keywords = {keyword.arg: keyword.value for keyword in call.keywords}
    step = source.text(keywords.get("step_id"))
    if step is None:
        return
    heads = tuple(f"{place}.{step}." for place in _PLACES)
    texts = [text for way, text in english.items() if way.startswith(heads)]
    if not texts:
        yield f"{where}: the page {step} has no words in {HOUSE}/translations/en.json"
    given = _given(keywords.get("placeholders"))
    spoken = {name for text in texts for name in PLACEHOLDER.findall(text)}
    for missing in sorted(spoken - given if given is not None else ()):
        yield f"{where}: the page {step} speaks of {{{missing}}}, which is not given"


def _given(node: ast.expr | None) -> set[str] | None:
    """Return the names in a literal of placeholders; None where it is no literal."""
    if node is None:
        return set()
    if not isinstance(node, ast.Dict) or None in node.keys:
        return None
    return {str(key.value) for key in node.keys if isinstance(key, ast.Constant)}
