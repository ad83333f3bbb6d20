"""How a person fills in the forms of each vendor: for the contract tests, and for the demo."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from yarl import URL

from tests.simulators import loqed, sesame_v3, sesame_web, the_keys
from tests.simulators.base import Simulator

type Addresses = Mapping[str, str]
type Forms = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Answers:
    """The way through one vendor's forms.

    `choices` are the menu options to take, wherever offered; `forms` what to fill in, by
    step id; `locks` the same for each lock that is added by itself. `secrets` must appear
    in no log. `lock` is the entity that the simulator's first lock becomes. A vendor that
    `pushes` shows a lock turned by hand without being asked. `webhook` is
    the field of the options with an address that a person copies, and the simulator's verb
    that enters it at the vendor's. `rests` are the seconds that
    a device is given between requests, where they are kept: tests need not wait as long.
    """

    vendor: str
    lock: str
    choices: frozenset[str]
    forms: Forms
    locks: tuple[Forms, ...] = ()
    secrets: tuple[str, ...] = ()
    pushes: bool = False
    webhook: tuple[str, str] | None = None
    rests: tuple[str, ...] = ()


def _loqed(addresses: Addresses) -> Answers:
    url = URL(addresses["url"])
    return Answers(
        vendor="loqed",
        lock="lock.front_door",
        choices=frozenset({"loqed", "loqed_token"}),
        forms={
            "loqed_token": {
                "api_token": loqed.API_TOKEN,
                "host": f"{url.host}:{url.port}",
                "keep_token": True,
            }
        },
        secrets=(loqed.API_TOKEN, loqed.KEY_SECRET, loqed.BRIDGE_KEY, loqed.BACKEND_KEY),
        pushes=True,
    )


def loqed_web(_: Addresses) -> Answers:
    """Return the answers that set LOQED's lock up without its bridge."""
    return Answers(
        vendor="loqed",
        lock="lock.front_door",
        choices=frozenset({"loqed", "loqed_web"}),
        forms={"loqed_web": {"api_token": loqed.API_TOKEN}},
        secrets=(loqed.API_TOKEN, loqed.KEY_SECRET, loqed.BRIDGE_KEY, loqed.BACKEND_KEY),
        # Between reads: hours, of which a limit is made.
        rests=("custom_components.smartlocks.vendors.loqed.account.WINDOW",),
    )


def _the_keys(addresses: Addresses) -> Answers:
    gateway = URL(addresses["url"])
    return Answers(
        vendor="the_keys",
        lock="lock.front_door",
        choices=frozenset({"the_keys", "the_keys_account"}),
        forms={
            "the_keys_account": {"phone": the_keys.PHONE, "password": the_keys.PASSWORD},
            "the_keys_pick": {
                "locks": [the_keys.FRONT_ID, the_keys.BACK_ID],
                "host": f"{gateway.host}:{gateway.port}",
            },
        },
        secrets=(the_keys.PHONE, the_keys.PASSWORD),
        rests=(
            "custom_components.smartlocks.vendors.the_keys.api.client.SIGNED_REST",
            "custom_components.smartlocks.vendors.the_keys.api.client.SYNCHRONIZE_REST",
            "custom_components.smartlocks.vendors.the_keys.api.client.UNSIGNED_REST",
            "custom_components.smartlocks.vendors.the_keys.api.timestamps.MAX_WAIT",
        ),
    )


def _sesame_web(_: Addresses) -> Answers:
    def device(name: str, product: str, uuid: str) -> Mapping[str, Any]:
        secret = sesame_web.SECRETS[uuid]
        return {"name": name, "product": product, "uuid": uuid, "secret": secret}

    front = device("Front door", "sesame_5", sesame_web.SESAME_5)
    others = (
        device("Back door", "sesame_4", sesame_web.SESAME_4),
        device("Gate", "bot_2", sesame_web.BOT),
        device("Bicycle", "bike_2", sesame_web.BIKE),
    )
    return Answers(
        vendor="sesame_web",
        lock="lock.front_door",
        choices=frozenset({"sesame_web", "sesame_web_device_uuid", "sesame_web_add_uuid"}),
        forms={
            "sesame_web": {"api_key": sesame_web.API_KEY},
            "sesame_web_device_uuid": front,
        },
        locks=tuple({"sesame_web_add_uuid": other} for other in others),
        secrets=(sesame_web.API_KEY, *sesame_web.SECRETS.values()),
    )


def _sesame_v3(_: Addresses) -> Answers:
    return Answers(
        vendor="sesame_v3",
        lock="lock.front_door",
        choices=frozenset({"sesame_v3"}),
        forms={"sesame_v3": {"api_key": sesame_v3.API_KEY}},
        secrets=(sesame_v3.API_KEY,),
        webhook=("webhook_address", "set_webhook"),
        rests=("custom_components.smartlocks.vendors.sesame_v3.rate_limit.SPACING",),
    )


# The answers of a vendor, given the addresses of its simulator ("url", "cloud_url").
ANSWERS: Mapping[str, Callable[[Addresses], Answers]] = {
    "loqed": _loqed,
    "the_keys": _the_keys,
    "sesame_web": _sesame_web,
    "sesame_v3": _sesame_v3,
}

# Other ways to set a device up, which owe a person the same.
OTHER_WAYS: Mapping[str, tuple[type[Simulator], Callable[[Addresses], Answers]]] = {
    "loqed without a bridge": (loqed.LoqedWebSimulator, loqed_web),
}
