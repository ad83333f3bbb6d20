"""What happens to Sesame devices, their hub and the cloud, as buttons for a person."""

from typing import Any

from tests.simulators.base import COMMON_ACTS, Act


def _of_cloud(label: str, verb: str, *, undo: Act | None = None, **arguments: Any) -> Act:
    return Act(label=label, verb=verb, arguments=arguments, lock_argument=None, undo=undo)


ACTS = (
    *COMMON_ACTS,
    Act(
        label="Ignore commands",
        verb="ignore_commands",
        arguments={"ignored": True},
        undo=Act(label="Obey again", verb="ignore_commands", arguments={"ignored": False}),
    ),
    Act(
        label="Lag: state 30 s late",
        verb="delay_status",
        arguments={"seconds": 30},
        undo=Act(label="End the lag", verb="delay_status", arguments={"seconds": 0}),
    ),
    Act(
        label="Lock by itself after 20 s",
        verb="set_autolock",
        arguments={"seconds": 20},
        undo=Act(label="End auto-lock", verb="set_autolock", arguments={"seconds": None}),
    ),
    Act(
        label="Run the battery down",
        verb="set_battery",
        arguments={"battery": 5},
        undo=Act(label="Change the batteries", verb="set_battery", arguments={"battery": 100}),
    ),
    _of_cloud(
        "Use up the month's calls",
        "use_up_quota",
        undo=_of_cloud("Begin a new month", "begin_month"),
    ),
    _of_cloud(
        "Break the cloud",
        "break_down",
        broken=True,
        undo=_of_cloud("Repair the cloud", "break_down", broken=False),
    ),
)
