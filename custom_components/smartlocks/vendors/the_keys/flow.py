"""How a gateway and its locks are set up: with the account, or by hand."""

from functools import partial
from typing import Any, override

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.const import CONF_CODE, CONF_HOST, CONF_NAME
from homeassistant.core import HomeAssistant

from ...helpers import parse_address
from ..base import (
    Account,
    Answers,
    FlowAbort,
    FlowError,
    Form,
    LockAccount,
    Menu,
    Outcome,
    Page,
    VendorFlow,
    options_form,
)
from . import api
from .checks import SeenGateway, async_check_code, async_see_gateway
from .cloud import CloudAccount
from .const import CONF_ACCESSORY, CONF_IDENTIFIER, KEY, USUAL_ADDRESS
from .forms import (
    ADDRESS,
    CONF_GATEWAY,
    CONF_LOCK,
    CONF_LOCKS,
    CREDENTIALS,
    NAME_AND_CODE,
    choice_of_gateway,
    choice_of_lock,
    choice_of_locks,
    lock_and_code,
)
from .options import OPTIONS, read_options
from .renewal import Renewal, async_check_lock, renewed_entry
from .stations import async_station
from .subentry import bare_account, changed_account, default_name, taken_locks


class TheKeysFlow(VendorFlow):
    """The pages of The Keys. Every way ends with a signed question to the lock."""

    @property
    def _hass(self) -> HomeAssistant:
        return self.context.hass

    @override
    def start(self) -> Page:
        by_hand = Form(
            step_id=f"{KEY}_hand",
            schema=ADDRESS,
            suggested={CONF_HOST: USUAL_ADDRESS},
            submit=self._with_address,
        )
        account = Form(step_id=f"{KEY}_account", schema=CREDENTIALS, submit=self._with_credentials)
        return Menu(step_id=KEY, pages=(account, by_hand))

    @override
    async def options(self, entry: ConfigEntry[Any]) -> Page:
        return options_form(f"{KEY}_options", OPTIONS, read_options, entry.options)

    @override
    async def reconfigure(self, entry: ConfigEntry[Any]) -> Page:
        return Form(
            step_id=f"{KEY}_reconfigure",
            schema=ADDRESS,
            suggested={CONF_HOST: entry.data[CONF_HOST]},
            submit=partial(self._moved, entry),
        )

    async def _moved(self, entry: ConfigEntry[Any], answers: Answers) -> Outcome:
        """Follow a gateway to another address; it must see one of the locks."""
        seen = await async_see_gateway(self._hass, answers[CONF_HOST])
        ours = {lock.data[CONF_IDENTIFIER] for lock in entry.subentries.values()}
        if ours and ours.isdisjoint(seen.lockers):
            raise FlowError("the_keys_other_gateway", field=CONF_HOST)
        before = await async_station(self._hass, parse_address(entry.data[CONF_HOST]))
        seen.station.timestamps.follow(before.timestamps)
        return renewed_entry(entry, {CONF_HOST: seen.host}, seen.host)

    # With the account.

    async def _with_credentials(self, answers: Answers) -> Outcome:
        account = await CloudAccount.async_log_in(self._hass, answers)
        free = {
            gateway.accessory_id: gateway
            for gateway in account.gateways
            if self.context.entry_of(frozenset({gateway.accessory_id})) is None
        }
        if not free:
            raise FlowAbort("already_configured")
        if len(free) == 1:
            return self._pick_locks(account, *free.values())

        async def submit(answers: Answers) -> Outcome:
            return self._pick_locks(account, free[answers[CONF_GATEWAY]])

        names = {key: gateway.name for key, gateway in free.items()}
        return Form(step_id=f"{KEY}_gateway", schema=choice_of_gateway(names), submit=submit)

    def _pick_locks(self, account: CloudAccount, gateway: api.CloudGateway) -> Form:
        locks = self._free_locks(account, gateway)

        async def submit(answers: Answers) -> Outcome:
            if not answers[CONF_LOCKS]:
                raise FlowError("the_keys_none_chosen", field=CONF_LOCKS)
            seen = await async_see_gateway(self._hass, answers[CONF_HOST])
            chosen = [locks[lock] for lock in answers[CONF_LOCKS]]
            return _gateway_account(gateway, seen, await account.async_share(gateway, seen, chosen))

        names = {key: lock.name for key, lock in locks.items()}
        return Form(
            step_id=f"{KEY}_pick",
            schema=choice_of_locks(names),
            suggested={CONF_HOST: gateway.ip or USUAL_ADDRESS},
            submit=submit,
        )

    def _free_locks(
        self, account: CloudAccount, gateway: api.CloudGateway
    ) -> dict[str, api.CloudLock]:
        taken = taken_locks(self._hass)
        locks = account.locks_of(gateway)
        free = {str(key): lock for key, lock in locks.items() if key not in taken}
        if not free:
            raise FlowAbort("all_locks_configured")
        return free

    # By hand.

    async def _with_address(self, answers: Answers) -> Outcome:
        seen = await async_see_gateway(self._hass, answers[CONF_HOST])
        if self.context.entry_of(frozenset({seen.host})) is not None:
            raise FlowAbort("already_configured")

        async def submit(answers: Answers) -> Outcome:
            lock = await self._by_code(seen, answers)
            return Account(
                vendor=KEY,
                unique_id=seen.host,
                title=f"The Keys {seen.host}",
                ids=frozenset({seen.host}),
                data={CONF_HOST: seen.host},
                locks=(lock,),
            )

        schema = lock_and_code(self._seen_names(seen))
        return Form(step_id=f"{KEY}_code", schema=schema, submit=submit)

    def _seen_names(self, seen: SeenGateway) -> dict[str, str]:
        if not seen.lockers:
            raise FlowError("the_keys_sees_nothing", field=CONF_HOST)
        taken = taken_locks(self._hass)
        names = {str(key): _label(lock) for key, lock in seen.lockers.items() if key not in taken}
        if not names:
            raise FlowAbort("all_locks_configured")
        return names

    async def _by_code(self, seen: SeenGateway, answers: Answers) -> LockAccount:
        identifier, code = int(answers[CONF_LOCK]), answers[CONF_CODE].strip()
        name = answers.get(CONF_NAME)
        await async_check_code(self._hass, seen, identifier, code, name or default_name(identifier))
        return bare_account(identifier, code, name)

    # Locks of an entry.

    @override
    async def add_lock(self, entry: ConfigEntry[Any]) -> Page:
        account = Form(
            step_id=f"{KEY}_add_account",
            schema=CREDENTIALS,
            submit=partial(self._add_with_credentials, entry),
        )
        return Menu(step_id=f"{KEY}_add", pages=(account, await self._add_by_code(entry)))

    async def _add_by_code(self, entry: ConfigEntry[Any]) -> Form:
        try:
            seen = await async_see_gateway(self._hass, entry.data[CONF_HOST])
            names = self._seen_names(seen)
        except FlowError as err:
            raise FlowAbort(err.key) from err

        async def submit(answers: Answers) -> Outcome:
            return await self._by_code(seen, answers)

        return Form(step_id=f"{KEY}_add_code", schema=lock_and_code(names), submit=submit)

    async def _add_with_credentials(self, entry: ConfigEntry[Any], answers: Answers) -> Outcome:
        account = await CloudAccount.async_log_in(self._hass, answers)
        gateway = account.gateway_of(entry)
        locks = self._free_locks(account, gateway)

        async def submit(answers: Answers) -> Outcome:
            seen = await async_see_gateway(self._hass, entry.data[CONF_HOST])
            (lock,) = await account.async_share(gateway, seen, [locks[answers[CONF_LOCK]]])
            return lock

        names = {key: lock.name for key, lock in locks.items()}
        return Form(step_id=f"{KEY}_add_pick", schema=choice_of_lock(names), submit=submit)

    @override
    async def edit_lock(self, entry: ConfigEntry[Any], lock: ConfigSubentry) -> Page:
        async def submit(answers: Answers) -> Outcome:
            changed = changed_account(
                lock, code=answers[CONF_CODE].strip(), name=answers[CONF_NAME]
            )
            await async_check_lock(self._hass, entry, lock, changed)
            return changed

        return Form(
            step_id=f"{KEY}_edit",
            schema=NAME_AND_CODE,
            suggested={CONF_NAME: lock.title},
            placeholders={"identifier": str(lock.data[CONF_IDENTIFIER])},
            submit=submit,
        )

    @override
    async def reauth(self, entry: ConfigEntry[Any]) -> Page:
        return Renewal(self._hass, entry).page()


def _gateway_account(
    gateway: api.CloudGateway, seen: SeenGateway, locks: tuple[LockAccount, ...]
) -> Account:
    return Account(
        vendor=KEY,
        unique_id=gateway.accessory_id,
        title=gateway.name,
        ids=frozenset({gateway.accessory_id, seen.host}),
        data={CONF_HOST: seen.host, CONF_ACCESSORY: gateway.accessory_id},
        locks=locks,
    )


def _label(locker: api.Locker) -> str:
    return f"{locker.identifier}" + ("" if locker.rssi is None else f" ({locker.rssi} dBm)")
