"""A plain client of the Web API, for the simulator's own tests: it signs by itself."""

from base64 import b64encode
import json
from pathlib import Path
from typing import Any

from aiohttp import ClientSession
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.cmac import CMAC

from .sesame_web import API_KEY, SECRETS, SESAME_5, SesameWebSimulator

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "sesame.json").read_text())
LOCK, UNLOCK, TOGGLE, CLICK = 82, 83, 88, 89
STRANGER = "5E5A00FF-0B1E-4C57-8D3A-9F62E1A7CFFF"
TAKEN = (200, {"statusCode": 200})

type Answer = tuple[int, Any]


class Clock:
    """The simulator's time, which a test may move."""

    def __init__(self) -> None:
        self.now = 1793232000.0

    def __call__(self) -> float:
        """Tell the time in unix seconds."""
        return self.now


class Client:
    """Asks the cloud as a client would, with its own signing, and hands on the answer."""

    def __init__(self, session: ClientSession, simulator: SesameWebSimulator) -> None:
        self._session = session
        self._simulator = simulator
        self.headers = {"x-api-key": API_KEY}

    async def get(self, path: str) -> Answer:
        """Ask a path under the base URL."""
        url = f"{self._simulator.cloud_url}/{path}"
        async with self._session.get(url, headers=self.headers) as answer:
            return answer.status, await answer.json(content_type=None)

    async def status(self, uuid: str = SESAME_5) -> Any:
        """Ask for a device's status."""
        status, body = await self.get(uuid)
        assert status == 200, body
        return body

    async def history(self, uuid: str = SESAME_5, *, page: int = 0, length: int = 50) -> Any:
        """Ask for a page of a device's history."""
        status, body = await self.get(f"{uuid}/history?page={page}&lg={length}")
        assert status == 200, body
        return body

    async def post(self, body: Any, uuid: str = SESAME_5) -> Answer:
        """Post any body as a command."""
        url = f"{self._simulator.cloud_url}/{uuid}/cmd"
        async with self._session.post(url, json=body, headers=self.headers) as answer:
            text = await answer.text()
            return answer.status, json.loads(text) if text else None

    async def command(
        self,
        number: int,
        uuid: str = SESAME_5,
        *,
        secret: str | None = None,
        age: float = 0,
        tag: bytes = b"Test",
    ) -> Answer:
        """Post a signed command, by default with the right secret and time."""
        sign = sign_by_hand(secret or SECRETS[uuid], self._simulator.clock() - age)
        history = b64encode(tag).decode()
        return await self.post({"cmd": number, "history": history, "sign": sign}, uuid)


def sign_by_hand(secret: str, at: float) -> str:
    """Sign as every third-party library does: the whole tag."""
    cmac = CMAC(AES(bytes.fromhex(secret)))
    cmac.update((int(at) >> 8).to_bytes(3, "little"))
    return cmac.finalize().hex()
