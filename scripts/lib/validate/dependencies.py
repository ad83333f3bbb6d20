"""Dependencies: the parts of Home Assistant the code imports are declared in the manifest."""

import ast
from collections.abc import Iterator
from pathlib import Path

from homeassistant.const import Platform

from .house import HOUSE, read
from .source import sources

_COMPONENTS = "homeassistant.components"
# Always there, so that nobody need declare them.
_ALWAYS = {"diagnostics", "homeassistant", "repairs", "system_health", "webhook"}


def problems(root: Path) -> Iterator[str]:
    """Tell what is wrong."""
    manifest = read(root, "manifest.json")
    hard, soft = manifest.get("dependencies", []), manifest.get("after_dependencies", [])
    for name in sorted(set(hard) & set(soft)):
        yield f"{HOUSE}/manifest.json: {name} is a dependency twice"
    declared = {*hard, *soft, *_ALWAYS, *(platform.value for platform in Platform)}
    # Whoever is discovered by something may use it.
    declared |= {"zeroconf", "dhcp"} & manifest.keys()
    for source in sources(root):
        for name in sorted(set(_imported(source.tree)) - declared):
            yield f"{source.path}: imports {name}, which the manifest does not declare"


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == _COMPONENTS:
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            yield from _component(node.module)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                yield from _component(alias.name)


def _component(module: str) -> Iterator[str]:
    if module.startswith(f"{_COMPONENTS}."):
        yield module.split(".")[2]
