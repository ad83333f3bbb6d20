"""How a gateway and its locks are set up: with the account, or by hand."""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any, override

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.const import CONF_CODE, CONF_HOST, CONF_NAME, CONF_PASSWORD
from homeassistant.core import HomeAssistant
from homeassistant.util.ulid import ulid_now

from ...const import CONF_IDS
from ...helpers import async_cloud_session, cloud_address
from ..base import (
    Account,
    Answers,
    EntryUpdate,
    FlowAbort,
    FlowError,
    Form,
    LockAccount,
    Menu,
    Outcome,
    Page,
    VendorFlow,
    options_form,
    vendor_entries,
)
from . import api
from .const import (
    CLOUD_VARIABLE,
    CONF_ACCESSORY,
    CONF_IDENTIFIER,
    CONF_MODEL,
    CONF_UNLOCK_ONLY,
    KEY,
    SHARE_NAME,
    USUAL_ADDRESS,
)
from .gateways import (
    Visit,
    address_of,
    async_follow_timestamps,
    async_visit,
    is_not_shared_yet,
)
from .schemas import (
    ADDRESS,
    CONF_GATEWAY,
    CONF_LOCK,
    CONF_LOCKS,
    CONF_PHONE,
    CREDENTIALS,
    NAME_AND_CODE,
    OPTIONS,
    choice_of_gateway,
    choice_of_lock,
    choice_of_locks,
    lock_and_code,
    read_options,
)


