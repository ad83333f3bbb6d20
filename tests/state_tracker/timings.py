"""The rows of numbers the tracker is proven with, and what each vendor can tell."""

from dataclasses import dataclass, replace
from typing import Final

from custom_components.smartlocks.models import Action
from custom_components.smartlocks.state_tracker import Source, Timing
from custom_components.smartlocks.vendors.loqed import mapping as loqed
from custom_components.smartlocks.vendors.sesame_v3.mapping import timing as sesame_v3
from custom_components.smartlocks.vendors.sesame_web.mapping import timing_of
from custom_components.smartlocks.vendors.the_keys import mapping as the_keys

# Between what is signed and what is received, in seconds.
WINDOW: Final = 30.0

# The free plan's calls for reads in 30 days, and what is left between two of them.
_WEB_READS: Final = 750
_WEB_SHORTEST: Final = 3600.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """A vendor's timing, and which sources it has.

    `label` is what the documentation calls it. `answer` is what a read is worth.
    `signed`: pushes can be verified; `told`: unsigned calls say that something has
    changed; `task`: a command's end is told by the device.
    `read_seconds`: the longest that an answered read takes, the wait for its turn included.
    `reads_a_day`: at most so many under a flood of hints; None: as many as without one,
    and those of the bucket.
    """

    name: str
    label: str
    timing: Timing
    answer: Source
    signed: bool = False
    told: bool = False
    task: bool = False
    paid: bool = False
    actions: tuple[Action, ...] = (Action.LOCK, Action.UNLOCK)
    read_seconds: float = 10.0
    reads_a_day: int | None = None


_LOQED_ACTIONS: Final = (Action.LOCK, Action.UNLOCK, Action.OPEN)

LOQED: Final = replace(loqed.TIMING, push_quiet=WINDOW)
LOQED_DEGRADED: Final = replace(loqed.TIMING_DEGRADED, push_quiet=WINDOW)

THE_KEYS: Final = the_keys.TIMING
THE_KEYS_NO_SIGN: Final = the_keys.TIMING_WITHOUT_SIGN


def sesame_web(devices: int) -> Timing:
    """Return the numbers of so many devices on the free plan."""
    poll = float(max(_WEB_SHORTEST, 30 * 86_400 * devices // _WEB_READS))
    return timing_of(poll=poll, hold=2.5 * poll)


ROWS: Final = (
    Row(
        name="loqed",
        label="LOQED, signed calls arrive",
        timing=LOQED,
        answer=Source.REPORT,
        signed=True,
        actions=_LOQED_ACTIONS,
        reads_a_day=200,
    ),
    Row(
        name="loqed-degraded",
        label="LOQED, signed calls do not arrive",
        timing=LOQED_DEGRADED,
        answer=Source.REPORT,
        signed=True,
        actions=_LOQED_ACTIONS,
        reads_a_day=3000,
    ),
    Row(
        name="loqed-2s",
        label="LOQED, calls are unsigned (2S)",
        timing=LOQED_DEGRADED,
        answer=Source.REPORT,
        told=True,
        actions=_LOQED_ACTIONS,
        reads_a_day=3000,
    ),
    Row(
        name="loqed-web",
        label="LOQED without its bridge",
        timing=loqed.TIMING_WEB,
        answer=Source.REPORT,
        paid=True,
        actions=_LOQED_ACTIONS,
        # The cloud's time-out.
        read_seconds=20.0,
    ),
    Row(
        name="the-keys",
        label="The Keys, lock firmware 57 or later",
        timing=THE_KEYS,
        answer=Source.READ,
        reads_a_day=3000,
    ),
    Row(
        name="the-keys-no-sign",
        label="The Keys, older lock firmware",
        timing=THE_KEYS_NO_SIGN,
        answer=Source.READ,
        reads_a_day=500,
    ),
    Row(
        name="sesame-v3-1",
        label="SESAME, first generation, 1 lock",
        timing=sesame_v3(1),
        answer=Source.REPORT,
        told=True,
        task=True,
        reads_a_day=3000,
    ),
    Row(
        name="sesame-v3-20",
        label="SESAME, first generation, 20 locks",
        timing=sesame_v3(20),
        answer=Source.REPORT,
        told=True,
        task=True,
        read_seconds=30.0,
        reads_a_day=3000,
    ),
    Row(
        name="sesame-web-1",
        label="Sesame 3 and later, free plan, 1 device",
        timing=sesame_web(1),
        answer=Source.REPORT,
        paid=True,
    ),
    Row(
        name="sesame-web-10",
        label="Sesame 3 and later, free plan, 10 devices",
        timing=sesame_web(10),
        answer=Source.REPORT,
        paid=True,
    ),
)
