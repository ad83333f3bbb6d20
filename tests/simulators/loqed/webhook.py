"""The webhooks that a bridge stores."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .const import TRIGGERS

MOST_WEBHOOKS = 10


class WebhookRefusedError(ValueError):
    """The bridge does not store this webhook: the URL is there already, or it is full."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Webhook:
    """One URL, and the bits of the triggers it is called for."""

    id: int
    url: str
    flags: int

    def wants(self, trigger: str | None) -> bool:
        """Whether it is called for a trigger; what no trigger names goes to everybody."""
        return trigger is None or bool(self.flags >> TRIGGERS.index(trigger) & 1)

    def as_json(self) -> dict[str, int | str]:
        """The webhook as the bridge lists it."""
        triggers = {name: self.flags >> bit & 1 for bit, name in enumerate(TRIGGERS)}
        return {"id": self.id, "url": self.url, **triggers}


def flags_of(body: Mapping[str, object]) -> int | None:
    """The flags in the body of a create; None unless all nine triggers are 0 or 1."""
    values = [body.get(name) for name in TRIGGERS]
    if any(type(value) is not int or value not in (0, 1) for value in values):
        return None
    return sum(1 << bit for bit, value in enumerate(values) if value)


@dataclass(kw_only=True)
class Webhooks:
    """The bridge's list. Ids count up and are never used again.

    `odd` are entries that nobody has documented; they are listed, and never called.
    """

    most: int = MOST_WEBHOOKS
    odd: list[Any] = field(default_factory=list)
    _entries: dict[int, Webhook] = field(default_factory=dict)
    _last_id: int = 0

    def __len__(self) -> int:
        return len(self._entries) + len(self.odd)

    def __iter__(self) -> Iterator[Webhook]:
        return iter(list(self._entries.values()))

    def add(self, url: str, flags: int) -> Webhook:
        """Store a webhook; raises WebhookRefusedError."""
        if any(webhook.url == url for webhook in self):
            raise WebhookRefusedError("This URL is registered already")
        if len(self) >= self.most:
            raise WebhookRefusedError("No room for another webhook")
        self._last_id += 1
        webhook = Webhook(id=self._last_id, url=url, flags=flags)
        self._entries[webhook.id] = webhook
        return webhook

    def remove(self, webhook_id: int) -> bool:
        """Forget a webhook; False when there is none of that id."""
        return self._entries.pop(webhook_id, None) is not None

    def clear(self) -> int:
        """Forget all of them; how many they were."""
        count = len(self)
        self._entries.clear()
        self.odd.clear()
        return count