class TheKeysFlow(VendorFlow):
    """The forms of The Keys. Nothing is added that has not answered a signed request."""

    configured = "the_keys_gateway_configured"

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
        """Follow a gateway to another address."""
        async with async_visit(self._hass, answers[CONF_HOST]) as visit:
            self._check_free(visit.host, entry)
            lockers = await visit.async_list(field=CONF_HOST)
            await async_follow_timestamps(self._hass, entry, visit)
            await _check_same(entry, visit, lockers)
        return EntryUpdate(data={CONF_HOST: visit.host})

    def _check_free(self, host: str, besides: ConfigEntry[Any] | None = None) -> None:
        """See that no entry, `besides` one, has the gateway at an address."""
        for entry in vendor_entries(self._hass, KEY):
            if entry is not besides and address_of(entry) == host:
                raise FlowAbort(self.configured, name=entry.title)

    # With the account.

    async def _with_credentials(self, answers: Answers) -> Outcome:
        account = await CloudAccount.async_log_in(self._hass, answers)
        known = [
            (gateway, self.context.entry_of(frozenset({gateway.accessory_id})))
            for gateway in account.gateways
        ]
        free = {gateway.accessory_id: gateway for gateway, entry in known if entry is None}
        if not free:
            titles = [entry.title for _, entry in known if entry is not None]
            raise FlowAbort(self.configured, name=", ".join(titles))
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
            chosen = [locks[lock] for lock in answers[CONF_LOCKS]]
            async with async_visit(self._hass, answers[CONF_HOST]) as visit:
                self._check_free(visit.host)
                lockers = await visit.async_list(field=CONF_HOST)
                return Account(
                    vendor=KEY,
                    unique_id=gateway.accessory_id,
                    title=gateway.name,
                    ids=frozenset({gateway.accessory_id}),
                    data={CONF_HOST: visit.host, CONF_ACCESSORY: gateway.accessory_id},
                    locks=await account.async_share(gateway, visit, lockers, chosen),
                )

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
        taken = self._taken_locks()
        locks = account.locks_of(gateway)
        free = {str(key): lock for key, lock in locks.items() if key not in taken}
        if not free:
            raise FlowAbort("all_locks_configured")
        return free

    def _taken_locks(self) -> set[int]:
        """Return the identifiers of all locks that are set up."""
        return {
            lock.data[CONF_IDENTIFIER]
            for entry in vendor_entries(self._hass, KEY)
            for lock in entry.subentries.values()
        }

    # By hand.

    async def _with_address(self, answers: Answers) -> Outcome:
        async with async_visit(self._hass, answers[CONF_HOST]) as visit:
            self._check_free(visit.host)
            names = self._names_of_seen(await visit.async_list(field=CONF_HOST))
        host = visit.host

        async def submit(answers: Answers) -> Outcome:
            self._check_free(host)
            lock = await self._with_code(host, answers)
            # Of itself a gateway tells no id, and an address can become another's.
            unique_id = ulid_now().lower()
            return Account(
                vendor=KEY,
                unique_id=unique_id,
                title=self.context.free_title("The Keys gateway"),
                ids=frozenset({unique_id}),
                data={CONF_HOST: host},
                locks=(lock,),
            )

        return Form(step_id=f"{KEY}_code", schema=lock_and_code(names), submit=submit)

    def _names_of_seen(self, lockers: Mapping[int, api.Locker]) -> dict[str, str]:
        if not lockers:
            raise FlowError("the_keys_sees_nothing", field=CONF_HOST)
        taken = self._taken_locks()
        names = {str(key): _label(lock) for key, lock in lockers.items() if key not in taken}
        if not names:
            raise FlowAbort("all_locks_configured")
        return names

    async def _with_code(self, host: str, answers: Answers) -> LockAccount:
        identifier, code = int(answers[CONF_LOCK]), answers[CONF_CODE].strip()
        name = answers.get(CONF_NAME, "").strip() or f"The Keys {identifier}"
        async with async_visit(self._hass, host) as visit:
            await visit.async_check_code(identifier, code, name)
        return LockAccount(
            unique_id=str(identifier),
            title=name,
            data={CONF_IDENTIFIER: identifier, CONF_CODE: code},
        )

    # Locks of an entry.

    @override
    async def add_lock(self, entry: ConfigEntry[Any]) -> Page:
        account = Form(
            step_id=f"{KEY}_add_account",
            schema=CREDENTIALS,
            submit=partial(self._add_with_credentials, entry),
        )
        return Menu(
            step_id=f"{KEY}_add",
            pages=(account, await self._add_by_code(entry)),
            placeholders={"name": entry.title},
        )

    async def _add_by_code(self, entry: ConfigEntry[Any]) -> Form:
        host = entry.data[CONF_HOST]
        try:
            async with async_visit(self._hass, host) as visit:
                names = self._names_of_seen(await visit.async_list())
        except FlowError as err:
            raise FlowAbort(err.key) from err

        async def submit(answers: Answers) -> Outcome:
            return await self._with_code(host, answers)

        return Form(step_id=f"{KEY}_add_code", schema=lock_and_code(names), submit=submit)

    async def _add_with_credentials(self, entry: ConfigEntry[Any], answers: Answers) -> Outcome:
        account = await CloudAccount.async_log_in(self._hass, answers)
        gateway = account.gateway_of(entry)
        locks = self._free_locks(account, gateway)

        async def submit(answers: Answers) -> Outcome:
            chosen = [locks[answers[CONF_LOCK]]]
            async with async_visit(self._hass, entry.data[CONF_HOST]) as visit:
                lockers = await visit.async_list()
                (lock,) = await account.async_share(gateway, visit, lockers, chosen)
            return lock

        names = {key: lock.name for key, lock in locks.items()}
        return Form(step_id=f"{KEY}_add_pick", schema=choice_of_lock(names), submit=submit)

    @override
    async def edit_lock(self, entry: ConfigEntry[Any], lock: ConfigSubentry) -> Page:
        async def submit(answers: Answers) -> Outcome:
            name = answers[CONF_NAME].strip() or lock.title
            # Who set the lock up with the account has never seen its code.
            code = answers.get(CONF_CODE, "").strip() or lock.data[CONF_CODE]
            if code != lock.data[CONF_CODE]:
                async with async_visit(self._hass, entry.data[CONF_HOST]) as visit:
                    await visit.async_check_code(lock.data[CONF_IDENTIFIER], code, name)
            return LockAccount(
                unique_id=lock.unique_id or "", title=name, data={**lock.data, CONF_CODE: code}
            )

        return Form(
            step_id=f"{KEY}_edit",
            schema=NAME_AND_CODE,
            suggested={CONF_NAME: lock.title},
            placeholders={"identifier": str(lock.data[CONF_IDENTIFIER])},
            submit=submit,
        )

    # New codes.

    @override
    async def reauth(self, entry: ConfigEntry[Any]) -> Page:
        names = {lock.subentry_id: lock.title for lock in entry.subentries.values()}
        by_code = Form(
            step_id=f"{KEY}_reauth_code",
            schema=lock_and_code(names, is_named=False),
            submit=partial(self._renew_code, entry),
        )
        account = Form(
            step_id=f"{KEY}_reauth_account",
            schema=CREDENTIALS,
            submit=partial(self._renew_codes, entry),
        )
        return Menu(step_id=f"{KEY}_reauth", pages=(account, by_code))

    async def _renew_code(self, entry: ConfigEntry[Any], answers: Answers) -> Outcome:
        lock, code = entry.subentries[answers[CONF_LOCK]], answers[CONF_CODE].strip()
        async with async_visit(self._hass, entry.data[CONF_HOST]) as visit:
            await visit.async_check_code(lock.data[CONF_IDENTIFIER], code, lock.title)
        return EntryUpdate(locks={lock.subentry_id: {**lock.data, CONF_CODE: code}})

    async def _renew_codes(self, entry: ConfigEntry[Any], answers: Answers) -> Outcome:
        account = await CloudAccount.async_log_in(self._hass, answers)
        gateway = account.gateway_of(entry)
        paired = account.locks_of(gateway)
        ours = {lock.data[CONF_IDENTIFIER]: lock for lock in entry.subentries.values()}
        async with async_visit(self._hass, entry.data[CONF_HOST]) as visit:
            lockers = await visit.async_list()
            known = [paired[key] for key in ours if key in paired and key in lockers]
            if not known:
                raise FlowError("the_keys_not_seen", lock=", ".join(_titles(entry)))
            renewed = await account.async_share(gateway, visit, lockers, known, needs_all=False)
        accessory = gateway.accessory_id
        return EntryUpdate(
            data={CONF_ACCESSORY: accessory},
            ids=frozenset(entry.data[CONF_IDS]) | {accessory},
            locks={ours[int(lock.unique_id)].subentry_id: lock.data for lock in renewed},
        )


