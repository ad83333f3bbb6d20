"""quality_scale.yaml: an honest word on every rule."""

from collections.abc import Iterator
from pathlib import Path

import yaml

from .house import HOUSE

RULES = frozenset(
    {
        "action-exceptions",
        "action-setup",
        "appropriate-polling",
        "async-dependency",
        "brands",
        "common-modules",
        "config-entry-unloading",
        "config-flow",
        "config-flow-test-coverage",
        "dependency-transparency",
        "devices",
        "diagnostics",
        "discovery",
        "discovery-update-info",
        "docs-actions",
        "docs-conditions",
        "docs-configuration-parameters",
        "docs-data-update",
        "docs-examples",
        "docs-high-level-description",
        "docs-installation-instructions",
        "docs-installation-parameters",
        "docs-known-limitations",
        "docs-removal-instructions",
        "docs-supported-devices",
        "docs-supported-functions",
        "docs-triggers",
        "docs-troubleshooting",
        "docs-use-cases",
        "dynamic-devices",
        "entity-category",
        "entity-device-class",
        "entity-disabled-by-default",
        "entity-event-setup",
        "entity-translations",
        "entity-unavailable",
        "entity-unique-id",
        "exception-translations",
        "has-entity-name",
        "icon-translations",
        "inject-websession",
        "integration-owner",
        "log-when-unavailable",
        "parallel-updates",
        "reauthentication-flow",
        "reconfiguration-flow",
        "repair-issues",
        "runtime-data",
        "stale-devices",
        "strict-typing",
        "test-before-configure",
        "test-before-setup",
        "test-coverage",
        "unique-config-entry",
    }
)


def problems(root: Path) -> Iterator[str]:
    """Tell what is wrong."""
    where = HOUSE / "quality_scale.yaml"
    rules = yaml.safe_load((root / where).read_text())["rules"]
    for name in sorted(RULES ^ set(rules)):
        yield f"{where}: {name} is {'missing' if name in RULES else 'no rule'}"
    for name, word in rules.items():
        status = word.get("status") if isinstance(word, dict) else word
        if status not in ("done", "todo", "exempt"):
            yield f"{where}: {name} is neither done, todo nor exempt"
        if status == "exempt" and not word.get("comment"):
            yield f"{where}: {name} is exempt and does not say why"
