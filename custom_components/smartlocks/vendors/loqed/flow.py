"""How a LOQED lock is set up: by token, by the pasted JSON, or from a bridge that was found."""

from functools import partial
from typing import Any, override

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_API_TOKEN, CONF_HOST
from homeassistant.helpers.selector import (
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
)
from homeassistant.helpers.service_info.zeroconf import ZeroconfServiceInfo
import voluptuous as vol

from ...const import CONF_IDS
from ...helpers import format_address, parse_address
from ..base import (
    Account,
    Answers,
    Discovery,
    FlowAbort,
    FlowError,
    Form,
    Menu,
    Outcome,
    Page,
    VendorFlow,
    options_form,
)
from . import api
from .account import account_of
from .checks import async_check_bridge, async_locks, async_status
from .const import (
    CONF_BRIDGE_KEY,
    CONF_CAN_OPEN,
    CONF_KEY_ID,
    CONF_KEY_SECRET,
    CONF_NAME,
    KEY,
)
from .forms import (
    ADDRESS,
    CONF_INFORMATION,
    CONF_LOCK,
    INFORMATION_URL,
    PASTE,
    TOKEN,
    TOKEN_URL,
)
from .options import OPTIONS, read_options
from .purpose import Purpose, renewal_of


class LoqedFlow(VendorFlow):
    """The pages of LOQED. Every way ends with a signed call to the bridge."""

    @override
    def start(self) -> Page:
        return self._ways(KEY, Purpose())

    @override
    async def reauth(self, entry: ConfigEntry[Any]) -> Page:
        return self._ways(f"{KEY}_reauth", renewal_of(entry))

    @override
    async def reconfigure(self, entry: ConfigEntry[Any]) -> Page:
        address = Form(
            step_id=f"{KEY}_address",
            schema=ADDRESS,
            suggested={CONF_HOST: entry.data[CONF_HOST]},
            submit=partial(self._moved, entry),
        )
        ways = self._ways(f"{KEY}_reconfigure", renewal_of(entry))
        return Menu(step_id=ways.step_id, pages=(address, *ways.pages))

    @override
    async def options(self, entry: ConfigEntry[Any]) -> Page:
        suggested = {CONF_CAN_OPEN: bool(entry.data.get(CONF_CAN_OPEN)), **entry.options}
        return options_form(f"{KEY}_options", OPTIONS, read_options, suggested)

    @override
    async def discover(self, info: ZeroconfServiceInfo) -> Discovery | None:
        found = api.bridge_id(info.name) if info.name.lower().startswith(f"{KEY}-") else None
        if found is None:
            return None
        try:
            host = format_address(parse_address(_netloc(info)))
        except ValueError as err:
            raise FlowAbort("cannot_connect") from err
        ids = frozenset({found})
        if self.context.entry_of(ids) is None:
            # The newest bridges announce another address than the one they report.
            ids |= await self._reported_ids(host)
        name = f"LOQED {found[-4:].upper()}"
        return Discovery(
            unique_id=found,
            name=name,
            ids=ids,
            host=host,
            page=self._ways(f"{KEY}_discovered", Purpose(host=host, ids=ids), name=name, host=host),
        )

    async def _reported_ids(self, host: str) -> frozenset[str]:
        try:
            return (await async_status(self.context.session, host)).macs
        except FlowError as err:
            raise FlowAbort("cannot_connect") from err

    def _ways(self, step_id: str, purpose: Purpose, **placeholders: str) -> Menu:
        """Return the two ways to a lock's keys."""
        suggested = {} if purpose.host is None else {CONF_HOST: purpose.host}
        token = Form(
            step_id=f"{KEY}_token",
            schema=TOKEN,
            suggested=suggested,
            placeholders={"url": TOKEN_URL},
            submit=partial(self._with_token, purpose),
        )
        paste = Form(
            step_id=f"{KEY}_paste",
            schema=PASTE,
            suggested={**suggested, **_known_answers(purpose.entry)},
            placeholders={"url": INFORMATION_URL},
            submit=partial(self._with_information, purpose),
        )
        return Menu(step_id=step_id, pages=(token, paste), placeholders=placeholders)

    async def _with_token(self, purpose: Purpose, answers: Answers) -> Outcome:
        locks = await async_locks(self.context.session, answers[CONF_API_TOKEN])
        host: str | None = answers.get(CONF_HOST)
        if purpose.entry is not None:
            locks = tuple(lock for lock in locks if purpose.fits(lock))
            return await self._check(purpose, _only(locks), host)
        new = tuple(lock for lock in locks if self.context.entry_of(lock.ids) is None)
        if not new:
            raise FlowAbort("all_locks_configured")
        fitting = tuple(lock for lock in new if purpose.fits(lock)) or new
        if len(fitting) == 1 and (purpose.ids or len(locks) == 1):
            return await self._check(purpose, fitting[0], host)
        return self._picker(purpose, fitting, host)

    def _picker(
        self, purpose: Purpose, locks: tuple[api.LockInformation, ...], host: str | None
    ) -> Form:
        by_id = {lock.lock_id: lock for lock in locks}
        options = [
            SelectOptionDict(value=lock.lock_id, label=lock.name or f"LOQED {lock.lock_id}")
            for lock in locks
        ]
        picker = SelectSelector(SelectSelectorConfig(options=options))

        async def submit(answers: Answers) -> Outcome:
            return await self._check(purpose, by_id[answers[CONF_LOCK]], host)

        return Form(
            step_id=f"{KEY}_pick",
            schema=vol.Schema({vol.Required(CONF_LOCK): picker}),
            submit=submit,
        )

    async def _with_information(self, purpose: Purpose, answers: Answers) -> Outcome:
        try:
            lock = api.parse_integration_information(answers[CONF_INFORMATION])
        except api.LoqedInformationError as err:
            raise FlowError("not_an_information", field=CONF_INFORMATION) from err
        return await self._check(
            purpose,
            lock,
            answers.get(CONF_HOST),
            name=answers.get(CONF_NAME),
            can_open=answers[CONF_CAN_OPEN],
        )

    async def _check(
        self,
        purpose: Purpose,
        lock: api.LockInformation,
        host: str | None,
        *,
        name: str | None = None,
        can_open: bool | None = None,
    ) -> Outcome:
        """Go to the bridge with the keys; where it is not, ask for its address."""
        address = host or lock.host
        if purpose.entry is None and self.context.entry_of(lock.ids) is not None:
            raise FlowAbort("already_configured")

        async def submit(answers: Answers) -> Outcome:
            checked = await async_check_bridge(
                self.context.session, answers[CONF_HOST].strip(), lock.keys
            )
            return account_of(lock, checked.host, checked.status, name, can_open)

        asked = {CONF_HOST: address} if address else {}
        form = Form(step_id=f"{KEY}_bridge", schema=ADDRESS, suggested=asked, submit=submit)
        if not address:
            return form
        try:
            return await submit(asked)
        except FlowError as err:
            if err.field != CONF_HOST:
                raise
            return Form(
                step_id=form.step_id,
                schema=form.schema,
                suggested=asked,
                submit=submit,
                error=err,
            )

    async def _moved(self, entry: ConfigEntry[Any], answers: Answers) -> Outcome:
        """Follow a bridge to another address; it must be the same bridge."""
        keys = api.Keys.parse(
            key_id=entry.data[CONF_KEY_ID],
            key_secret=entry.data[CONF_KEY_SECRET],
            bridge_key=entry.data[CONF_BRIDGE_KEY],
        )
        checked = await async_check_bridge(self.context.session, answers[CONF_HOST].strip(), keys)
        return Account(
            vendor=KEY,
            unique_id=entry.unique_id or "",
            title=entry.title,
            ids=frozenset(entry.data[CONF_IDS]) | checked.status.macs,
            data={CONF_HOST: checked.host},
        )


def _known_answers(entry: ConfigEntry[Any] | None) -> dict[str, Any]:
    return {} if entry is None else {CONF_CAN_OPEN: bool(entry.data.get(CONF_CAN_OPEN))}


def _only(locks: tuple[api.LockInformation, ...]) -> api.LockInformation:
    if not locks:
        raise FlowAbort("unique_id_mismatch")
    return locks[0]


def _netloc(info: ZeroconfServiceInfo) -> str:
    host = f"[{info.host}]" if ":" in info.host else info.host
    return f"{host}:{info.port or 80}"
