"""Tests of the files around the code: manifest, HACS, quality scale, pictures, versions."""

import json
from pathlib import Path
import re
import subprocess
import tomllib
from typing import Any
import zipfile

from awesomeversion import AwesomeVersion, AwesomeVersionStrategy
from PIL import Image
import pytest
import yaml

from scripts.lib.release import archive, notes
from scripts.lib.repository import complaints, named

ROOT = Path(__file__).parents[1]
INTEGRATION = ROOT / "custom_components" / "smartlocks"
MANIFEST: dict[str, Any] = json.loads((INTEGRATION / "manifest.json").read_text("utf-8"))
HACS: dict[str, Any] = json.loads((ROOT / "hacs.json").read_text("utf-8"))
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))

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
# Those that Home Assistant loads a custom integration with.
VERSIONS = [
    AwesomeVersionStrategy.CALVER,
    AwesomeVersionStrategy.SEMVER,
    AwesomeVersionStrategy.SIMPLEVER,
    AwesomeVersionStrategy.BUILDVER,
    AwesomeVersionStrategy.PEP440,
]
# https://developers.home-assistant.io/docs/core/integration-quality-scale/rules
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
# The commands of which the tests and `.ci/run` take a sample.
WHOLE = frozenset(
    {
        "scripts/bench",
        "scripts/fault-matrix",
        "scripts/fuzz",
        "scripts/mutants",
        "scripts/prove-tracker",
        "scripts/simulate-months",
        "scripts/soak",
    }
)
# A path of the machine on which a file was written.
MACHINE = re.compile(r"(?<![\w./-])/(?:home/\w+|root|work|Users/\w+)/|\.\./shared\b")
TEXT = {".json", ".lock", ".md", ".py", ".sh", ".toml", ".yaml", ".yml", ""}


def test_manifest_has_the_required_keys_in_their_order() -> None:
    keys = list(MANIFEST)
    assert set(keys) >= REQUIRED
    assert keys == ["domain", "name", *sorted(keys[2:])]


def test_manifest_names_the_folder_and_needs_nothing() -> None:
    assert MANIFEST["domain"] == INTEGRATION.name
    assert MANIFEST["config_flow"] is True
    assert MANIFEST["requirements"] == []
    assert all(owner.startswith("@") for owner in MANIFEST["codeowners"])


def test_version_is_one_that_home_assistant_loads() -> None:
    AwesomeVersion(MANIFEST["version"], ensure_strategy=VERSIONS)


def test_version_stands_in_the_manifest_alone() -> None:
    assert PROJECT["project"]["version"] == "0.0.0"


def test_changelog_has_notes_for_the_version_of_the_manifest() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert notes(changelog, MANIFEST["version"])
    with pytest.raises(ValueError, match=r"9\.9\.9"):
        notes(changelog, "9.9.9")


def test_archive_of_a_release_holds_the_integration_at_its_top(tmp_path: Path) -> None:
    archive(tmp_path / "made.zip")
    with zipfile.ZipFile(tmp_path / "made.zip") as made:
        names = set(made.namelist())
    assert {"manifest.json", "__init__.py", "translations/en.json", "brand/icon.png"} <= names
    assert not [name for name in names if "__pycache__" in name]


def test_owners_are_the_same_in_the_manifest_and_on_github() -> None:
    owners = (ROOT / ".github" / "CODEOWNERS").read_text("utf-8").split()
    assert set(MANIFEST["codeowners"]) == {word for word in owners if word.startswith("@")}


def test_files_name_one_repository_and_its_owner() -> None:
    (repository,) = {name for names in named().values() for name in names}
    assert complaints(repository) == []
    # What the workflow says where the repository is another one.
    assert len(complaints("somebody/else")) == len(named()) + 1


def test_hacs_promises_the_release_that_the_oldest_lane_tests() -> None:
    assert HACS["name"] == MANIFEST["name"]
    assert f"homeassistant=={HACS['homeassistant']}" in PROJECT["dependency-groups"]["oldest"]


@pytest.mark.parametrize("lane", ["test", "oldest"])
def test_lane_of_tests_has_an_exact_home_assistant_and_harness(lane: str) -> None:
    pins = {
        name: version
        for text in PROJECT["dependency-groups"][lane]
        if isinstance(text, str)
        for name, _, version in [text.partition("==")]
    }
    assert pins["homeassistant"]
    assert pins["pytest-homeassistant-custom-component"]
    # And these are what is installed.
    lock = (ROOT / "uv.lock").read_text("utf-8")
    for name, version in pins.items():
        assert f'name = "{name}"\nversion = "{version}"\n' in lock


