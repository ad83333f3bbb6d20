"""manifest.json: the keys Home Assistant and HACS ask for, in their order."""

from collections.abc import Iterator
from pathlib import Path
import tomllib
from typing import Any

from awesomeversion import AwesomeVersion, AwesomeVersionException, AwesomeVersionStrategy

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
INTEGRATION_TYPES = {"device", "hub", "service"}
VERSIONS = [
    AwesomeVersionStrategy.CALVER,
    AwesomeVersionStrategy.SEMVER,
    AwesomeVersionStrategy.SIMPLEVER,
    AwesomeVersionStrategy.BUILDVER,
    AwesomeVersionStrategy.PEP440,
]
THEIR_PAGES = "https://www.home-assistant.io/integrations"


def problems(root: Path) -> Iterator[str]:
    """Tell what is wrong."""
    manifest = read(root, "manifest.json")
    for problem in (
        *_keys(list(manifest)),
        *_values(manifest),
        *_addresses(manifest),
        *_version(root, str(manifest.get("version"))),
    ):
        yield f"{HOUSE}/manifest.json: {problem}"


def _keys(keys: list[str]) -> Iterator[str]:
    for key in sorted(REQUIRED - set(keys)):
        yield f"{key} is missing"
    for key in sorted(set(keys) - ALLOWED):
        yield f"{key} is not known"
    if keys != ["domain", "name", *sorted(keys[2:])]:
        yield "domain and name come first, the rest by the alphabet"


def _values(manifest: dict[str, Any]) -> Iterator[str]:
    if manifest.get("domain") != HOUSE.name:
        yield "the domain is not the folder's name"
    if manifest.get("config_flow") is not True:
        yield "config_flow is not true, though there is one"
    if manifest.get("requirements"):
        yield "the integration needs nothing that Home Assistant does not ship"
    if manifest.get("iot_class") not in IOT_CLASSES:
        yield "no such iot_class"
    if manifest.get("integration_type") not in INTEGRATION_TYPES:
        yield "no such integration_type"
    owners = manifest.get("codeowners")
    if not owners or not all(owner.startswith("@") for owner in owners):
        yield "a code owner is not written as @name, or there is none"


def _addresses(manifest: dict[str, Any]) -> Iterator[str]:
    for key in ("documentation", "issue_tracker"):
        if not str(manifest.get(key, "")).startswith("https://"):
            yield f"{key} is no https address"
    if str(manifest.get("documentation")).startswith(THEIR_PAGES):
        yield "documentation leads to Home Assistant's own integrations"
    for service in manifest.get("zeroconf", []):
        match = {"type": service} if isinstance(service, str) else service
        if not str(match.get("type", "")).endswith(".local."):
            yield "a zeroconf type does not end with .local."
        if match.get("name", "") != match.get("name", "").lower():
            yield "a zeroconf name is not in lower case"


def _version(root: Path, version: str) -> Iterator[str]:
    try:
        AwesomeVersion(version, ensure_strategy=VERSIONS)
    except AwesomeVersionException:
        yield f"{version} is no version Home Assistant would load"
    project = tomllib.loads((root / "pyproject.toml").read_text())
    if version != project["project"]["version"]:
        yield "the version is another than pyproject.toml's"
