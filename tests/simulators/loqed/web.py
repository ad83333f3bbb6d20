"""The same lock for somebody who has only its account: what fails is the cloud."""

from typing import override

from tests.simulators.base import Server

from .const import API_TOKEN
from .simulator import LoqedSimulator


class LoqedWebSimulator(LoqedSimulator):
    """The faults of the connection, and the credentials, are those of the cloud."""

    @override
    async def start(self, port: int = 0, cloud_port: int = 0) -> None:
        """Start the bridge and the cloud, whose faults are one."""
        await super().start(port, cloud_port)
        self.server.faults = self.cloud.server.faults

    @property
    @override
    def servers(self) -> tuple[Server, ...]:
        return (self.cloud.server, self.server)

    @override
    async def switch_off(self) -> None:
        await self.cloud.server.switch_off()

    @override
    async def switch_on(self, *, elsewhere: bool = False) -> None:
        await self.cloud.server.switch_on(elsewhere=elsewhere)

    @override
    def refuse_credentials(self) -> None:
        self.account.token = None

    @override
    def accept_credentials(self) -> None:
        self.account.token = API_TOKEN
