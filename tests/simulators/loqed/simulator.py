"""The LOQED simulator: verbs of the bridge, its webhooks and pushes, and the account."""

from base64 import b64decode
from typing import Any, override

from tests.simulators.base import Nonsense, verb

from .account import MOST_READS, WINDOW
from .cloud_webhook import Shape
from .const import (
    ALL_FLAGS,
    API_TOKEN,
    CHANGED_BRIDGE_KEY,
    LOCAL_ID,
    LOCK_ID,
    NOBODY,
    NUMERIC,
    REACHED,
    TOKEN_DAYS,
    Generation,
    State,
    make_token,
)
from .endpoints import Endpoint, EndpointFault
from .forgery import forge
from .lock_verbs import LockVerbs
from .push import Push

# How long a bridge takes to start, and then to hear of its lock again.
START_SECONDS = 20.0
HEAR_SECONDS = 10.0


class LoqedSimulator(LockVerbs):
    """A LOQED lock, its bridge of either generation, and the account that lists them."""

    @verb
    async def settle(self) -> None:
        """Wait until nothing moves, nothing is being delivered, and the status is true."""
        await self._tasks.settle()

    @property
    def recorded(self) -> list[Push]:
        """Every push that the bridge signed, also those that were lost, in order."""
        return self.pusher.recorded

    @verb
    async def restart_bridge(
        self, *, seconds: float = START_SECONDS, forget_webhooks: bool = False
    ) -> None:
        """The bridge restarts; returns when it answers again.

        Until then it closes every connection and hears nothing of its lock. Afterwards the
        bolt's state is unknown until the lock moves or, some seconds later, is heard of.
        """
        self.bridge.is_up = False
        self.server.faults.drop = True
        if forget_webhooks:
            self.bridge.webhooks.clear()
        await self.rest(seconds)
        self.server.faults.drop = False
        self.bridge.start_again()
        self.reporter.forget()
        self._tasks.spawn(self._hear_of_the_lock())

    async def _hear_of_the_lock(self) -> None:
        await self.rest(HEAR_SECONDS)
        self.reporter.learn()

    @verb
    def fail_endpoint(self, endpoint: Endpoint, fault: EndpointFault | None = "error") -> None:
        """One endpoint (status, to_lock, webhooks) fails while the others work; None ends it.

        `error` is HTTP 500, `html` some page, `drop` closes the connection before and
        `drop_after` after the request was acted on.
        """
        self.endpoints.faults.pop(endpoint, None)
        if fault is not None:
            self.endpoints.faults[endpoint] = fault

    @verb
    def fail_lock(self, lock_id: str | None = None, fault: EndpointFault | None = "error") -> None:
        """The only lock cannot be read; webhooks and commands work."""
        self.only(lock_id)
        self.fail_endpoint("status", fault)

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
    def limit_webhooks(self, most: int) -> None:
        """How many webhooks the bridge can hold."""
        self.bridge.webhooks.most = most

    @verb
    def add_odd_webhook(self, entry: Any) -> None:
        """The list holds an entry that nobody has documented."""
        self.bridge.webhooks.odd.append(entry)

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
        self.pusher.is_losing = True

    @verb
    def resume_pushing(self) -> None:
        """Pushes arrive again; the lost ones are not repeated."""
        self.pusher.is_losing = False

    @verb
    def lose_pushes(self, n: int = 1) -> None:
        """The next pushes are lost on the way."""
        self.pusher.to_lose = n

    @verb
    def delay_pushes(self, seconds: float = 0.0) -> None:
        """Every push comes this late, and the status after it; 0 ends it.

        The wait is at our pace; the time stamp is as old as if it had been waited in full.
        """
        self.pusher.delay = seconds

    @verb
    def hold_pushes(self) -> None:
        """Pushes are held back on the way until released; the bridge does not notice."""
        self.pusher.is_holding = True

    @verb
    async def release_pushes(self, *, reverse: bool = False, age: float = 0.0) -> list[int | None]:
        """The pushes held back arrive, the last one first if wanted; the answers.

        With `age` their time stamps are this many seconds old.
        """
        return await self.pusher.release(reverse=reverse, age=age)

    @verb
    def repeat_pushes(self, copies: int = 2) -> None:
        """Every push arrives this many times, byte for byte; 1 ends it."""
        self.pusher.copies = copies

    @verb
    async def replay_push(self, index: int = -1) -> list[int | None]:
        """Somebody sends one of the `recorded` pushes again, byte for byte; the answers."""
        return await self.pusher.replay(self.recorded[index])

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
        self.bridge.key = b64decode(self.identity.bridge_key)

    @verb
    def delete_key(self) -> None:
        """Somebody deletes our key from the lock in the app: commands are ignored."""
        self.lock.keys.pop(LOCAL_ID, None)

    @verb
    def restore_key(self) -> None:
        """Our key is in the lock again."""
        self.lock.keys[LOCAL_ID] = b64decode(self.identity.key_secret)

    @verb
    async def send_event(
        self, event_type: str | None = None, fields: dict[str, Any] | None = None
    ) -> None:
        """Push an event of any name with any fields, signed; the lock does not move.

        Fields win over the usual ones. It goes to the webhooks whose trigger the fields
        belong to, or to all when they belong to none.
        """
        event = {} if event_type is None else {"event_type": event_type}
        await self.reporter.send({**self.identity.macs, **event, **(fields or {})})

    @verb
    async def replay_last_push(self) -> list[int | None]:
        """Somebody sends the last push that arrived again, byte for byte; the answers."""
        if self.pusher.last is None:
            raise ValueError("nothing arrived yet")
        return await self.pusher.replay(self.pusher.last)

    @verb
    async def forge_push(self, kind: str) -> list[int | None]:
        """Somebody sends one of the FORGERIES to every URL; the answers.

        It claims that the lock reached a state it is not in.
        """
        state: State = "day_lock" if self.lock.state == "night_lock" else "night_lock"
        claim = {
            "requested_state": state.upper(),
            "requested_state_numeric": NUMERIC[state],
            **self.identity.macs,
            "event_type": REACHED[state],
            "key_local_id": LOCAL_ID,
        }
        now = self.bridge.clock.now()
        return await self.pusher.post(forge(kind, claim=claim, now=now, key=self.bridge.key))

    @verb
    @override
    def integration_information(self) -> dict[str, Any]:
        """The JSON a person copies from the account page; the address with its port."""
        return {
            "lock_id": self.identity.lock_id,
            "lock_key_local_id": LOCAL_ID,
            "lock_key_key": self.identity.key_secret,
            "backend_key": self.identity.backend_key,
            "bridge_key": self.bridge.key_base64,
            "bridge_ip": self.host,
            "bridge_mdns_hostname": f"LOQED-{self.bridge.mdns_mac}.local",
        }

    @verb
    def mdns_announcement(self) -> dict[str, Any]:
        """What the bridge announces on the network; it is not really sent."""
        name = f"LOQED-{self.bridge.mdns_mac}"
        return {
            "type": "_http._tcp.local.",
            "name": f"{name}._http._tcp.local.",
            "hostname": f"{name}.local.",
            "ip_address": self.url.host,
            "port": self.url.port,
            "properties": {},
        }

    @verb
    def add_cloud_lock(self, name: str = "Back door") -> str:
        """Another lock in the account, behind a bridge that cannot be reached; its id."""
        return self.cloud.add_other(name)

    @verb
    def empty_account(self, *, empty: bool = True) -> None:
        """The account lists no locks, which the vendor's support has to repair."""
        self.cloud.is_empty = empty

    @verb
    def revoke_token(self, *, revoked: bool = True) -> None:
        """The token was revoked; the local keys stay good."""
        self.account.token = None if revoked else API_TOKEN

    @verb
    def create_token(self, *, days: float = TOKEN_DAYS, number: int = 2) -> str:
        """Somebody creates another token of the same account; the token."""
        token = make_token(self.clock() + days * 86_400, number=number)
        self.account.others.add(token)
        return token

    @verb
    def limit_reads(self, most: int = MOST_READS, *, on: bool = True) -> None:
        """How many reads in 12 hours an account has before it is blocked."""
        self.account.limit.most, self.account.limit.is_on = most, on

    @verb
    def block_account(self, *, blocked: bool = True) -> None:
        """Somebody else's program has read too often: the account is blocked for 12 hours."""
        now = self.clock()
        self.account.limit.blocked_until = now + WINDOW if blocked else now

    @verb
    def lose_cloud_commands(self, *, lost: bool = True) -> None:
        """The cloud accepts commands, and none reaches the lock."""
        self.account.loses_commands = lost

    @verb
    def change_setting(self, name: str, *, on: bool) -> None:
        """Somebody changes a setting in the app."""
        self.account.settings[name] = on

    @verb
    def add_cloud_webhook(self, url: str, shape: Shape = "seen") -> None:
        """Somebody enters a URL on LOQED's pages, which the cloud then calls."""
        self.cloud_caller.urls.append(url)
        self.cloud_caller.shape = shape

    @verb
    def delay_cloud_calls(self, seconds: float = 0.0) -> None:
        """The calls of the cloud come this late; 0 ends it."""
        self.cloud_caller.delay = seconds

    @verb
    def lose_cloud_calls(self, *, lost: bool = True) -> None:
        """The calls of the cloud are lost on the way."""
        self.cloud_caller.is_losing = lost

    @verb
    def repeat_cloud_calls(self, *, on: bool = True) -> None:
        """Every call of the cloud comes once more, some seconds later."""
        self.cloud_caller.is_repeating = on

    @verb
    async def forge_cloud_call(self, fields: dict[str, Any]) -> list[int | None]:
        """Somebody calls the URLs that the cloud calls, with anything; the answers."""
        return await self.cloud_caller.post(fields)

    @verb
    def stale_address(self, *, stale: bool = True) -> None:
        """The cloud still has an address the bridge no longer is at."""
        self.cloud.address_is_stale = stale

    @verb
    def hide_bridge_mac(self, *, hidden: bool = True) -> None:
        """The cloud does not tell the bridge's address on the wifi."""
        self.cloud.mac_is_hidden = hidden

    @verb
    def cloud_fields(
        self,
        fields: dict[str, Any] | None = None,
        without: list[str] | None = None,
        lock_id: str = LOCK_ID,
    ) -> None:
        """Answer these fields of a listed lock as given and leave those out; neither ends it."""
        self.cloud.override(lock_id, fields or {}, without or [])

    @verb
    def break_cloud(
        self, status: int | None = None, nonsense: Nonsense | None = None, *, drop: bool = False
    ) -> None:
        """The cloud fails: with a status, with something unreadable, or by hanging up."""
        faults = self.cloud.server.faults
        faults.status, faults.nonsense, faults.drop = status, nonsense, drop
