"""The gateway, its locks and the vendor's cloud, put together."""

from collections.abc import Callable, Iterable
import time
from typing import ClassVar, override

from yarl import URL

from tests.simulators.base import Act, Server, Spare, verb

from .account import KEYPAD, Accessory, Account
from .acts import ACTS
from .cloud import Cloud, CloudVerbs
from .connections import OpenRequests, Spacing
from .crypto import SignatureCheck
from .gateway import Gateway
from .lock import Lock
from .radio import Radio
from .settings import (
    BACK_CODE,
    BACK_ID,
    BACK_PORTAL_ID,
    FRONT_CODE,
    FRONT_ID,
    FRONT_PORTAL_ID,
    GATEWAY_ACCESSORY,
    GATEWAY_ID,
    KEYPAD_ACCESSORY,
    KEYPAD_ID,
    OTHER_SHARE,
    OWN_SHARE,
    PASSWORD,
    PHONE,
    SPARE_CODE,
    SPARE_ID,
    SPARE_PORTAL_ID,
    Settings,
)
from .verbs import GatewayVerbs

CODES = {FRONT_ID: FRONT_CODE, BACK_ID: BACK_CODE}


class TheKeysSimulator(CloudVerbs, GatewayVerbs):
    """A gateway with its locks at `url`, and the vendor's cloud at `cloud_url`.

    By default two locks, one of each kind of battery. Each has a share its owner created
    (OWN_SHARE, whose code `share_code` gives) and one of another program (OTHER_SHARE).
    """

    key: ClassVar[str] = "the_keys"
    maker: ClassVar[str] = "The Keys"
    acts: ClassVar[tuple[Act, ...]] = ACTS

    def __init__(
        self,
        *,
        pace: float = 1.0,
        clock: Callable[[], float] = time.time,
        settings: Settings | None = None,
        locks: Iterable[Lock] | None = None,
    ) -> None:
        super().__init__(pace=pace, clock=clock)
        self.settings = Settings() if settings is None else settings
        self.locks = found = default_locks() if locks is None else list(locks)
        self.account = Account(locks=found, accessories=_accessories(found), clock=clock)
        signatures = SignatureCheck(self.account, GATEWAY_ID, self.settings, clock)
        self.radio = Radio(found, signatures, self.settings, self.rest)
        self.gateway = Gateway(self.radio, self.settings)
        self.spacing = Spacing(self.settings, pace)
        self.cloud = Cloud(self.account)
        self.cloud_server = Server(app=self.cloud.app, clock=clock)
        self.cloud_requests = OpenRequests()
        self.cloud.app.middlewares.append(self.cloud_requests.middleware)
        self.app.middlewares.append(self.spacing.middleware)
        self.gateway.register(self.app)
        self._share_all(found)

    @property
    def cloud_url(self) -> URL:
        """Where the account's server listens."""
        return self.cloud_server.url

    @property
    @override
    def servers(self) -> tuple[Server, ...]:
        return (self.server, self.cloud_server)

    @override
    async def start(self, port: int = 0, cloud_port: int = 0) -> None:
        """Start the gateway and the cloud, each on the port given or on a free one (0)."""
        await super().start(port)
        await self.cloud_server.start(cloud_port)
        gateway = self.account.accessory(GATEWAY_ID)
        if gateway is not None:
            gateway.ip = f"127.0.0.1:{self.server.port}"

    @override
    async def stop(self) -> None:
        """Stop both servers, the motors and the requests that hang."""
        await self.radio.stop()
        await self.spacing.requests.stop()
        await self.cloud_requests.stop()
        await self.cloud_server.stop()
        await super().stop()

    @override
    def lock_name(self, lock_id: str) -> str:
        return self.lock(lock_id).name

    @override
    async def add_spare(self, port: int = 0, cloud_port: int = 0) -> Spare:
        lock = Lock(identifier=SPARE_ID, portal_id=SPARE_PORTAL_ID, name="Cellar")
        self.locks.append(lock)
        gateway = self.account.accessory(GATEWAY_ID)
        if gateway is not None:
            gateway.locks.add(lock.portal_id)
        self.add_share(OWN_SHARE, lock.identifier, SPARE_CODE)
        return Spare(
            enter={
                "Phone number": PHONE,
                "Password": PASSWORD,
                "Gateway address": f"{self.url.host}:{self.url.port}",
                "Lock": SPARE_ID,
                "Share code": SPARE_CODE,
            }
        )

    @verb
    async def reboot(self, seconds: float = 8.0, *, forgets_clock: bool = False) -> None:
        """Refuse connections for a while, as a gateway that restarts, and scan again then."""
        await self.switch_off()
        self.radio.end()
        if forgets_clock:
            self.radio.signatures.has_time = False
        self.radio.tasks.start(self._start_again(seconds))

    async def _start_again(self, seconds: float) -> None:
        await self.rest(seconds)
        await self.switch_on()

    def _share_all(self, locks: Iterable[Lock]) -> None:
        for lock in locks:
            for name, code in ((OTHER_SHARE, None), (OWN_SHARE, CODES.get(lock.identifier))):
                self.add_share(name, lock.identifier, code)


def default_locks() -> list[Lock]:
    """Make a locked front door near 8 V and an unlocked back door near 4 V."""
    return [
        Lock(identifier=FRONT_ID, portal_id=FRONT_PORTAL_ID, name="Front door"),
        Lock(
            identifier=BACK_ID,
            portal_id=BACK_PORTAL_ID,
            name="Back door",
            bolt="unlocked",
            battery=3730,
            rssi=-84,
            version=66,
            last_log=2041,
        ),
    ]


def _accessories(locks: list[Lock]) -> list[Accessory]:
    numbers = [lock.portal_id for lock in locks]
    return [
        Accessory(
            id=KEYPAD_ID,
            id_accessoire=KEYPAD_ACCESSORY,
            name="Keypad",
            type=KEYPAD,
            locks=set(numbers[:1]),
        ),
        Accessory(
            id=GATEWAY_ID, id_accessoire=GATEWAY_ACCESSORY, name="TK Gateway", locks=set(numbers)
        ),
    ]
