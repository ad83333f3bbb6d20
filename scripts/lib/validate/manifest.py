"""manifest.json: the keys Home Assistant and HACS ask for, in their order."""

from collections.abc import Iterator
from pathlib import Path

from .house import HOUSE, read

REQUIRED = {
    "codeowners",
    "config_flow",
    "dependencies",
    "documentation",
    "domain",
    "integration_type",
    "iot_class",
    "issue_tracker",
    "name",
    "requirements",
    "version",
}
ALLOWED = REQUIRED | {
    "after_dependencies",
    "dhcp",
    "import_executor",
    "loggers",
    "quality_scale",
    "single_config_entry",
    "zeroconf",
}
IOT_CLASSES = {"local_push", "local_polling", "cloud_push", "cloud_polling"}


def problems(root: Path) -> Iterator[str]:
    """Tell what is wrong."""
    where = HOUSE / "manifest.json"
    manifest = read(root, "manifest.json")
    keys = list(manifest)
    for key in sorted(REQUIRED - set(keys)):
        yield f"{where}: {key} is missing"
    for key in sorted(set(keys) - ALLOWED):
        yield f"{where}: {key} is not known"
    if keys != ["domain", "name", *sorted(keys[2:])]:
        yield f"{where}: domain and name come first, the rest by the alphabet"
    if manifest.get("domain") != HOUSE.name:
        yield f"{where}: the domain is not the folder's name"
    if manifest.get("requirements"):
        yield f"{where}: the integration needs nothing that Home Assistant does not ship"
    if manifest.get("iot_class") not in IOT_CLASSES:
        yield f"{where}: no such iot_class"
    if not str(manifest.get("documentation", "")).startswith("https://"):
        yield f"{where}: documentation is no https address"
    for entry in manifest.get("zeroconf", []):
        if entry.get("name", "") != entry.get("name", "").lower():
            yield f"{where}: a zeroconf name is not in lower case"
