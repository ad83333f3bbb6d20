"""The devices' histories, read where a person wants them: each page is paid for."""

from collections.abc import Callable, Mapping
from typing import Final

from homeassistant.core import callback

from ...const import LOGGER
from ...models import LockEvent
from . import api
from .story import Page, Story
from .troubles import OF_A_DEVICE

_ENTRIES: Final = 50


class Chronicle:
    """Reads histories, and tells what is new in them.

    `report` is given each event, `tell_who` a device and who moved it last.
    """

    def __init__(
        self,
        cloud: api.WebApi,
        stories: Mapping[str, Story],
        *,
        report: Callable[[LockEvent], None],
        tell_who: Callable[[str, str | None], None],
    ) -> None:
        """Take the devices whose stories are to be told."""
        self._cloud = cloud
        self._stories = stories
        self._report = report
        self._tell_who = tell_who

    async def async_page(self, uuid: str) -> Page:
        """Read the newest page, whether it is to be told or not."""
        page = await self._cloud.history(uuid, entries=_ENTRIES)
        self._async_take(uuid, page, None)
        return page

    async def async_follow(self, uuid: str, status: api.Status) -> None:
        """Tell what has happened since the last time, if that is wanted and anything has."""
        story = self._stories.get(uuid)
        if story is None or not story.is_due(status):
            return
        try:
            page = await self._cloud.history(uuid, entries=_ENTRIES)
        except OF_A_DEVICE as err:
            LOGGER.debug("A history was not read: %s", err)
            return
        self._async_take(uuid, page, status)

    @callback
    def _async_take(self, uuid: str, page: Page, status: api.Status | None) -> None:
        story = self._stories.get(uuid)
        if story is None:
            return
        for event in story.take(page, status):
            self._report(event)
        self._tell_who(uuid, story.changed_by)
