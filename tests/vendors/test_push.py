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


def test_health_when_a_call_comes_and_nothing_has_changed_is_not_known() -> None:
    for now in (0.0, 1000.0):
        health = PushHealth()
        health.called("lock", now)
        assert health.is_working is None


def test_health_when_the_two_are_as_far_apart_as_allowed_is_working() -> None:
    for first, second in (("called", "changed"), ("changed", "called")):
        for seconds, is_working in ((WINDOW, True), (WINDOW + 0.1, None)):
            health = PushHealth()
            getattr(health, first)("lock", 5.0)
            getattr(health, second)("lock", 5.0 + seconds)
            assert health.is_working is is_working


def test_health_when_a_call_and_a_change_are_of_two_locks_is_not_known() -> None:
    health = PushHealth()
    health.changed("front", 0.0)
    health.called("back", 1.0)
    assert health.is_working is None


def test_health_when_calls_are_missed_counts_them_until_one_comes() -> None:
    for how in ("proven", "called", "changed"):
        health = PushHealth()
        health.changed("lock", 0.0)
        health.check(WINDOW + 1)
        health.changed("lock", 100.0)
        for now in (101.0, 100.0 + WINDOW):
            health.check(now)
            assert health.missed == 1
        for now in (101.0 + WINDOW, 102.0 + WINDOW):
            health.check(now)
        assert (health.is_working, health.missed) == (False, 2)
        if how == "proven":
            health.proven()
        elif how == "called":
            health.changed("lock", 200.0)
            health.called("lock", 201.0)
        else:
            health.called("lock", 200.0)
            health.changed("lock", 201.0)
        assert (health.is_working, health.missed) == (True, 0)


def test_health_when_a_call_has_proven_itself_misses_none_of_what_was_before() -> None:
    health = PushHealth()
    health.changed("lock", 0.0)
    health.proven()
    health.check(WINDOW + 1)
    assert (health.is_working, health.missed) == (True, 0)
