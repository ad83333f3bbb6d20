"""The demo's state: a Home Assistant configuration made anew at every start."""

from collections.abc import Iterator
from contextlib import contextmanager
import fcntl
import json
from pathlib import Path
import shutil
from typing import Any

from .errors import DemoError

ROOT = Path(__file__).resolve().parents[3]

CONFIGURATION = """\
# Made anew by scripts/demo at every start.
homeassistant:
  name: Smart Locks
  country: NL
  language: en
  time_zone: Europe/Amsterdam
  unit_system: metric
  internal_url: {url}
  external_url: {url}

frontend:
history:
logbook:

logger:
  default: warning
  logs:
    custom_components.smartlocks: debug
"""


@contextmanager
def fresh(name: str) -> Iterator[Path]:
    """An empty folder .demo/<name>, ours alone until the context is left."""
    folder = ROOT / ".demo" / name
    folder.parent.mkdir(exist_ok=True)
    with folder.with_suffix(".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as err:
            raise DemoError(
                f"Another scripts/demo of this checkout is using {folder.relative_to(ROOT)}: "
                "end that one first (Ctrl-C where it runs)."
            ) from err
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        yield folder


def write_configuration(config: Path, port: int) -> None:
    """A Home Assistant that listens on 127.0.0.1 only and has our integration.

    Only the step of onboarding that makes the first user is left to do: the others would
    set up integrations that talk to the internet.
    """
    storage = config / ".storage"
    storage.mkdir(parents=True)
    (config / "configuration.yaml").write_text(CONFIGURATION.format(url=f"http://127.0.0.1:{port}"))
    _store(storage, "onboarding", 4, {"done": ["core_config", "analytics", "integration"]})
    # In YAML the address would be on trial, and taken back after five minutes.
    _store(storage, "http", 1, {"server_host": ["127.0.0.1"], "server_port": port})
    (config / "custom_components").mkdir()
    (config / "custom_components" / "smartlocks").symlink_to(ROOT / "custom_components/smartlocks")


def _store(storage: Path, key: str, version: int, data: dict[str, Any]) -> None:
    content = {"version": version, "minor_version": 1, "key": key, "data": data}
    (storage / key).write_text(json.dumps(content))
