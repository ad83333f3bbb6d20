"""What happens to first-generation locks and their cloud, as buttons for a person."""

from typing import Any

from tests.simulators.base import COMMON_ACTS, Act


def _of_cloud(label: str, verb: str, *, undo: Act | None = None, **arguments: Any) -> Act:
    return Act(label=label, verb=verb, arguments=arguments, lock_argument=None, undo=undo)


ACTS = (
    *COMMON_ACTS,
    Act(
        label="Ignore commands",
        verb="ignore_commands",
        arguments={"ignore": True},
        undo=Act(label="Obey again", verb="ignore_commands", arguments={"ignore": False}),
    ),
    Act(label="Use the app for 30 s (busy)", verb="keep_busy", arguments={"lasts": 30}),
    Act(
        label="Forge a call: locked",
        verb="fire_webhook",
        arguments={"locked": True},
        lock_argument="device_id",
    ),
    Act(
        label="Turn cloud integration off",
        verb="enable_integration",
        arguments={"enabled": False},
        undo=Act(
            label="Turn cloud integration on",
            verb="enable_integration",
            arguments={"enabled": True},
        ),
    ),
    Act(
        label="Run the battery down",
        verb="set_battery",
        arguments={"battery": 5},
        undo=Act(label="Change the batteries", verb="set_battery", arguments={"battery": 100}),
    ),
    _of_cloud(
        "Lose every webhook call",
        "lose_webhooks",
        lose=True,
        undo=_of_cloud("Deliver webhook calls again", "lose_webhooks", lose=False),
    ),
    _of_cloud(
        "Hold webhook calls back",
        "delay_webhooks",
        seconds=None,
        undo=_of_cloud("Release them, last first", "release_webhooks", newest_first=True),
    ),
    _of_cloud(
        "Lag: states 30 s late",
        "lag_status",
        seconds=30,
        undo=_of_cloud("End the lag", "lag_status", seconds=0),
    ),
    _of_cloud(
        "Block Home Assistant's address",
        "block_ip",
        undo=_of_cloud("Unblock it", "unblock_ip"),
    ),
)
