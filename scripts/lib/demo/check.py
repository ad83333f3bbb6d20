"""The check: every lock tried, and everything that must not be looked for."""

import asyncio
from collections.abc import Sequence
from itertools import chain
import json

from .errors import DemoError
from .flows import DOMAIN
from .live import Live
from .locks import Lock
from .press import press_buttons
from .report import Row
from .stage import Stage
from .trial import Trial

UNAVAILABLE = "unavailable"


async def try_locks(stage: Stage) -> list[Row]:
    """Try every lock; vendors side by side, the locks of one after another."""
    async with Live(home=stage.home) as live:
        vendors: dict[str, list[Lock]] = {}
        for lock in stage.locks:
            vendors.setdefault(lock.vendor, []).append(lock)
        rows = await asyncio.gather(*(_try_vendor(stage, live, v) for v in vendors.values()))
    return list(chain.from_iterable(rows))


async def _try_vendor(stage: Stage, live: Live, locks: Sequence[Lock]) -> list[Row]:
    rows = [await Trial(home=stage.home, live=live, lock=lock).run() for lock in locks]
    rows += [
        await press_buttons(stage.home, live, other)
        for other in stage.others
        if other.vendor == locks[0].vendor
    ]
    return list(chain.from_iterable(rows))


async def find_problems(stage: Stage) -> list[str]:
    """What is wrong apart from the commands: entities, repairs, diagnostics."""
    async with Live(home=stage.home) as live:
        issues = (await live.command("repairs/list_issues"))["issues"]
        found = [
            f"repair issue {issue['translation_key']}"
            for issue in issues
            if issue["domain"] == DOMAIN
        ]
        shown = (
            *(lock.siblings for lock in stage.locks),
            *(other.entities for other in stage.others),
        )
        for entity_id in chain.from_iterable(shown):
            state = live.now(entity_id)
            if state is None or state.state == UNAVAILABLE:
                found.append(f"{entity_id} is unavailable")
    return found + await _leaking_diagnostics(stage)


async def secrets(stage: Stage) -> dict[str, str]:
    """Everything no file may hold: the secret -> what it is."""
    async with Live(home=stage.home) as live:
        webhooks = await live.command("webhook/list")
    found = {hook["webhook_id"]: "a webhook id" for hook in webhooks if hook["domain"] == DOMAIN}
    for answers in stage.entries.values():
        found |= dict.fromkeys(answers.secrets, f"a secret of {answers.vendor}")
    return found


async def _leaking_diagnostics(stage: Stage) -> list[str]:
    found = []
    names = await secrets(stage)
    for entry_id, answers in stage.entries.items():
        try:
            content = await stage.home.get(f"/api/diagnostics/config_entry/{entry_id}")
        except DemoError as err:
            found.append(f"{answers.vendor} has no diagnostics: {err}")
            continue
        text = json.dumps(content)
        found += [
            f"the diagnostics of {answers.vendor} hold {name}"
            for secret, name in names.items()
            if secret in text
        ]
    return found
