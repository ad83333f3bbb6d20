"""The peers, turned to our simulators: their addresses are written into their code."""

from typing import Any, Final, override

import pysesame2.pysesame2 as client
from requests import Session

from tests.simulators import sesame_v3

_ADDRESS: Final = "https://api.candyhouse.co/public"

# Home Assistant's own `sesame`, which is set up in its configuration.
SESAME: Final = f"""\
lock:
  - platform: sesame
    api_key: {sesame_v3.API_KEY}
"""


def redirect_sesame(url: str) -> None:
    """Let pysesame2 call a simulator."""

    class Redirected(Session):
        @override
        def request(self, method: str, address: str, *arguments: Any, **named: Any) -> Any:  # type: ignore[override]
            address = address.replace(_ADDRESS, url.rstrip("/"))
            return super().request(method, address, *arguments, **named)

    client.Session = Redirected
