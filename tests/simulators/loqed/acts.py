"""What happens to a LOQED lock and its bridge, as buttons for a person."""

from typing import Any

from tests.simulators.base import COMMON_ACTS, Act


def _of_bridge(label: str, verb: str, *, undo: Act | None = None, **arguments: Any) -> Act:
    return Act(label=label, verb=verb, arguments=arguments, lock_argument=None, undo=undo)


ACTS = (
    *COMMON_ACTS,
    _of_bridge("Unlock with key 7", "use_key", key_id=7, bolt="unlocked"),
    _of_bridge("Open with a PIN (key 8)", "pin", key_id=8),
    _of_bridge("Lock by touch", "touch_to_lock"),
    _of_bridge("Stall at the next move", "stall"),
    _of_bridge("Forget all webhooks", "lose_webhooks"),
    _of_bridge(
        "Fill the webhooks up",
        "fill_webhooks",
        undo=_of_bridge("Delete all webhooks", "lose_webhooks"),
    ),
    _of_bridge(
        "Lose every push",
        "stop_pushing",
        undo=_of_bridge("Deliver pushes again", "resume_pushing"),
    ),
    _of_bridge(
        "Hold pushes back",
        "hold_pushes",
        undo=_of_bridge("Release them, last first", "release_pushes", reverse=True),
    ),
    _of_bridge(
        "Lag: push and status 20 s late",
        "delay_pushes",
        seconds=20,
        undo=_of_bridge("End the lag", "delay_pushes", seconds=0),
    ),
    _of_bridge("Replay the last push", "replay_last_push"),
    _of_bridge("Forge a push", "forge_push", kind="wrong_hash"),
    _of_bridge("Forge a push without signature", "forge_push", kind="no_signature"),
    _of_bridge(
        "Run the battery down",
        "set_battery",
        percentage=4,
        undo=_of_bridge("Change the batteries", "set_battery", percentage=100),
    ),
    _of_bridge("Restart the bridge", "restart_bridge"),
    _of_bridge(
        "Turn open house mode on in the app",
        "change_setting",
        name="open_house_mode",
        on=True,
        undo=_of_bridge("Turn it off", "change_setting", name="open_house_mode", on=False),
    ),
    _of_bridge(
        "Revoke the token",
        "revoke_token",
        undo=_of_bridge("Accept it again", "revoke_token", revoked=False),
    ),
    _of_bridge(
        "Block the account's reads",
        "block_account",
        undo=_of_bridge("Allow reads again", "block_account", blocked=False),
    ),
    _of_bridge(
        "Cloud: accept commands and lose them",
        "lose_cloud_commands",
        undo=_of_bridge("Cloud: pass commands on", "lose_cloud_commands", lost=False),
    ),
    _of_bridge(
        "Cloud: call late",
        "delay_cloud_calls",
        seconds=5,
        undo=_of_bridge("Cloud: call at once", "delay_cloud_calls", seconds=0),
    ),
    _of_bridge(
        "Cloud: forge a call",
        "forge_cloud_call",
        fields={"event_type": "STATE_CHANGED_NIGHT_LOCK", "requested_state": "NIGHT_LOCK"},
    ),
    _of_bridge(
        "Delete the key",
        "delete_key",
        undo=_of_bridge("Restore the key", "restore_key"),
    ),
)
