"""The integration's code, read without running it."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
import re

from homeassistant import const

from .house import HOUSE

_THEIRS = {name: value for name, value in vars(const).items() if isinstance(value, str)}


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """One module; `names` are the texts that names in it stand for."""

    path: Path
    tree: ast.Module
    names: Mapping[str, str]

    def calls(self) -> Iterator[tuple[str, ast.Call]]:
        """Return every call with the bare name of what is called."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call):
                yield getattr(node.func, "attr", getattr(node.func, "id", "")), node

    def text(self, node: ast.expr | None) -> str | None:
        """Return the text an expression stands for; None where that is not plain to see."""
        if isinstance(node, ast.Name):
            return self.names.get(node.id)
        pattern = self.pattern(node)
        return None if pattern is None or _ANY in pattern else re.sub(r"\\(.)", r"\1", pattern)

    def pattern(self, node: ast.AST | None) -> str | None:
        """Return what a text looks like; what goes into it at run time may be anything."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return re.escape(node.value)
        if not isinstance(node, ast.JoinedStr):
            return None
        return "".join(self._part(part) for part in node.values)

    def _part(self, part: ast.expr) -> str:
        inner = part.value if isinstance(part, ast.FormattedValue) else part
        known = self.names.get(inner.id) if isinstance(inner, ast.Name) else None
        if isinstance(part, ast.Constant):
            known = str(part.value)
        return _ANY if known is None else re.escape(known)


_ANY = r"\w+"


def sources(root: Path) -> list[Source]:
    """Return every module of the integration."""
    house = root / HOUSE
    trees = {path: ast.parse(path.read_text()) for path in sorted(house.rglob("*.py"))}
    rooms: dict[Path, dict[str, str]] = {}
    for path, tree in trees.items():
        rooms.setdefault(path.parent, {}).update(_constants(tree))
    found = []
    for path, tree in trees.items():
        # A name is most likely the module's own, or else its room's, or the house's.
        above = [folder for folder in reversed(path.parents) if folder in rooms]
        names = dict(_THEIRS)
        for folder in above:
            names |= rooms[folder]
        found.append(Source(path=path.relative_to(root), tree=tree, names=names | _constants(tree)))
    return found


def _constants(tree: ast.Module) -> dict[str, str]:
    found = {}
    for node in tree.body:
        target = node.targets[0] if isinstance(node, ast.Assign) else None
        target = node.target if isinstance(node, ast.AnnAssign) else target
        value = getattr(node, "value", None)
        if (
            isinstance(target, ast.Name)
            and isinstance(value, ast.Constant)
            and isinstance(value.value, str)
        ):
            found[target.id] = value.value
    return found
