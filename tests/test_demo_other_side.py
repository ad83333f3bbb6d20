"""Tests of the page that shows what is true: its buttons, through its HTTP interface."""

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

from aiohttp import ClientSession
import pytest
from yarl import URL

from scripts.lib.demo.home_assistant import HomeAssistant
from scripts.lib.demo.other_side import OtherSide
from scripts.lib.demo.processes import Processes
from scripts.lib.demo.setup import free_port
from scripts.lib.demo.simulators import start_simulators
from tests.simulators import SIMULATORS


class Page:
    """The page, as a browser talks to it."""

    def __init__(self, session: ClientSession, url: URL) -> None:
        self.session = session
        self.url = url

    async def makers(self) -> dict[str, Any]:
        """Return what the page shows, by vendor."""
        async with self.session.get(self.url / "doors") as response:
            found = (await response.json())["makers"]
        return {maker["doors"][0]["source"]: maker for maker in found}

    async def door(self, source: str) -> dict[str, Any]:
        """Return the first door of a source."""
        doors = [door for maker in (await self.makers()).values() for door in maker["doors"]]
        found: dict[str, Any] = next(door for door in doors if door["source"] == source)
        return found

    async def press(self, source: str, lock: str, label: str) -> tuple[int, Mapping[str, Any]]:
        """Press a button; return the status and the answer."""
        wanted = {"source": source, "lock": lock, "label": label}
        async with self.session.post(self.url / "acts", json=wanted) as response:
            return response.status, await response.json()

    async def is_begun(self, source: str, label: str) -> bool:
        """Tell whether a button is marked, of the first door or of the whole system."""
        maker = (await self.makers())[source]
        acts = [*maker["doors"][0]["acts"], *maker["acts"]]
        return bool(next(act for act in acts if act["label"] == label)["is_begun"])

    async def lock_button(self, source: str, label: str) -> dict[str, Any]:
        """Press a button of the first door of a source; return that door afterwards."""
        status, _ = await self.press(source, (await self.door(source))["lock"], label)
        assert status == 200
        return await self.door(source)


@pytest.fixture
async def page(socket_enabled: None, tmp_path: Path) -> AsyncIterator[Page]:
    """Serve the page for simulators of which no Home Assistant knows."""
    async with ClientSession() as session, Processes(folder=tmp_path) as processes:
        simulators = await start_simulators(processes, session, 0.01, spare=True)
        nobody = HomeAssistant(session=session, url=URL(f"http://127.0.0.1:{free_port()}"))
        side = OtherSide(home_assistant=nobody, simulators=simulators)
        await side.start(free_port())
        yield Page(session, side.url)
        await side.stop()


async def test_page_when_it_is_opened_is_html_and_names_every_maker(page: Page) -> None:
    async with page.session.get(page.url) as response:
        assert response.content_type == "text/html"
        assert "acts" in await response.text()
    makers = await page.makers()
    assert [maker["maker"] for maker in makers.values()] == [
        simulator.maker for simulator in SIMULATORS.values()
    ]
    assert all(maker["spare"] for maker in makers.values())
    assert all(door["shown"] is None for maker in makers.values() for door in maker["doors"])


async def test_lock_when_it_is_turned_by_hand_is_shown_as_it_is(page: Page) -> None:
    for source in (*SIMULATORS, "loqed spare"):
        assert (await page.lock_button(source, "Unlock by hand"))["bolt"] == "unlocked"
        assert (await page.lock_button(source, "Lock by hand"))["bolt"] == "locked"


async def test_button_when_it_is_pressed_is_marked_until_it_is_undone(page: Page) -> None:
    for source, maker in (await page.makers()).items():
        first = maker["doors"][0]
        for lock, act in (
            *((first["lock"], act) for act in first["acts"]),
            *(("", act) for act in maker["acts"]),
        ):
            for label in filter(None, (act["label"], act["undo"])):
                status, answer = await page.press(source, lock, label)
                assert (status, label) == (200, label), answer
                marked = await page.is_begun(source, act["label"])
                assert marked == (label == act["label"] and act["undo"] is not None)


async def test_button_that_nobody_offers_is_refused(page: Page) -> None:
    assert (await page.press("loqed", "", "Sell the door"))[0] == 404
    assert (await page.press("acme", "", "Jam"))[0] == 404
    assert (await page.press("loqed", "no such lock", "Jam"))[0] == 409


async def test_page_when_its_port_is_taken_takes_another(page: Page) -> None:
    port = page.url.port
    assert port is not None
    nobody = HomeAssistant(session=page.session, url=URL("http://127.0.0.1:9"))
    second = OtherSide(home_assistant=nobody, simulators={})
    await second.start(port)
    try:
        assert second.url.port not in {None, port}
    finally:
        await second.stop()
