"""The dialogs of flows, as a person uses them: read, choose, fill in, submit."""

from collections.abc import Mapping
from dataclasses import dataclass, field
import re
from typing import Any

from playwright.async_api import Locator, Response, expect

from .browser import SECONDS, Window

FLOW = re.compile(r"/api/(config/config_entries/(options/|subentries/)?flow|repairs/issues/fix)")
# Setting a lock up may take as long as its radio.
STEP = 90 * SECONDS


class DialogError(AssertionError):
    """The flow went another way than a person was told."""


@dataclass(kw_only=True)
class Dialog:
    """An open dialog; `where` is the place of its texts, such as "config" or "options".

    `step` is the step that Home Assistant answered last, by which we know its fields; what
    is on the screen is compared with the texts of that step.
    """

    window: Window
    where: str
    step: dict[str, Any] = field(default_factory=dict)

    @property
    def root(self) -> Locator:
        """Return the dialog on the screen."""
        return self.window.page.locator("dialog-data-entry-flow")

    async def click(self, target: Locator) -> None:
        """Click something that leads to the next step, and see that this is shown."""
        async with self.window.page.expect_response(_is_step, timeout=STEP) as waiting:
            await target.click()
        response = await waiting.value
        if not response.ok:
            raise DialogError(f"{self.step.get('step_id')}: {await response.text()}")
        self.step = await response.json()
        if self.step["type"] in {"form", "menu"}:
            await expect(self.root).to_contain_text(self._text("title"), timeout=STEP)

    async def choose(self, option: str) -> None:
        """Choose an option of a menu by its key."""
        text = self.window.texts.get(f"{self._place}.menu_options.{option}")
        line = self.window.page.get_by_text(text, exact=True)
        await self.click(self.root.locator("ha-list-item").filter(has=line))

    async def submit(self, **values: Any) -> None:
        """Fill fields in by their keys, and submit the form."""
        for name, value in values.items():
            await self.fill(name, value)
        await self.click(self.primary)

    @property
    def primary(self) -> Locator:
        """Return the button that submits, or that ends the dialog."""
        return self.root.locator("ha-dialog-footer ha-button:visible").last

    async def fill(self, name: str, value: Any) -> None:
        """Fill one field in."""
        await self._row(name).or_(self._input(name)).first.wait_for()
        if isinstance(value, bool):
            await self._switch(name, on=value)
        elif isinstance(value, list):
            await self._tick(name, value)
        elif await self._input(name).count():
            await self._input(name).fill(str(value))
        else:
            await self._select(name, str(value))

    async def refused(self, error: str) -> None:
        """See that the last answers were refused with an error, and that it is shown."""
        errors: Mapping[str, str] = self.step.get("errors") or {}
        if error not in errors.values():
            raise DialogError(f"{self.step.get('step_id')}: {error} was expected, not {errors}")
        shown = self.window.texts.pattern(f"{self.where}.error.{error}")
        await expect(self.root).to_contain_text(shown)

    async def finish(self) -> None:
        """Close the page that says that all went well."""
        if self.step["type"] not in {"create_entry", "abort"}:
            raise DialogError(f"Not at the end, but at {self.step}")
        await self.primary.click()
        await expect(self.root.locator("ha-dialog")).to_have_count(0)

    @property
    def _place(self) -> str:
        return f"{self.where}.step.{self.step['step_id']}"

    def _text(self, name: str) -> re.Pattern[str]:
        return self.window.texts.pattern(f"{self._place}.{name}")

    def _label(self, name: str) -> str:
        return self.window.texts.get(f"{self._place}.data.{name}")

    def _input(self, name: str) -> Locator:
        return self.root.locator(f"input[name={name}], textarea[name={name}]")

    def _row(self, name: str) -> Locator:
        """Return the field with a label."""
        rows = self.root.locator("ha-form > .root > *, ha-form .root > *")
        return rows.filter(has_text=self._label(name)).first

    async def _switch(self, name: str, *, on: bool) -> None:
        switch = self._row(name).get_by_role("switch")
        if await switch.is_checked() != on:
            await self._row(name).locator("ha-switch").click()

    async def _select(self, name: str, text: str) -> None:
        row = self._row(name)
        await row.locator("ha-select, ha-dropdown").first.click()
        await (
            row.locator("ha-dropdown-item")
            .filter(has_text=re.compile(f"^\\s*{re.escape(text)}\\s*$"))
            .click()
        )

    async def _tick(self, name: str, wanted: list[str]) -> None:
        for box in await self._row(name).locator("ha-checkbox").all():
            is_wanted = (await box.inner_text()).strip() in wanted
            if await box.locator("input").is_checked() != is_wanted:
                await box.click()


def _is_step(response: Response) -> bool:
    return bool(FLOW.search(response.url)) and response.request.method == "POST"


async def from_page(window: Window, entry_id: str, where: str, *, menu_item: str = "") -> Dialog:
    """Open the options of an entry on the integration's page, or what its menu offers."""
    row = await entry_row(window, entry_id)
    dialog = Dialog(window=window, where=where)
    if not menu_item:
        await dialog.click(row.locator("ha-row-item > ha-icon-button[slot=end]").first)
        return dialog
    await row.locator("ha-row-item > ha-dropdown > ha-icon-button[slot=trigger]").first.click()
    await dialog.click(
        row.locator("ha-row-item > ha-dropdown ha-dropdown-item").filter(has_text=menu_item).first
    )
    return dialog


async def change_lock(window: Window, entry_id: str, name: str) -> Dialog:
    """Open what a lock of an entry can be changed in."""
    row = await entry_row(window, entry_id)
    dialog = Dialog(window=window, where="config_subentries.lock")
    lock = row.locator("ha-config-sub-entry-row").filter(has_text=name)
    await dialog.click(lock.locator("ha-list-item-base > ha-icon-button[slot=end]").first)
    return dialog


async def entry_row(window: Window, entry_id: str) -> Locator:
    """Return the part of the integration's page that is about one entry."""
    await window.open("/config/integrations/integration/smartlocks")
    link = window.page.locator(f"a[href*='{entry_id}']")
    row = window.page.locator("ha-config-entry-row").filter(has=link)
    await row.wait_for()
    return row


async def add_integration(window: Window) -> Dialog:
    """Open the dialog as a link of My Home Assistant does."""
    dialog = Dialog(window=window, where="config")
    await window.open("/config/integrations/dashboard/add?domain=smartlocks")
    await dialog.click(window.page.locator("dialog-box ha-button:visible").last)
    return dialog
