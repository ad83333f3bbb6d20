"""Our webhook on a bridge: there once, with every trigger, and nobody else's touched."""

import asyncio
from collections.abc import Sequence
from enum import Enum, auto

from .api import ALL_TRIGGERS, Bridge, LoqedAuthError, LoqedBridgeFullError, Webhook


class HookState(Enum):
    """Where the registration stands."""

    UNKNOWN = auto()
    """Not tried yet, or the bridge could not be reached: try again."""
    REGISTERED = auto()
    REFUSED = auto()
    """The bridge is full or refuses our key: a person must act."""


class BridgeHooks:
    """Keeps one webhook of ours on one bridge."""

    def __init__(self, bridge: Bridge, webhook_id: str, *, last_url: str | None) -> None:
        """Take our webhook's id, and the address last registered, if any."""
        self._bridge = bridge
        self._webhook_id = webhook_id
        self._last_url = last_url
        self._one_at_a_time = asyncio.Lock()
        self.state = HookState.UNKNOWN
        self.count: int | None = None

    async def ensure(self, url: str) -> None:
        """Register our address where it is missing; LoqedError when that fails."""
        async with self._one_at_a_time:
            try:
                hooks = await self._register(url)
            except LoqedBridgeFullError, LoqedAuthError:
                self.state = HookState.REFUSED
                raise
            self.state = HookState.REGISTERED
            self.count = len(hooks)
            self._last_url = url

    async def _register(self, url: str) -> Sequence[Webhook]:
        hooks = await self._tidy(await self._bridge.webhooks(), url)
        if any(hook.url == url for hook in hooks):
            return hooks
        await self._bridge.create_webhook(url)
        # A bridge tells no id, and may say yes and do nothing: look.
        listed = await self._bridge.webhooks()
        if not any(hook.url == url for hook in listed):
            raise LoqedBridgeFullError("not registered")
        return listed

    async def _tidy(self, hooks: tuple[Webhook, ...], url: str) -> list[Webhook]:
        """Remove what is ours and of no use; return the rest."""
        kept: list[Webhook] = []
        for hook in hooks:
            good = hook.url == url and hook.triggers == ALL_TRIGGERS
            doubled = any(other.url == url for other in kept)
            if self._is_ours(hook, url) and (doubled or not good):
                await self._bridge.delete_webhook(hook.id)
            else:
                kept.append(hook)
        return kept

    def _is_ours(self, hook: Webhook, url: str | None) -> bool:
        # Nobody else knows our id. At Home Assistant Cloud the address does not hold it.
        return self._webhook_id in hook.url or hook.url in (url, self._last_url)

    def noticed(self, count: int | None) -> None:
        """Take the number of webhooks `/status` tells: fewer than we left is one lost."""
        if self.state is HookState.REGISTERED and None not in (count, self.count):
            if (count or 0) < (self.count or 0):
                self.state = HookState.UNKNOWN
            self.count = count

    async def remove(self) -> None:
        """Remove our webhook, however often it is there; LoqedError when that fails."""
        async with self._one_at_a_time:
            self.state = HookState.UNKNOWN
            for hook in await self._bridge.webhooks():
                if self._is_ours(hook, self._last_url):
                    await self._bridge.delete_webhook(hook.id)
