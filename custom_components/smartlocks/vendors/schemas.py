"""Form fields that several vendors have."""

from typing import Any, Final

from homeassistant.const import CONF_API_KEY
from homeassistant.helpers.selector import (
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)
import voluptuous as vol
from yarl import URL

from ..const import CONF_PUSH_BASE, CONF_PUSH_ROUTE, PushRoute
from .base import Answers, FlowError

# A code, a key, a link: shown on demand only, and not kept by the browser.
HIDDEN: Final = TextSelector(TextSelectorConfig(type=TextSelectorType.PASSWORD, autocomplete="off"))

# A token, a link, a page of keys: too long for one line, where nobody sees whether all of
# it has arrived.
LONG: Final = TextSelector(TextSelectorConfig(multiline=True, autocomplete="off"))

API_KEY: Final = vol.Schema({vol.Required(CONF_API_KEY): HIDDEN})


def unwrap(text: str) -> str:
    """Return a long text without the line breaks that copying may have put into it."""
    return "".join(text.splitlines()).strip()


def push_fields() -> dict[Any, Any]:
    """Return the fields for a vendor's schema."""
    routes = SelectSelector(
        SelectSelectorConfig(
            options=[route.value for route in PushRoute],
            translation_key=CONF_PUSH_ROUTE,
            mode=SelectSelectorMode.LIST,
        )
    )
    base = TextSelector(TextSelectorConfig(type=TextSelectorType.URL))
    return {
        vol.Required(CONF_PUSH_ROUTE, default=PushRoute.DIRECT.value): routes,
        vol.Optional(CONF_PUSH_BASE): base,
    }


def read_push_fields(answers: Answers) -> dict[str, str]:
    """Return the route and its base as they are kept; FlowError when they make no sense."""
    route = PushRoute(answers[CONF_PUSH_ROUTE])
    if route is not PushRoute.CUSTOM:
        return {CONF_PUSH_ROUTE: route.value}
    base = URL(answers.get(CONF_PUSH_BASE, "").strip())
    if base.scheme not in ("http", "https") or not base.host or base.query_string:
        raise FlowError("not_a_url", field=CONF_PUSH_BASE)
    return {CONF_PUSH_ROUTE: route.value, CONF_PUSH_BASE: str(base).rstrip("/")}
