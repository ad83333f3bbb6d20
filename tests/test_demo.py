"""Smoke tests of the demo: its parts, without a second Home Assistant."""

import asyncio
from collections.abc import AsyncIterator
import json
from pathlib import Path
import socket
from typing import Any

from aiohttp import ClientSession
import pytest

from custom_components.smartlocks.vendors import VENDORS
from scripts.lib.demo import check, command, dashboard, setup
from scripts.lib.demo.console import DemoError, complain, say
from scripts.lib.demo.devices import Device, match_lock
from scripts.lib.demo.processes import Processes, ProgramEndedError
from scripts.lib.demo.setup import (
    CLOUD_VARIABLES,
    PORT_VARIABLE,
    answer_to,
    chosen_port,
    free_port,
    write_configuration,
)
from scripts.lib.demo.simulators import Simulator, start_simulators
from tests.simulators import SIMULATORS
from tests.vendors.answers import ANSWERS

INTEGRATION = Path(__file__).parents[1] / "custom_components" / "smartlocks"
ADDRESSES = {"url": "http://127.0.0.1:1", "cloud_url": "http://127.0.0.1:2"}
RECORD = "2026-01-01 12:00:00.000 {} (MainThread) [{}] {}\n"


@pytest.fixture
async def session(socket_enabled: None) -> AsyncIterator[ClientSession]:
    async with ClientSession() as made:
        yield made


def device(**changes: Any) -> Device:
    values: dict[str, Any] = {
        "name": "Front door",
        "maker": "Acme",
        "answers": ANSWERS["loqed"](ADDRESSES),
        "simulator": None,
        "entities": (
            "button.front_door_synchronize_costs_battery_2",
            "event.front_door",
            "lock.front_door",
            "sensor.front_door_battery_2",
        ),
        "buttons": (),
        "lock": "lock.front_door",
        "lock_id": "1",
        **changes,
    }
    return Device(**values)


def test_every_vendor_is_part_of_the_demo() -> None:
    assert VENDORS.keys() == SIMULATORS.keys() == ANSWERS.keys() == CLOUD_VARIABLES.keys()


@pytest.mark.parametrize("variable", CLOUD_VARIABLES.values())
def test_address_of_a_cloud_is_read_by_the_integration(variable: str) -> None:
    assert any(f'"{variable}"' in path.read_text("utf-8") for path in INTEGRATION.rglob("*.py"))


async def test_simulators_start_are_driven_and_end(session: ClientSession, tmp_path: Path) -> None:
    async with Processes(folder=tmp_path) as processes:
        simulators = await start_simulators(processes, session, 0.01)
        assert simulators.keys() == SIMULATORS.keys()
        for simulator in simulators.values():
            assert await _turned_by_hand(simulator, "unlocked") == "unlocked"
            assert await _turned_by_hand(simulator, "locked") == "locked"
            with pytest.raises(DemoError):
                await simulator.call("no_such_method")
    assert processes.programs[0].process.returncode is not None


async def _turned_by_hand(simulator: Simulator, bolt: str) -> str:
    lock_id = next(iter(await simulator.bolts()))
    await simulator.call("turn_by_hand", bolt=bolt, lock_id=lock_id)
    return (await simulator.bolts())[lock_id]


async def test_program_that_ends_by_itself_is_reported_with_its_output(
    socket_enabled: None, tmp_path: Path
) -> None:
    async with Processes(folder=tmp_path) as processes:
        await processes.start("failing", "sh", "-c", "echo because; exit 3")
        with pytest.raises(ProgramEndedError, match=r"code 3[^*]*because"):
            await processes.while_running(asyncio.Event().wait())


def test_configuration_listens_on_this_machine_only(tmp_path: Path) -> None:
    write_configuration(tmp_path / "config", 8124)
    assert "http://127.0.0.1:8124" in (tmp_path / "config" / "configuration.yaml").read_text()
    http = json.loads((tmp_path / "config" / ".storage" / "http").read_text())
    assert http["data"] == {"server_host": ["127.0.0.1"], "server_port": 8124}
    assert (tmp_path / "config/custom_components/smartlocks/manifest.json").is_file()


@pytest.mark.parametrize("port", ["", "0", "65536", "-1", "http"])
def test_port_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, port: str) -> None:
    monkeypatch.setenv(PORT_VARIABLE, port)
    with pytest.raises(DemoError, match=PORT_VARIABLE):
        chosen_port()


