"""The same lock for somebody who has only its account: what fails is the cloud."""

from typing import override

from .const import API_TOKEN
from .simulator import LoqedSimulator


class LoqedWebSimulator(LoqedSimulator):
    """The faults of the connection, and the credentials, are those of the cloud."""

    @override
    async def start(self, port: int = 0, cloud_port: int = 0) -> None:
        """Start the bridge and the cloud, whose faults are one."""
        await super().start(port, cloud_port)
        self.server.faults = self.cloud.server.faults

    @override
    def refuse_credentials(self) -> None:
        self.account.token = None

    @override
    def accept_credentials(self) -> None:
        self.account.token = API_TOKEN