def test_demo_runs_on_the_newest_home_assistant() -> None:
    lanes = PROJECT["dependency-groups"]
    versions = {
        lane: AwesomeVersion(text.partition("==")[2])
        for lane, texts in lanes.items()
        for text in texts
        if isinstance(text, str) and text.startswith("homeassistant==")
    }
    assert versions["oldest"] < versions["test"] < versions["demo"]


def test_workflow_runs_what_must_pass_before_a_change_lands() -> None:
    steps = re.findall(r"^step (.+)$", (ROOT / ".ci" / "run").read_text("utf-8"), re.MULTILINE)
    assert _runs("ci.yml").keys() == {*steps, "scripts/test-oldest"}


def test_workflow_of_the_night_runs_the_whole_of_each_sample_in_a_job_of_its_own() -> None:
    runs = _runs("nightly.yml")
    assert runs.keys() == WHOLE
    assert len(set(runs.values())) == len(WHOLE)
    # What a change must pass is a part of these.
    steps = (ROOT / ".ci" / "run").read_text("utf-8")
    sampled = set(re.findall(r"^step (.+) --sample$", steps, re.MULTILINE))
    assert sampled == {"scripts/bench", "scripts/mutants"}
    assert sampled < WHOLE


def test_workflow_of_the_night_has_every_command_that_writes_a_page() -> None:
    contributing = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    writing = set(
        re.findall(r"^\| `(scripts/[\w-]+)` \|.*writes `docs/", contributing, re.MULTILINE)
    )
    assert writing | {"scripts/prove-tracker"} == WHOLE


def test_workflows_use_one_version_of_each_action() -> None:
    used: dict[str, set[str]] = {}
    for path in (ROOT / ".github" / "workflows").iterdir():
        for name, pin in re.findall(r"uses: (\S+)@(\S+)", path.read_text("utf-8")):
            used.setdefault(name, set()).add(pin)
    assert not {name: pins for name, pins in used.items() if len(pins) > 1}


def _runs(workflow: str) -> dict[str, str]:
    """Return the commands that a workflow runs, each with its job."""
    jobs = yaml.safe_load((ROOT / ".github/workflows" / workflow).read_text("utf-8"))["jobs"]
    return {
        step["run"]: name for name, job in jobs.items() for step in job["steps"] if "run" in step
    }


@pytest.mark.parametrize(
    "path", sorted((ROOT / ".github" / "workflows").iterdir()), ids=lambda path: path.stem
)
def test_workflow_has_no_permission_it_does_not_name_and_pins_its_actions(path: Path) -> None:
    workflow = yaml.safe_load(path.read_text("utf-8"))
    assert workflow["permissions"] == {}
    for job in workflow["jobs"].values():
        assert job["timeout-minutes"]
        assert job["permissions"]
        for used in (step["uses"] for step in job["steps"] if "uses" in step):
            assert re.search(r"@(?:sha256:)?[0-9a-f]{40,64}$", used), used


def test_hacs_installs_the_file_that_a_release_publishes() -> None:
    release = (ROOT / ".github" / "workflows" / "release.yml").read_text("utf-8")
    assert HACS["zip_release"] is True
    assert HACS["filename"] in release


@pytest.mark.parametrize(("name", "size"), [("icon.png", 256), ("icon@2x.png", 512)])
def test_icon_is_a_square_without_a_margin(name: str, size: int) -> None:
    with Image.open(INTEGRATION / "brand" / name) as image:
        assert (image.format, image.mode, image.size) == ("PNG", "RGBA", (size, size))
        assert image.getchannel("A").getbbox() == (0, 0, size, size)


def test_quality_scale_has_a_word_on_every_rule() -> None:
    rules = yaml.safe_load((INTEGRATION / "quality_scale.yaml").read_text("utf-8"))["rules"]
    assert rules.keys() == RULES
    for name, word in rules.items():
        status = word["status"] if isinstance(word, dict) else word
        assert status in ("done", "todo", "exempt"), name
        assert status != "exempt" or word["comment"], name


def test_no_file_names_a_path_of_a_machine() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("an unpacked archive does not tell which files belong to the project")
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],  # noqa: S607
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    paths = [ROOT / name for name in listed.splitlines()]
    assert not [
        str(path)
        for path in paths
        if path.suffix in TEXT and path.is_file() and path != Path(__file__)
        if MACHINE.search(path.read_text("utf-8"))
    ]
