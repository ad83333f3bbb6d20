"""The options every vendor that can call us has: by which address."""

from typing import Any

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
