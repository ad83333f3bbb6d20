"""The vendor's account, used once: to find locks and gateways, and to get share codes."""

from collections.abc import Iterable, Mapping
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_HOST, CONF_PASSWORD
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession

from ...helpers import cloud_address
from ..base import Answers, FlowError, LockAccount
from . import api
from .checks import SeenGateway, async_check_code, async_spread, check_seen
from .const import CLOUD_VARIABLE, CONF_ACCESSORY, SHARE_NAME
from .forms import CONF_PHONE
from .subentry import lock_account


class CloudAccount:
    """A person's account, for as long as a form is open. Nothing of it is kept."""

    def __init__(self, hass: HomeAssistant, cloud: api.Cloud, account: api.Account) -> None:
        """Take an account that is logged in to."""
        self._hass = hass
        self._cloud = cloud
        self.locks = account.locks
        self.gateways = account.gateways

    @classmethod
    async def async_log_in(cls, hass: HomeAssistant, answers: Answers) -> CloudAccount:
        """Log in with phone and password; FlowError when that is not possible."""
        cloud = api.Cloud(
            async_get_clientsession(hass), cloud_address(CLOUD_VARIABLE, api.CLOUD_URL)
        )
        phone = "".join(answers[CONF_PHONE].split())
        try:
            await cloud.login(phone, answers[CONF_PASSWORD])
            account = await cloud.locks_and_gateways()
        except api.TheKeysCloudRefusedError as err:
            raise FlowError("the_keys_login_refused", field=CONF_PASSWORD) from err
        except api.TheKeysCloudError as err:
            raise FlowError(_sentence(err)) from err
        if not account.locks:
            raise FlowError("the_keys_no_locks")
        if not account.gateways:
            raise FlowError("the_keys_no_gateway")
        return cls(hass, cloud, account)

    def locks_of(self, gateway: api.CloudGateway) -> Mapping[int, api.CloudLock]:
        """Return the locks that are paired with a gateway, by identifier."""
        return {lock.identifier: lock for lock in self.locks if gateway.id in lock.gateway_ids}

    def gateway_of(self, entry: ConfigEntry[Any]) -> api.CloudGateway:
        """Return the gateway that an entry is: by id, by address, or the only one; FlowError."""
        accessory, host = entry.data.get(CONF_ACCESSORY), entry.data[CONF_HOST]
        for gateway in self.gateways:
            if gateway.accessory_id == accessory or (accessory is None and gateway.ip == host):
                return gateway
        if accessory is None and len(self.gateways) == 1:
            return self.gateways[0]
        raise FlowError("the_keys_other_account")

    async def async_share(
        self, gateway: api.CloudGateway, seen: SeenGateway, locks: Iterable[api.CloudLock]
    ) -> tuple[LockAccount, ...]:
        """Get our share of each lock, and see that it works; FlowError otherwise."""
        locks = tuple(locks)
        for lock in locks:
            check_seen(seen, lock.identifier, lock.name)
        codes = {lock.identifier: await self._async_code(lock, gateway) for lock in locks}
        await async_spread(self._hass, seen, list(codes))
        for lock in locks:
            code = codes[lock.identifier]
            await async_check_code(self._hass, seen, lock.identifier, code, lock.name)
        return tuple(lock_account(lock, codes[lock.identifier]) for lock in locks)

    async def _async_code(self, lock: api.CloudLock, gateway: api.CloudGateway) -> str:
        try:
            return await self._cloud.find_or_create_share(lock, gateway, SHARE_NAME)
        except api.TheKeysCloudRefusedError as err:
            raise FlowError("the_keys_share_refused", lock=lock.name) from err
        except api.TheKeysCloudError as err:
            raise FlowError(_sentence(err)) from err


def _sentence(err: api.TheKeysCloudError) -> str:
    if isinstance(err, api.TheKeysCloudUnreachableError):
        return "the_keys_cloud_unreachable"
    return "the_keys_cloud_not_understood"
