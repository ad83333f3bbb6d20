"""What Home Assistant's log must not hold: our errors and warnings, tracebacks, secrets."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
import re

RECORD = re.compile(
    r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+\S* (?P<level>[A-Z]+) \(.*?\) \[(?P<logger>[\w.]+)\]"
)
BAD_LEVELS = frozenset({"WARNING", "ERROR", "CRITICAL"})
OURS = "smartlocks"
# Said of every custom integration there is.
NOTICE = "custom integration smartlocks which has not been tested by Home Assistant"
# The demo has no camera and no voice: programs for them are missed, and not needed.
NOT_OURS = ("haffmpeg", "homeassistant.components.camera.img_util")
SHORTEST_SECRET = 6
LONGEST_QUOTE = 600


@dataclass(frozen=True, kw_only=True, slots=True)
class LogRecord:
    """One message of the log with the lines that belong to it."""

    level: str
    logger: str
    text: str


def problems(log: str, secrets: Mapping[str, str]) -> list[str]:
    """What is wrong with a log, for a person. `secrets`: the secret -> what it is."""
    found = [
        f"the log holds {name}" for secret, name in secrets.items() if _has_secret(log, secret)
    ]
    for record in records(log):
        if record.logger.startswith(NOT_OURS):
            continue
        if "Traceback (most recent call last)" in record.text:
            found.append(f"a traceback in the log:\n{record.text[-LONGEST_QUOTE:]}")
        elif record.level in BAD_LEVELS and OURS in record.text and NOTICE not in record.text:
            found.append(f"in the log: {record.text[:LONGEST_QUOTE]}")
    return found


def records(log: str) -> Iterator[LogRecord]:
    """The messages of a log; what stands before the first is a message of no level."""
    level, logger, lines = "", "", list[str]()
    for line in log.splitlines():
        if match := RECORD.match(line):
            yield LogRecord(level=level, logger=logger, text="\n".join(lines))
            level, logger, lines = match["level"], match["logger"], []
        lines.append(line)
    yield LogRecord(level=level, logger=logger, text="\n".join(lines))


def _has_secret(log: str, secret: str) -> bool:
    return len(secret) >= SHORTEST_SECRET and secret in log
