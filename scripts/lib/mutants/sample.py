"""A fixed handful of mutants, each with a test that is known to catch it."""

import ast
from collections.abc import Callable, Sequence
from dataclasses import dataclass
import sys
import time
from typing import Final

from .mutations import Mutation, mutations
from .processes import start
from .targets import ROOT, TARGETS, Target

_SECONDS: Final = 120.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Sampled:
    """One mutant, by the names that the page gives it, and what catches it."""

    module: str
    where: str
    change: str
    test: str

    @property
    def target(self) -> Target:
        """Return the module."""
        return next(target for target in TARGETS if target.name == self.module)


_SAMPLE: Final = (
    Sampled(
        module="vendors/loqed/api/webhook.py",
        where="PushVerifier.verify",
        change="not hmac.compare_digest(expected, digest) → hmac.compare_digest(expected, digest)",
        test="tests/api/test_loqed_webhook.py",
    ),
    Sampled(
        module="vendors/sesame_v3/api/webhook.py",
        where="_is_same",
        change="other is None → other is not None",
        test="tests/api/test_sesame_v3_webhook.py",
    ),
    Sampled(
        module="state_tracker.py",
        where="StateTracker._proves_nothing",
        change="spoken_at < self._last_command → spoken_at >= self._last_command",
        test="tests/state_tracker/test_rules.py",
    ),
    Sampled(
        module="state_tracker.py",
        where="StateTracker._is_too_early",
        change="told.asked_at < self._unlock_ended + lag"
        " → told.asked_at >= self._unlock_ended + lag",
        test="tests/state_tracker/test_rules.py",
    ),
    Sampled(
        module="webhook.py",
        where="WebhookReceiver.async_start",
        change="webhook.async_register(local_only=policy.origin == 'local' and self._route is not"
        " PushRoute.CLOUD) → local_only left out",
        test="tests/vendors/test_webhook.py::"
        "test_webhook_of_a_bridge_when_called_directly_then_only_from_the_local_network",
    ),
    Sampled(
        module="webhook.py",
        where="WebhookReceiver._async_announce",
        change="await self._coordinator.async_unsubscribe() → left out",
        test="tests/vendors/test_webhook.py::"
        "test_address_when_it_goes_then_the_vendor_is_told_and_nothing_is_amiss",
    ),
    Sampled(
        module="webhook.py",
        where="WebhookReceiver._async_stop",
        change="with asyncio.timeout(_UNSUBSCRIBE_SECONDS) → without it",
        test="tests/vendors/loqed/test_webhook.py::"
        "test_unloading_when_the_bridge_is_silent_then_it_is_given_up_after_five_seconds",
    ),
    Sampled(
        module="commands.py",
        where="",
        change="Action.UNLOCK: 15.0 → left out",
        test="tests/vendors/the_keys/test_commands.py::"
        "test_busy_gateway_is_waited_for_within_the_commands_time[unlock-15]",
    ),
    Sampled(
        module="coordinator.py",
        where="SmartLocksCoordinator._async_carry_out",
        change="lock.pending is pending → lock.pending is not pending",
        test="tests/vendors/sesame_v3/test_commands.py::"
        "test_command_when_the_one_after_it_is_called_off_while_lock_is_busy_then_it_is_sent",
    ),
    Sampled(
        module="lock.py",
        where="",
        change="LockState.UNKNOWN: None → left out",
        test="tests/vendors/the_keys/test_commands.py::"
        "test_lock_that_cannot_be_read_after_a_command_is_unknown",
    ),
)


def try_sample() -> bool:
    """Try each, and print what becomes of it; returns whether all were caught."""
    began = time.monotonic()
    tests = list(dict.fromkeys(one.test for one in _SAMPLE))
    target = next(one.target for one in _SAMPLE if not one.target.is_pure)
    # What fails anyway would catch everything.
    outcome, failed = _outcome(target, _tree(target), lambda: None, tests)
    if outcome != "survived":
        print(f"✗ fails without any mutant: {failed or outcome}", file=sys.stderr)
        return False
    caught = [_is_caught(one) for one in _SAMPLE]
    took = time.monotonic() - began
    print(f"{sum(caught)} of {len(caught)} mutants caught, {took:.0f} s")
    return all(caught)


def _is_caught(one: Sampled) -> bool:
    tree = _tree(one.target)
    mutation = _find(one, tree)
    if mutation is None:
        outcome = "is not there any more: choose another for the sample"
    else:
        outcome, _ = _outcome(one.target, tree, mutation.apply, [one.test])
    if outcome != "caught":
        name = one.where or "module"
        print(f"✗ {outcome}: {one.module}: {name}: {one.change}", file=sys.stderr)
    return outcome == "caught"


def _tree(target: Target) -> ast.Module:
    return ast.parse((ROOT / target.path).read_text())


def _find(one: Sampled, tree: ast.Module) -> Mutation | None:
    found = mutations(tree, one.target.path)
    wanted = (one.where, one.change)
    return next((each for each in found if (each.where, each.change) == wanted), None)


def _outcome(
    target: Target, tree: ast.Module, apply: Callable[[], None], tests: Sequence[str]
) -> tuple[str, str]:
    running = start(target, tree, apply, tests, _SECONDS)
    while (ended := running.ended()) is None:
        time.sleep(0.02)
    return ended
