"""Home Assistant sets up no entry of an integration without a flow; nobody begins this one."""

from homeassistant.config_entries import ConfigFlow


class FloorFlow(ConfigFlow, domain="bench_floor"):
    """A flow without steps."""
