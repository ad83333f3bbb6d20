"""A plain client of the first-generation cloud, for the simulator's own tests."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
import json
from pathlib import Path
from typing import Any

from aiohttp import ClientSession

from .sesame_v3 import API_KEY, FRONT_DOOR, SesameV3Simulator

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "sesame.json").read_text("utf-8"))
UNKNOWN_LOCK = "5e5a00ff-7d1c-4b7e-9c52-0d6f6c2a1bff"

type Answer = tuple[int, Any]


class Client:
    """Sends what the vendor's page says, and returns whatever the cloud answers."""

    def __init__(self, session: ClientSession, simulator: SesameV3Simulator) -> None:
        self._session = session
        self.simulator = simulator
        self.headers = {"Authorization": API_KEY}

    async def get(self, path: str) -> Answer:
        """Get a path."""
        url = f"{self.simulator.url}{path}"
        async with self._session.get(url, headers=self.headers) as answer:
            return answer.status, await answer.json(content_type=None)

    async def post(self, device_id: str, body: Any) -> Answer:
        """Post a body to a lock."""
        url = self.simulator.url / "sesame" / device_id
        async with self._session.post(url, json=body, headers=self.headers) as answer:
            return answer.status, await answer.json()

    async def begin(self, command: str, device_id: str = FRONT_DOOR) -> str:
        """Send a command, and return its task."""
        status, body = await self.post(device_id, {"command": command})
        assert status == 200, body
        return str(body["task_id"])

    async def result(self, task_id: str) -> Answer:
        """Get the result of a task."""
        return await self.get(f"/action-result?task_id={task_id}")

    async def finish(self, task_id: str) -> Any:
        """Return the result of a task when it has ended."""
        while True:
            status, body = await self.result(task_id)
            assert status == 200
            if body["status"] == "terminated":
                return body
            await asyncio.sleep(0.01)

    async def run(self, command: str, device_id: str = FRONT_DOOR) -> Any:
        """Send a command, and return the result of its task when it has ended."""
        return await self.finish(await self.begin(command, device_id))

    async def status(self, device_id: str = FRONT_DOOR) -> Any:
        """Get a lock's status."""
        status, body = await self.get(f"/sesame/{device_id}")
        assert status == 200
        return body

    async def locks(self) -> Any:
        """Get the account's list."""
        status, body = await self.get("/sesames")
        assert status == 200
        return body


@asynccontextmanager
async def connected_client() -> AsyncIterator[Client]:
    """Run the simulator, and connect a client to it."""
    simulator = SesameV3Simulator(pace=0.01)
    await simulator.start()
    async with ClientSession() as session:
        yield Client(session, simulator)
    await simulator.stop()
