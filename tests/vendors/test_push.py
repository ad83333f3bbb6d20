"""Whether a vendor's calls come."""

from custom_components.smartlocks.vendors.push import WINDOW, PushHealth


def test_health_when_a_call_and_a_change_are_close_is_working() -> None:
    for first_call in (True, False):
        health = PushHealth()
        steps = [health.called, health.changed]
        for at, step in enumerate(steps if first_call else reversed(steps)):
            step("lock", float(at))
        assert health.is_working is True
        assert health.missed == 0


def test_health_when_a_change_has_no_call_is_not_working() -> None:
    health = PushHealth()
    health.changed("lock", 0.0)
    health.check(WINDOW)
    assert health.is_working is None
    health.check(WINDOW + 1)
    assert health.is_working is False
    assert health.missed == 1
    health.called("lock", WINDOW + 2)
    assert health.is_working is False


def test_health_when_a_call_proves_itself_is_working_again() -> None:
    health = PushHealth()
    health.failed()
    assert health.is_working is False
    health.proven()
    assert health.is_working is True
