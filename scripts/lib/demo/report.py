"""What the check prints: one row for each command, and what else is off."""

from collections.abc import Sequence
from dataclasses import dataclass

HEADINGS = ("vendor", "lock", "command", "states seen", "bolt", "seconds", "verdict")


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One thing tried on one lock; `problem` is None when it went well.

    `seconds` from the command (or the turn by hand) to the state, None when it never came.
    """

    vendor: str
    lock: str
    command: str
    seen: tuple[str, ...]
    bolt: str
    seconds: float | None
    problem: str | None = None
    remark: str = ""

    def cells(self) -> tuple[str, ...]:
        """The row as text."""
        seconds = "-" if self.seconds is None else f"{self.seconds:.1f}"
        verdict = self.problem or f"ok {self.remark}".strip()
        seen = " → ".join(self.seen) or "-"
        return (self.vendor, self.lock, self.command, seen, self.bolt, seconds, verdict)


def table(rows: Sequence[Row]) -> str:
    """The rows in columns."""
    lines = [HEADINGS, *(row.cells() for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADINGS))]
    texts = [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    ]
    texts.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(texts)