def test_port_in_use_when_none_is_asked_for_is_passed_over(
    socket_enabled: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(PORT_VARIABLE, raising=False)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken, free = other.getsockname()[1], free_port()
        monkeypatch.setattr(setup, "USUAL_PORTS", (taken, free))
        assert chosen_port() == free
        monkeypatch.setattr(setup, "USUAL_PORTS", (taken,))
        assert chosen_port() != taken


def test_port_in_use_is_refused(socket_enabled: None, monkeypatch: pytest.MonkeyPatch) -> None:
    port = free_port()
    monkeypatch.setenv(PORT_VARIABLE, str(port))
    assert chosen_port() == port
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        with pytest.raises(DemoError, match="in use"):
            chosen_port()


def test_flow_is_answered_as_a_person_would() -> None:
    answers = ANSWERS["loqed"](ADDRESSES)
    menu = {"type": "menu", "step_id": "user", "menu_options": ["the_keys", "loqed"]}
    assert answer_to(menu, answers, answers.forms) == {"next_step_id": "loqed"}
    name, filled_in = next(iter(answers.forms.items()))
    form = {"type": "form", "step_id": name, "errors": {}}
    assert answer_to(form, answers, answers.forms) == filled_in


@pytest.mark.parametrize(
    "step",
    [
        {"type": "abort", "reason": "already_configured"},
        {"type": "form", "step_id": "unknown"},
        {"type": "form", "step_id": "loqed_paste", "errors": {"base": "refused"}},
        {"type": "menu", "step_id": "user", "menu_options": ["unknown"]},
        {"type": "progress", "step_id": "user"},
    ],
)
def test_flow_that_goes_another_way_ends_the_demo(step: dict[str, Any]) -> None:
    answers = ANSWERS["loqed"](ADDRESSES)
    with pytest.raises(DemoError, match="loqed"):
        answer_to(step, answers, answers.forms)


def test_lock_is_matched_by_the_id_within_its_unique_id() -> None:
    assert match_lock("acme_aa-bb_lock", ["AABB", "CCDD"]) == "AABB"
    assert match_lock("whatever", ["only"]) == "only"
    with pytest.raises(DemoError):
        match_lock("acme_1", ["AABB", "CCDD"])


def test_cards_of_a_lock_have_its_battery_and_what_it_can_do() -> None:
    text = json.dumps(dashboard.cards_of(device(can_open=True)))
    assert "sensor.front_door_battery_2" in text
    assert "button.front_door_synchronize_costs_battery_2" not in text
    assert "lock-open-door" in text
    assert "lock-open-door" not in json.dumps(dashboard.cards_of(device()))
    assert "lock-commands" not in json.dumps(dashboard.cards_of(device(lock="")))


def test_view_of_the_locks_has_a_section_for_each_maker_and_the_activity() -> None:
    view = dashboard.locks_view([device()], {"loqed": "LOQED"})
    assert [one["cards"][0]["heading"] for one in view["sections"]] == ["LOQED", "Activity"]
    logbook = view["sections"][1]["cards"][1]
    assert logbook["target"]["entity_id"] == ["event.front_door", "lock.front_door"]
    (hidden,) = view["sections"][1]["visibility"]
    assert [one["entity"] for one in hidden["conditions"]] == ["event.front_door"]


def test_table_has_a_line_for_each_step_and_its_problem() -> None:
    row = check.Row(
        vendor="loqed", device="Front door", step="lock", seen=("locking", "locked"), bolt="locked",
        seconds=1.23,
    )  # fmt: skip
    failed = check.Row(
        vendor="loqed", device="Front door", step="open", seen=(), bolt="locked", seconds=None,
        problem="not settled",
    )  # fmt: skip
    lines = check.table([row, failed]).splitlines()
    assert len(lines) == 5
    assert lines[1].startswith("-- loqed -")
    assert " ".join(lines[2].split()) == "Front door lock locking → locked locked 1.2 ok"
    assert lines[3].endswith("failed")
    assert lines[4].strip() == "not settled"


def test_texts_when_they_are_long_stay_within_eighty_columns(
    capsys: pytest.CaptureFixture[str],
) -> None:
    row = check.Row(
        vendor="loqed", device="Front door of the house", step="by hand: unlocked",
        seen=("locked", "unlocking", "unlocked", "opening", "open"), bolt="unlocked",
        seconds=123.45, problem="not settled: Home Assistant shows unavailable",
    )  # fmt: skip
    lines = check.table([row]).splitlines()
    say("word " * 50)
    complain("word " * 50)
    lines += capsys.readouterr().err.splitlines()
    assert max(len(line) for line in lines) <= 80
    told = " ".join(lines)
    assert all(word in told for word in ("unavailable", "house", "by hand: unlocked", "opening"))


def test_log_is_searched_for_warnings_tracebacks_and_secrets() -> None:
    def problems(*records: str) -> list[str]:
        return check.find_problems_in_log("".join(records), {"s3cr3t": "a key", "abc": "short"})

    ours = "custom_components.smartlocks"
    assert problems(RECORD.format("DEBUG", ours, "abc smartlocks")) == []
    assert problems(RECORD.format("WARNING", "homeassistant.core", "something else")) == []
    assert problems(RECORD.format("WARNING", "homeassistant.loader", check.NOTICE)) == []
    assert problems(RECORD.format("DEBUG", ours, "s3cr3t")) == ["the log holds a key"]
    assert len(problems(RECORD.format("WARNING", ours, "slow"))) == 1
    trace = "Traceback (most recent call last):\n  File x\n"
    assert len(problems(RECORD.format("ERROR", "asyncio", "failed") + trace)) == 1
    assert problems(RECORD.format("ERROR", "haffmpeg.core", "failed") + trace) == []


def test_command_line_knows_the_check(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["scripts/demo", "--help"])
    with pytest.raises(SystemExit):
        command.main()
    assert "--check" in capsys.readouterr().out
