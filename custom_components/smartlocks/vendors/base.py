"""What a vendor is to the rest of the integration: a row of the table, and forms as data."""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from itertools import chain, count
from typing import Any, ClassVar

from aiohttp import ClientSession
from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.service_info.zeroconf import ZeroconfServiceInfo
import voluptuous as vol
from yarl import URL

from ..const import CONF_IDS, CONF_VENDOR, DOMAIN
from ..coordinator import SmartLocksCoordinator
from ..helpers import async_cloud_session, cloud_address

type Answers = dict[str, Any]


class FlowError(Exception):
    """Answers that cannot be used: the form is shown again with a message."""

    def __init__(self, key: str, *, field: str = "base", **placeholders: str) -> None:
        """Name the message (config.error), the field it stands at, and its placeholders."""
        super().__init__(key)
        self.key = key
        self.field = field
        self.placeholders = placeholders


class FlowAbort(Exception):  # noqa: N818 - an end, not an error
    """The flow cannot go on; the reason is a message of config.abort."""

    def __init__(self, reason: str, **placeholders: str) -> None:
        """Name the reason and its placeholders."""
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
    """A config entry to be made.

    `ids` are all the names the vendor knows the same thing by: an entry that shares one
    of them is this one. `unique_id` is the one it is registered under. `note` names what
    is said when the entry is made (config.create_entry).
    """

    vendor: str
    unique_id: str
    title: str
    ids: frozenset[str]
    data: Mapping[str, Any] = field(repr=False)
    locks: tuple[LockAccount, ...] = ()
    note: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class EntryUpdate:
    """A change of an entry that exists: after a reauthentication or a reconfiguration.

    `data` replaces what it names. `ids`, if given, replace all names the entry goes by.
    `locks` are new data of its locks, by subentry id. That it is the same account or
    device, the vendor has checked.
    """

    data: Mapping[str, Any] = field(default_factory=dict, repr=False)
    ids: frozenset[str] | None = None
    title: str | None = None
    locks: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Form:
    """A step that asks. `submit` turns the answers into what comes next.

    `step_id` begins with the vendor's key and names the step's texts in the
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
    """A step that offers others, each by its own step id."""

    step_id: str
    pages: tuple[Offer, ...]
    placeholders: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Later:
    """A step of a menu whose form depends on what is found out when it is chosen."""

    step_id: str
    open: Callable[[], Awaitable[Page]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Options:
    """The options a person has chosen.

    `entry_data` is what changes of the entry's own data, which holds what is secret; None
    removes a value.
    """

    data: Mapping[str, Any]
    entry_data: Mapping[str, Any] = field(default_factory=dict, repr=False)


type Page = Form | Menu
type Offer = Page | Later
type Result = Account | EntryUpdate | LockAccount | Options
type Outcome = Page | Result


@dataclass(frozen=True, kw_only=True, slots=True)
class Discovery:
    """A device found on the network: its names, its address, and the step to go on with.

    Nothing of it is proven: anybody on the network can announce anything.
    """

    unique_id: str
    name: str
    ids: frozenset[str]
    host: str
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
    """Return the form of options; `read` turns the answers into what is kept."""

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
        """The session for clouds."""
        return async_cloud_session(self.hass)

    @callback
    def entry_of(
        self, ids: frozenset[str], besides: ConfigEntry[Any] | None = None
    ) -> ConfigEntry[Any] | None:
        """Return the vendor's entry that goes by one of these names, `besides` one."""
        for entry in vendor_entries(self.hass, self.vendor):
            if entry is not besides and not ids.isdisjoint(entry.data.get(CONF_IDS, ())):
                return entry
        return None

    @callback
    def free_title(self, title: str) -> str:
        """Return a title for a new entry: with a number where an entry has it already."""
        taken = {entry.title for entry in vendor_entries(self.hass, self.vendor)}
        numbered = (f"{title} {number}" for number in count(2))
        return next(name for name in chain((title,), numbered) if name not in taken)


class VendorFlow(ABC):
    """How a vendor's locks are set up. Forms are data; the config flow runs them.

    `configured` is the reason (config.abort) of a flow for something that has an entry
    already; its placeholder `name` is the title of that entry.
    """

    configured: ClassVar[str]

    def __init__(self, context: FlowContext) -> None:
        self.context = context

    @abstractmethod
    def start(self) -> Offer:
        """Return the first step; its id is the vendor's key."""

    @abstractmethod
    async def reauth(self, entry: ConfigEntry[Any]) -> Page:
        """Return the step that asks for new credentials."""

    @abstractmethod
    async def reconfigure(self, entry: ConfigEntry[Any]) -> Page:
        """Return the step that changes address or credentials."""

    @abstractmethod
    async def options(self, entry: ConfigEntry[Any]) -> Page:
        """Return the step of options."""

    async def discover(self, info: ZeroconfServiceInfo) -> Discovery | None:
        """Return what was found on the network, if it is this vendor's; asks nobody."""
        return None

    async def add_lock(self, entry: ConfigEntry[Any]) -> Page:
        """Return the step that adds a lock to an entry."""
        raise NotImplementedError(entry.domain)

    async def edit_lock(self, entry: ConfigEntry[Any], lock: ConfigSubentry) -> Page:
        """Return the step that changes a lock of an entry."""
        raise NotImplementedError(entry.domain, lock.subentry_type)


@dataclass(frozen=True, kw_only=True, slots=True)
class Cloud:
    """Where a vendor's cloud is; `variable` is the environment's, for development and demos."""

    url: str
    variable: str

    @property
    def address(self) -> URL:
        """The address in use."""
        return cloud_address(self.variable, self.url)


@dataclass(frozen=True, kw_only=True, slots=True)
class Vendor:
    """One row of the table.

    The key is the folder, the menu option, the step id, `entry.data["vendor"]` and the
    prefix of unique ids. `has_locks` says that locks are added one by one, as subentries.
    `can_push` says that the vendor can call us. `cloud` is what system health connects to.
    `prepare` is run when an entry has been read for the first time, before its entities
    are added. `forget` removes what is stored of an entry besides itself, when it is
    removed.
    """

    key: str
    flow: Callable[[FlowContext], VendorFlow]
    coordinator: Callable[[HomeAssistant, ConfigEntry[Any]], SmartLocksCoordinator]
    has_locks: bool = False
    can_push: bool = False
    cloud: Cloud | None = None
    prepare: Callable[[HomeAssistant, ConfigEntry[Any]], Awaitable[None]] | None = None
    forget: Callable[[HomeAssistant, ConfigEntry[Any]], Awaitable[None]] | None = None
