"""What is kept of a device, read from what a person has typed or pasted."""

from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import CONF_NAME
from homeassistant.core import HomeAssistant, callback

from ..base import Answers, FlowAbort, FlowError, LockAccount, vendor_entries
from . import api
from .checks import as_flow_error
from .const import CONF_PRODUCT, CONF_SECRET, CONF_UUID, KEY
from .device import USABLE
from .forms import CONF_LINK


def typed_device(answers: Answers) -> LockAccount:
    """Return the device of UUID and secret; FlowError when it is not one."""
    try:
        uuid = api.parse_uuid(answers[CONF_UUID])
    except api.NotAUuidError as err:
        raise as_flow_error(err) from err
    return _account(uuid, answers[CONF_NAME], answers[CONF_PRODUCT], _secret(answers))


def linked_device(answers: Answers) -> LockAccount:
    """Return the device of a share link; FlowError when it cannot be used."""
    try:
        key = api.parse_share(answers[CONF_LINK])
    except api.ShareLinkError as err:
        raise as_flow_error(err) from err
    if key.product is None:
        raise FlowError("sesame_web_product_unknown", field=CONF_LINK)
    if key.product.model not in USABLE:
        raise FlowError("sesame_web_not_usable", field=CONF_LINK, product=key.product.name)
    name = answers.get(CONF_NAME, "").strip() or key.name or key.product.name
    return _account(key.uuid, name, key.product.model, key.secret)


def changed_device(device: ConfigSubentry, answers: Answers) -> LockAccount:
    """Return a device with another name, model or secret; FlowError when it is no secret."""
    secret = _secret(answers) or device.data.get(CONF_SECRET)
    return _account(device.data[CONF_UUID], answers[CONF_NAME], answers[CONF_PRODUCT], secret)


@callback
def check_free(hass: HomeAssistant, device: LockAccount) -> None:
    """See that a device is not set up yet; FlowAbort otherwise."""
    for entry in vendor_entries(hass, KEY):
        if device.unique_id in {lock.unique_id for lock in entry.subentries.values()}:
            raise FlowAbort("already_configured")


def _secret(answers: Answers) -> str | None:
    """Return the secret, or None where none is given."""
    text = answers.get(CONF_SECRET, "").strip()
    try:
        return api.parse_secret(text) if text else None
    except api.NotASecretError as err:
        raise as_flow_error(err) from err


def _account(uuid: str, name: str, model: str, secret: str | None) -> LockAccount:
    kept = {} if secret is None else {CONF_SECRET: secret}
    return LockAccount(
        unique_id=uuid,
        title=name.strip() or USABLE[model].name,
        data={CONF_UUID: uuid, CONF_PRODUCT: model, **kept},
    )