class CloudAccount:
    """A person's account with the vendor, for as long as a form is open; nothing is stored."""

    def __init__(self, cloud: api.Cloud, account: api.Account) -> None:
        """Take an account that is logged in to."""
        self._cloud = cloud
        self._locks = account.locks
        self.gateways = account.gateways

    @classmethod
    async def async_log_in(cls, hass: HomeAssistant, answers: Answers) -> CloudAccount:
        """Log in with phone and password; FlowError when that is not possible."""
        url = cloud_address(CLOUD_VARIABLE, api.CLOUD_URL)
        cloud = api.Cloud(async_cloud_session(hass), url)
        phone = "".join(answers[CONF_PHONE].split())
        try:
            await cloud.login(phone, answers[CONF_PASSWORD])
            account = await cloud.locks_and_gateways()
        except api.TheKeysCloudRefusedError as err:
            raise FlowError("the_keys_login_refused", field=CONF_PASSWORD) from err
        except api.TheKeysCloudError as err:
            raise FlowError(_cloud_message(err)) from err
        if not account.locks:
            raise FlowError("the_keys_no_locks")
        if not account.gateways:
            raise FlowError("the_keys_no_gateway")
        return cls(cloud, account)

    def locks_of(self, gateway: api.CloudGateway) -> Mapping[int, api.CloudLock]:
        """Return the locks that are paired with a gateway, by identifier."""
        return {lock.identifier: lock for lock in self._locks if gateway.id in lock.gateway_ids}

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
        self,
        gateway: api.CloudGateway,
        visit: Visit,
        lockers: Mapping[int, api.Locker],
        locks: Iterable[api.CloudLock],
        *,
        needs_all: bool = True,
    ) -> tuple[LockAccount, ...]:
        """Get our share of each lock, and return those that it works with.

        FlowError if there is none, or one is missing and all are needed.
        """
        locks = tuple(locks)
        for lock in locks:
            if lock.identifier not in lockers:
                raise FlowError("the_keys_not_seen", lock=lock.name)
        codes = {lock.identifier: await self._async_code(lock, gateway) for lock in locks}

        async def ask(asked: Iterable[api.CloudLock]) -> dict[int, FlowError | None]:
            return {
                lock.identifier: await visit.async_refusal(
                    lock.identifier, codes[lock.identifier], lock.name
                )
                for lock in asked
            }

        refusals = await ask(locks)
        new = [lock for lock in locks if is_not_shared_yet(refusals[lock.identifier])]
        if new:
            # Only where it has to be: a gateway that synchronizes answers for nobody, which may
            # take minutes, and a person comes back after that.
            await visit.async_distribute(lock.identifier for lock in new)
            refusals |= await ask(new)
        failures = [refusal for refusal in refusals.values() if refusal is not None]
        if failures and (needs_all or len(failures) == len(locks)):
            raise failures[0]
        return tuple(
            _lock_account(lock, codes[lock.identifier])
            for lock in locks
            if refusals[lock.identifier] is None
        )

    async def _async_code(self, lock: api.CloudLock, gateway: api.CloudGateway) -> str:
        try:
            return await self._cloud.find_or_create_share(lock, gateway, SHARE_NAME)
        except api.TheKeysCloudRefusedError as err:
            raise FlowError("the_keys_share_refused", lock=lock.name) from err
        except api.TheKeysCloudError as err:
            raise FlowError(_cloud_message(err)) from err


