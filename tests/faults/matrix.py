"""The faults, the phases, and which can meet."""

from dataclasses import dataclass
from itertools import chain
from typing import Final, override

from .faults import FAULTS, Fault
from .phases import PHASES
from .world import VENDORS


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """One vendor in one phase with one fault."""

    vendor: str
    phase: str
    fault: Fault

    @override
    def __str__(self) -> str:
        """Name it, for the list of tests."""
        return f"{self.vendor}-{self.phase}-{self.fault.name}".replace(" ", "_")


CASES: Final = tuple(
    Case(vendor=vendor, phase=phase.name, fault=fault)
    for fault in FAULTS
    for vendor in VENDORS
    if vendor in fault.vendors
    for phase in PHASES
    if vendor in phase.vendors and phase.name in fault.phases
    if (vendor, phase.name) != fault.except_at
)


def sample() -> tuple[Case, ...]:
    """Return few cases with every fault, and every phase of every vendor, always the same."""
    missing = set(chain.from_iterable(_covers(case) for case in CASES))
    chosen = []
    while missing:
        best = max(CASES, key=lambda case: len(_covers(case) & missing))
        chosen.append(best)
        missing -= _covers(best)
    return tuple(chosen)


def _covers(case: Case) -> set[tuple[str, ...]]:
    return {("fault", case.fault.name), ("phase", case.vendor, case.phase)}
