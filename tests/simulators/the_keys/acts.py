"""What happens to the locks and the gateway of The Keys, as buttons for a person."""

from typing import Any

from tests.simulators.base import COMMON_ACTS, Act


def _of_gateway(label: str, verb: str, *, undo: Act | None = None, **arguments: Any) -> Act:
    return Act(label=label, verb=verb, arguments=arguments, lock_argument=None, undo=undo)


ACTS = (
    *COMMON_ACTS,
    Act(
        label="Ignore commands",
        verb="refuse_commands",
        arguments={"refused": True},
        undo=Act(label="Obey again", verb="refuse_commands", arguments={"refused": False}),
    ),
    Act(label="Change the batteries (state lost)", verb="boot_lock"),
    Act(
        label="Run the battery down",
        verb="set_battery",
        arguments={"millivolts": 3300},
        undo=Act(label="Charge the battery", verb="set_battery", arguments={"millivolts": 4000}),
    ),
    _of_gateway("Busy for 30 s", "set_busy_for", seconds=30),
    _of_gateway("Synchronize for 30 s", "start_synchronising", seconds=30),
    _of_gateway(
        "Hang",
        "freeze",
        undo=_of_gateway("Work again", "unfreeze"),
    ),
    _of_gateway("Restart the gateway", "reboot"),
    _of_gateway("Lose the clock", "lose_clock"),
    _of_gateway("Lose the next answer", "lose_replies"),
    _of_gateway(
        "Lag: answer after 5 s",
        "answer_after",
        seconds=5,
        undo=_of_gateway("End the lag", "answer_after", seconds=0),
    ),
)
