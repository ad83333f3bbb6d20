"""A browser that is logged in to the demo."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
import json
from pathlib import Path
import time
from typing import Any

from playwright.async_api import Browser, Locator, Page, async_playwright

from scripts.lib.demo.home_assistant import HomeAssistant

from .texts import Texts

# A browser without a screen, in a container, that talks to nobody but the demo.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)
SECONDS = 1000


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """How somebody looks at it."""

    name: str
    language: str = "en"
    width: int = 1280
    height: int = 900
    scheme: str = "light"

    @property
    def is_phone(self) -> bool:
        """Tell whether the screen is narrow."""
        return self.width < 600


DESKTOP = Look(name="desktop")
PHONE = Look(name="phone", width=390, height=844, scheme="dark")
# The other half of the combinations; Dutch where there are Dutch texts.
LOOKS = (
    DESKTOP,
    PHONE,
    Look(name="desktop-dark-nl", language="nl", scheme="dark"),
    Look(name="phone-light-nl", language="nl", width=390, height=844),
)


@dataclass(kw_only=True)
class Window:
    """One page of the browser, logged in; `problems` are errors of scripts about us."""

    page: Page
    look: Look
    texts: Texts
    url: str
    problems: list[str]

    async def open(self, path: str) -> None:
        """Go to a page of Home Assistant and wait until it is there."""
        await self.page.goto(f"{self.url}{path}")
        await self.page.locator("partial-panel-resolver > *").first.wait_for(state="attached")
        await self.settle()

    async def settle(self) -> None:
        """Wait until nothing is loaded and nothing moves any more."""
        await self.page.wait_for_load_state("networkidle")
        await self.page.wait_for_timeout(0.7 * SECONDS)

    def button(self, name: Any, within: Locator | None = None) -> Locator:
        """Return the button with a name, of the page or within a part of it."""
        return (within or self.page).get_by_role("button", name=name, exact=isinstance(name, str))


@asynccontextmanager
async def open_browser(executable: str | None) -> AsyncIterator[Browser]:
    """Start a browser: the program given, or Playwright's own."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def open_window(
    browser: Browser, home_assistant: HomeAssistant, look: Look, failures: Path
) -> AsyncIterator[Window]:
    """Open a page, logged in; if something fails, a picture of it stays in a folder."""
    context = await browser.new_context(
        viewport={"width": look.width, "height": look.height},
        color_scheme=look.scheme,
        locale={"en": "en-GB", "nl": "nl-NL"}[look.language],
        timezone_id="Europe/Amsterdam",
        reduced_motion="reduce",
        is_mobile=look.is_phone,
        has_touch=look.is_phone,
    )
    context.set_default_timeout(20 * SECONDS)
    stored = {
        "hassTokens": json.dumps(await _tokens(home_assistant)),
        "selectedLanguage": json.dumps(look.language),
    }
    for key, value in stored.items():
        await context.add_init_script(f"localStorage.setItem({key!r}, {json.dumps(value)})")
    page = await context.new_page()
    problems: list[str] = []
    page.on("console", lambda message: _note(problems, message))
    window = Window(
        page=page,
        look=look,
        texts=Texts.load(look.language),
        url=str(home_assistant.url),
        problems=problems,
    )
    try:
        yield window
    except Exception:
        await page.screenshot(path=failures / f"{look.name}.png")
        raise
    finally:
        await context.close()


def _note(problems: list[str], message: Any) -> None:
    """Keep what the frontend says of our texts, for example that one cannot be formatted."""
    if message.type == "error" and "smartlocks" in message.text:
        problems.append(message.text)


async def _tokens(home_assistant: HomeAssistant) -> dict[str, Any]:
    """Log in, and return what Home Assistant's frontend keeps of that."""
    tokens = await home_assistant.fetch_tokens()
    return {
        **tokens,
        "hassUrl": str(home_assistant.url),
        "clientId": home_assistant.client_id,
        "expires": int(time.time() + tokens["expires_in"]) * 1000,
    }
