"""The other side: a page with each simulated door beside what Home Assistant shows of it."""

import asyncio
from collections.abc import Iterator, Mapping
import contextlib
from dataclasses import dataclass, field
from pathlib import Path
import time
from typing import Any

from aiohttp import ClientError, web
from yarl import URL

from .console import DemoError
from .home_assistant import Connection, HomeAssistant
from .simulators import Simulator

PAGE = Path(__file__).with_name("other_side.html")
# New locks appear on the page after this, and Home Assistant is tried again when it is back.
LOOK_SECONDS = 3.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """Where a simulator is reached; a spare lock may have a simulator of its own."""

    key: str
    simulator: Simulator
    url: URL


@dataclass(kw_only=True)
class OtherSide:
    """Serve the page, and do what its buttons say.

    `_entities` are Home Assistant's locks by their unique id; `_begun` are the acts that
    last until they are undone: source, lock, label.
    """

    home_assistant: HomeAssistant
    simulators: Mapping[str, Simulator]
    url: URL = field(default_factory=URL)
    _connection: Connection | None = None
    _entities: dict[str, str] = field(default_factory=dict)
    _begun: set[tuple[str, str, str]] = field(default_factory=set)
    _runner: web.AppRunner | None = None
    _watcher: asyncio.Task[None] | None = None

    async def start(self, port: int) -> None:
        """Listen on a port of 127.0.0.1: the one given, or a free one if it is taken."""
        app = web.Application()
        app.router.add_get("/", self._page)
        app.router.add_get("/doors", self._doors)
        app.router.add_post("/acts", self._act)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, "127.0.0.1", port).start()
        except OSError:
            await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        number = self._runner.addresses[0][1]
        self.url = URL.build(scheme="http", host="127.0.0.1", port=number, path="/")
        self._watcher = asyncio.create_task(self._watch())

    async def stop(self) -> None:
        """Stop listening."""
        if self._watcher is not None:
            self._watcher.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watcher
        if self._runner is not None:
            await self._runner.cleanup()

    async def _watch(self) -> None:
        """Stay connected to Home Assistant, which a person may restart."""
        while True:
            with contextlib.suppress(DemoError, ClientError, OSError, TimeoutError, TypeError):
                # A token is good for half an hour only; the connection, as long as it lasts.
                await self.home_assistant.log_in()
                async with Connection(home=self.home_assistant) as connection:
                    await self._look(connection)
            self._connection = None
            await asyncio.sleep(LOOK_SECONDS)

    async def _look(self, connection: Connection) -> None:
        while connection.is_open:
            rows = await connection.command("config/entity_registry/list")
            self._entities = {
                row["unique_id"]: row["entity_id"]
                for row in rows
                if row["platform"] == "smartlocks" and row["entity_id"].startswith("lock.")
            }
            self._connection = connection
            await asyncio.sleep(LOOK_SECONDS)

    def _sources(self) -> Iterator[Source]:
        for vendor, simulator in self.simulators.items():
            yield Source(key=vendor, simulator=simulator, url=simulator.url)
            if simulator.spare_url is not None:
                yield Source(
                    key=f"{vendor} spare", simulator=simulator, url=URL(simulator.spare_url)
                )

    # What the page asks for.

    async def _page(self, _: web.Request) -> web.Response:
        return web.Response(text=PAGE.read_text("utf-8"), content_type="text/html")

    async def _doors(self, _: web.Request) -> web.Response:
        sources = list(self._sources())
        told = await asyncio.gather(*(one.simulator.describe(at=one.url) for one in sources))
        makers: dict[str, dict[str, Any]] = {}
        for source, description in zip(sources, told, strict=True):
            maker = makers.setdefault(
                source.simulator.vendor,
                {
                    "maker": description["maker"],
                    "spare": dict(source.simulator.spare),
                    "doors": [],
                    "acts": [],
                },
            )
            maker["doors"] += self._doors_of(source, description)
            if source.key == source.simulator.vendor:
                maker["acts"] = self._acts_of(source, description, "")
        home = {"url": str(self.home_assistant.url), "is_running": self._connection is not None}
        return web.json_response({"home_assistant": home, "makers": list(makers.values())})

    def _doors_of(self, source: Source, description: dict[str, Any]) -> list[dict[str, Any]]:
        return [
            {
                "source": source.key,
                "lock": lock_id,
                "name": description["names"][lock_id],
                "bolt": bolt,
                "shown": self._shown(source.simulator.vendor, description["known_as"][lock_id]),
                "acts": self._acts_of(source, description, lock_id),
            }
            for lock_id, bolt in description["locks"].items()
        ]

    def _acts_of(
        self, source: Source, description: dict[str, Any], lock_id: str
    ) -> list[dict[str, Any]]:
        """Return the buttons of a lock, or with "" those of the vendor's whole system."""
        return [
            {
                "label": act["label"],
                "undo": act["undo"] and act["undo"]["label"],
                "is_begun": (source.key, lock_id, act["label"]) in self._begun,
            }
            for act in description["acts"]
            if (act["lock_argument"] is None) == (not lock_id)
        ]

    def _shown(self, vendor: str, known_as: str) -> dict[str, Any] | None:
        """Return what Home Assistant shows of a lock; None if it does not have it."""
        entity_id = self._entities.get(f"{vendor}_{known_as}_lock")
        state = self._connection.now(entity_id) if self._connection and entity_id else None
        if state is None:
            return None
        return {
            "entity_id": entity_id,
            "state": state.state,
            "changed_by": state.attributes.get("changed_by"),
            "seconds": round(time.monotonic() - state.at, 1),
        }

    async def _act(self, request: web.Request) -> web.Response:
        """Do what a button says: {"source", "lock" ("" for none), "label"}."""
        wanted = await request.json()
        source = next((one for one in self._sources() if one.key == wanted["source"]), None)
        if source is None:
            return web.json_response({"error": "no such simulator"}, status=404)
        description = await source.simulator.describe(at=source.url)
        for act in description["acts"]:
            begun = (source.key, wanted["lock"], act["label"])
            if act["label"] == wanted["label"]:
                if act["undo"]:
                    self._begun.add(begun)
                return await self._call(source, act, wanted["lock"])
            if act["undo"] and act["undo"]["label"] == wanted["label"]:
                self._begun.discard(begun)
                return await self._call(source, act["undo"], wanted["lock"])
        return web.json_response({"error": "no such act"}, status=404)

    @staticmethod
    async def _call(source: Source, act: dict[str, Any], lock_id: str) -> web.Response:
        concerned = {act["lock_argument"]: lock_id} if act["lock_argument"] else {}
        try:
            result = await source.simulator.call(
                act["verb"], at=source.url, **act["arguments"], **concerned
            )
        except DemoError as err:
            return web.json_response({"error": str(err)}, status=409)
        return web.json_response({"result": result})
