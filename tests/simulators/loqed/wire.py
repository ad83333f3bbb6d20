"""Verbs of the bridge's webhooks, its keys, and those who attack them."""

from base64 import b64decode
from dataclasses import replace
from typing import Any, override

from tests.simulators.base import verb

from .device import LoqedDevice
from .forgery import forge
from .made_up import BRIDGE_KEY, CHANGED_BRIDGE_KEY, KEY_SECRET, LOCAL_ID, NOBODY
from .reporter import MACS
from .words import ALL_FLAGS, NUMERIC, REACHED, Generation, State


class WireVerbs(LoqedDevice):
    """What happens between the bridge and the integration."""

    @verb
    def lose_webhooks(self) -> int:
        """The bridge forgets all webhooks; how many they were."""
        return self.bridge.webhooks.clear()

    @verb
    def add_webhook(self, url: str, flags: int = ALL_FLAGS) -> int:
        """Somebody registers a URL; its id."""
        return self.bridge.webhooks.add(url, flags).id

    @verb
    def add_foreign_webhooks(self, n: int = 1) -> list[str]:
        """Other systems register URLs at which nobody answers; the URLs."""
        webhooks = self.bridge.webhooks
        first = max((webhook.id for webhook in webhooks), default=0) + 1
        urls = [f"http://{NOBODY}/foreign/{first + number}" for number in range(n)]
        for url in urls:
            webhooks.add(url, ALL_FLAGS)
        return urls

    @verb
    def fill_webhooks(self) -> list[str]:
        """Other systems take all the room that is left; their URLs."""
        webhooks = self.bridge.webhooks
        return self.add_foreign_webhooks(webhooks.most - len(webhooks))

    @verb
    def fail_deletes(self, *, on: bool = True) -> None:
        """The bridge fails to delete webhooks."""
        self.bridge.fails_deletes = on

    @verb
    def change_webhook_window(self, seconds: float | None) -> None:
        """How far off the timestamp of a webhook call may be; None: as far as one likes."""
        self.bridge.window = seconds

    @verb
    def change_command_window(self, seconds: float) -> None:
        """How far off the timestamp of a command may be."""
        self.lock.window = seconds

    @verb
    def stop_pushing(self) -> None:
        """Pushes are lost on the way from now on; the bridge does not notice."""
        self.courier.is_losing = True

    @verb
    def resume_pushing(self) -> None:
        """Pushes arrive again; the lost ones are not repeated."""
        self.courier.is_losing = False

    @verb
    def set_generation(self, generation: Generation, *, signs: bool = True) -> None:
        """Become the older bridge ("1") or the newer, Shelly based one ("2s").

        The newer pushes without TIMESTAMP; whether with HASH is not known, so `signs`.
        """
        if generation not in ("1", "2s"):
            raise ValueError("the generations are 1 and 2s")
        self.bridge.generation = generation
        self.bridge.signs_undated = signs

    @verb
    def send_date(self, *, on: bool = True) -> None:
        """Answer with a Date header, which this firmware usually does not."""
        self.bridge.sends_date = on

    @verb
    @override
    def refuse_credentials(self) -> None:
        """The bridge has a new key, which the account shows; pushes are signed with it."""
        self.bridge.key = b64decode(CHANGED_BRIDGE_KEY)

    @verb
    @override
    def accept_credentials(self) -> None:
        """The bridge has its first key again."""
        self.bridge.key = b64decode(BRIDGE_KEY)

    @verb
    def delete_key(self) -> None:
        """Somebody deletes our key from the lock in the app: commands are ignored."""
        self.lock.keys.pop(LOCAL_ID, None)

    @verb
    def restore_key(self) -> None:
        """Our key is in the lock again."""
        self.lock.keys[LOCAL_ID] = b64decode(KEY_SECRET)

    @verb
    async def send_event(
        self, event_type: str | None = None, fields: dict[str, Any] | None = None
    ) -> None:
        """Push an event of any name with any fields, signed; the lock does not move.

        Fields win over the usual ones. It goes to the webhooks whose trigger the fields
        belong to, or to all when they belong to none.
        """
        event = {} if event_type is None else {"event_type": event_type}
        await self.reporter.say({**MACS, **event, **(fields or {})})

    @verb
    async def replay_last_push(self) -> list[int | None]:
        """Somebody sends the last push that arrived again, byte for byte; the answers."""
        if self.courier.last is None:
            raise ValueError("nothing arrived yet")
        return await self.courier.bring(replace(self.courier.last, kind="replay"))

    @verb
    async def forge_push(self, kind: str) -> list[int | None]:
        """Somebody sends one of the FORGERIES to every URL; the answers.

        It claims that the lock reached a state it is not in.
        """
        state: State = "day_lock" if self.lock.state == "night_lock" else "night_lock"
        claim = {
            "requested_state": state.upper(),
            "requested_state_numeric": NUMERIC[state],
            **MACS,
            "event_type": REACHED[state],
            "key_local_id": LOCAL_ID,
        }
        now = self.bridge.clock.now()
        return await self.courier.bring(forge(kind, claim=claim, now=now, key=self.bridge.key))