async def _check_same(
    entry: ConfigEntry[Any], visit: Visit, lockers: Mapping[int, api.Locker]
) -> None:
    """See that a gateway is the entry's: a code belongs to one lock and one gateway."""
    seen = [lock for lock in entry.subentries.values() if lock.data[CONF_IDENTIFIER] in lockers]
    if entry.subentries and not seen:
        raise FlowError("the_keys_other_gateway", field=CONF_HOST)
    failure: FlowError | None = None
    for lock in seen:
        try:
            await visit.async_check_code(
                lock.data[CONF_IDENTIFIER], lock.data[CONF_CODE], lock.title
            )
        except FlowError as err:
            if err.field == CONF_CODE:
                raise FlowError("the_keys_other_gateway", field=CONF_HOST) from err
            failure = err
        else:
            return
    if failure is not None:
        raise failure


def _titles(entry: ConfigEntry[Any]) -> list[str]:
    return [lock.title for lock in entry.subentries.values()]


def _lock_account(lock: api.CloudLock, code: str) -> LockAccount:
    """Return a lock that the account knows."""
    return LockAccount(
        unique_id=str(lock.identifier),
        title=lock.name,
        data={
            CONF_IDENTIFIER: lock.identifier,
            CONF_CODE: code,
            CONF_MODEL: lock.model,
            CONF_UNLOCK_ONLY: lock.unlock_only,
        },
    )


def _cloud_message(err: api.TheKeysCloudError) -> str:
    if isinstance(err, api.TheKeysCloudUnreachableError):
        return "the_keys_cloud_unreachable"
    return "the_keys_cloud_not_understood"


def _label(locker: api.Locker) -> str:
    return f"{locker.identifier}" + ("" if locker.rssi is None else f" ({locker.rssi} dBm)")
