"""What a vendor is to the rest of the house: a row of the table, and a flow told as data."""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import ClientSession
from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.service_info.zeroconf import ZeroconfServiceInfo
import voluptuous as vol

from ..const import CONF_IDS, CONF_VENDOR, DOMAIN
from ..coordinator import SmartLocksCoordinator

type Answers = dict[str, Any]


class FlowError(Exception):
    """An answer that leads nowhere: the form comes again, with the sentence to say so."""

    def __init__(self, key: str, *, field: str = "base", **placeholders: str) -> None:
        """Name the sentence (config.error), the field it stands at, and what it speaks of."""
        super().__init__(key)
        self.key = key
        self.field = field
        self.placeholders = placeholders


class FlowAbort(Exception):  # noqa: N818 - an end, not an error
    """The flow cannot go on; the reason is a sentence of config.abort."""

    def __init__(self, reason: str, **placeholders: str) -> None:
        """Name the reason and what it speaks of."""
        super().__init__(reason)
        self.reason = reason
        self.placeholders = placeholders


@dataclass(frozen=True, kw_only=True, slots=True)
class LockAccount:
    """A lock to be added to an entry as a subentry; `unique_id` is the vendor's lock id."""

    unique_id: str
    title: str
    data: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    """A config entry to be, or the renewed data of one that is.

    `ids` are all the names the vendor knows the same thing by: an entry that shares one
    of them is this one. `unique_id` is the one it is registered under. `note` names what
    a new entry's person is told in the end (config.create_entry).
    """

    vendor: str
    unique_id: str
    title: str
    ids: frozenset[str]
    data: Mapping[str, Any] = field(repr=False)
    locks: tuple[LockAccount, ...] = ()
    note: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Form:
    """One page that asks. `submit` takes the answers to what comes next.

    `step_id` begins with the vendor's key and names the page's words in the
    translations. `suggested` fills the fields in advance. `error` is shown at once.
    """

    step_id: str
    schema: vol.Schema
    submit: Callable[[Answers], Awaitable[Outcome]]
    suggested: Mapping[str, Any] = field(default_factory=dict, repr=False)
    placeholders: Mapping[str, str] = field(default_factory=dict)
    error: FlowError | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Menu:
    """One page that offers others, each by its own step id."""

    step_id: str
    pages: tuple[Page, ...]
    placeholders: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Options:
    """The options a person has chosen."""

    data: Mapping[str, Any]


type Page = Form | Menu
type Outcome = Page | Account | LockAccount | Options


@dataclass(frozen=True, kw_only=True, slots=True)
class Discovery:
    """A device found on the network: its names, what to call it, and the page to go on with.

    `updates` are the entry data that changed if it is set up already (its address).
    """

    unique_id: str
    name: str
    ids: frozenset[str]
    updates: Mapping[str, Any]
    page: Page


@callback
def vendor_entries(hass: HomeAssistant, vendor: str) -> list[ConfigEntry[Any]]:
    """Return a vendor's entries."""
    entries: list[ConfigEntry[Any]] = hass.config_entries.async_entries(
        DOMAIN, include_ignore=False
    )
    return [entry for entry in entries if entry.data.get(CONF_VENDOR) == vendor]


def options_form(
    step_id: str,
    schema: vol.Schema,
    read: Callable[[Answers], dict[str, Any]],
    suggested: Mapping[str, Any],
    **placeholders: str,
) -> Form:
    """Return the page of options; `read` makes of the answers what is kept."""

    async def submit(answers: Answers) -> Outcome:
        return Options(data=read(answers))

    return Form(
        step_id=step_id,
        schema=schema,
        suggested=suggested,
        placeholders=placeholders,
        submit=submit,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class FlowContext:
    """What a vendor's flow may ask of Home Assistant."""

    hass: HomeAssistant
    vendor: str

    @property
    def session(self) -> ClientSession:
        """Home Assistant's own HTTP session."""
        return async_get_clientsession(self.hass)

    @callback
    def entry_of(self, ids: frozenset[str]) -> ConfigEntry[Any] | None:
        """Return the vendor's entry that goes by one of these names."""
        for entry in vendor_entries(self.hass, self.vendor):
            if not ids.isdisjoint(entry.data[CONF_IDS]):
                return entry
        return None


class VendorFlow(ABC):
    """How a vendor's locks are set up. Pages are data; the config flow runs them."""

    def __init__(self, context: FlowContext) -> None:
        self.context = context

    @abstractmethod
    def start(self) -> Page:
        """Return the first page; its step id is the vendor's key."""

    @abstractmethod
    async def reauth(self, entry: ConfigEntry[Any]) -> Page:
        """Return the page that asks for new credentials."""

    @abstractmethod
    async def reconfigure(self, entry: ConfigEntry[Any]) -> Page:
        """Return the page that changes address or credentials."""

    @abstractmethod
    async def options(self, entry: ConfigEntry[Any]) -> Page:
        """Return the page of options."""

    async def discover(self, info: ZeroconfServiceInfo) -> Discovery | None:
        """Tell whether something found on the network is this vendor's."""
        return None

    async def add_lock(self, entry: ConfigEntry[Any]) -> Page:
        """Return the page that adds a lock to an entry."""
        raise NotImplementedError(entry.domain)

    async def edit_lock(self, entry: ConfigEntry[Any], lock: ConfigSubentry) -> Page:
        """Return the page that changes a lock of an entry."""
        raise NotImplementedError(entry.domain, lock.subentry_type)


@dataclass(frozen=True, kw_only=True, slots=True)
class Vendor:
    """One row of the table.

    The key is the folder, the menu option, the step id, `entry.data["vendor"]` and the
    prefix of unique ids. `has_locks` says that locks are added one by one, as subentries.
    `forget` drops what is kept of an entry besides itself, when it is removed.
    """

    key: str
    flow: Callable[[FlowContext], VendorFlow]
    coordinator: type[SmartLocksCoordinator]
    has_locks: bool = False
    forget: Callable[[HomeAssistant, ConfigEntry[Any]], Awaitable[None]] | None = None
