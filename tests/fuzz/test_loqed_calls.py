"""LOQED's verification under forged calls: none is taken, none raises, none is kept."""

from collections import Counter
import tracemalloc

from hypothesis import HealthCheck, given, seed, settings, strategies as st
import pytest

from custom_components.smartlocks.vendors.loqed import api
from tests.fuzz import COUNT, Tell, share
from tests.fuzz.forgery import Call, Forger, genuine

KEY = bytes(range(32))
NOW = 1_700_000_000
BATCH = 500
ODD_SECONDS = 7

pytestmark = pytest.mark.fuzz

FIELDS = st.fixed_dictionaries(
    {"requested_state": st.sampled_from(("OPEN", "DAY_LOCK", "NIGHT_LOCK", "UNKNOWN"))},
    optional={
        "event_type": st.sampled_from(("STATE_CHANGED_OPEN", "STATE_CHANGED_NIGHT_LOCK")),
        "key_local_id": st.integers(0, 255),
        "mac_wifi": st.text(max_size=12),
    },
)


def _recorded(fields: list[dict[str, object]], key: bytes, now: int) -> list[Call]:
    """Return calls that were heard: most of them long ago, some a moment ago."""
    ages = (0, 1, ODD_SECONDS, 40, 3600, 86_400)
    return [
        genuine({**one, "number": number}, now - ages[number % len(ages)], key)
        for number, one in enumerate(fields)
    ]


def _verdict(verifier: api.PushVerifier, call: Call, now: float) -> type[api.LoqedPushError] | None:
    try:
        verifier.verify(call.body, timestamps=call.timestamps, hashes=call.hashes, received_at=now)
    except api.LoqedPushError as err:
        return type(err)
    return None


@settings(
    max_examples=share(BATCH),
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@seed(COUNT)
@given(number=st.integers(0, 2**32), fields=st.lists(FIELDS, min_size=2, max_size=8))
def test_call_when_forged_in_any_way_then_it_is_called_forged(
    record_property: Tell, number: int, fields: list[dict[str, object]]
) -> None:
    record_property("calls", share(BATCH) * BATCH)
    memory = api.PushMemory()
    verifier = api.PushVerifier(KEY, window=30, memory=memory)
    recorded = _recorded(fields, KEY, NOW)
    for call in recorded:
        _verdict(verifier, call, NOW)
    known = memory.count
    forger, verdicts = Forger(number, recorded, NOW), Counter[object]()
    for _ in range(BATCH):
        call = forger.call()
        verdict = _verdict(verifier, call, NOW)
        verdicts[verdict] += 1
        if call.is_recorded:
            assert verdict in (api.LoqedPushRepeatError, api.LoqedPushLateError)
        else:
            # Nothing but a repetition may look as if it were signed.
            assert verdict in (api.LoqedPushForgedError, api.LoqedPushUnsignedError), call
    assert memory.count == known


def test_memory_when_calls_are_forged_then_it_stays_as_it_was(record_property: Tell) -> None:
    record_property("calls", share(20))
    memory = api.PushMemory()
    verifier = api.PushVerifier(KEY, window=30, memory=memory)
    recorded = _recorded([{"requested_state": "OPEN"}] * 6, KEY, NOW)
    forger = Forger(1, recorded, NOW)
    for call in recorded:
        _verdict(verifier, call, NOW)
    for _ in range(500):
        _verdict(verifier, forger.call(), NOW)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for _ in range(share(20)):
        _verdict(verifier, forger.call(), NOW)
    after = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert after - before < 64 * 1024
