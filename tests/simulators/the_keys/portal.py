"""The person behind the account, with the locks: the cloud's longest answer."""

from typing import Any

from .accessory import Accessory
from .account import Account
from .lock import Lock

STATES = {"locked": "close", "unlocked": "open"}

QR_CODE = "https://example.com/qr/31415926535897"
PUBLIC_KEY = "04c0ffee5ec2e7c0ffee5ec2e7"
E_MAIL = "camille@example.com"


def user_json(account: Account) -> dict[str, Any]:
    """Give the user's own data and the locks, each with its accessories."""
    locks = account.locks if account.lists_locks else []
    return {
        "id": 77,
        "username": account.phone,
        "firstname": "Camille",
        "lastname": "Martin",
        "email": E_MAIL,
        "serrures": [_lock_json(account, lock) for lock in locks],
    }


def _lock_json(account: Account, lock: Lock) -> dict[str, Any]:
    accessories = [item for item in account.accessories if lock.portal_id in item.locks]
    return _lock_facts(lock) | {
        "battery": lock.battery,
        "battery_date": {"date": account.now(), "timezone_type": 3, "timezone": "Europe/Paris"},
        "utilisateur": {"username": account.phone, "firstname": "Camille", "lastname": "Martin"},
        "accessoires": [
            _accessory_json(account, lock, number, accessory)
            for number, accessory in enumerate(accessories)
        ],
        "produit": {"id": 2, "nom": "TK 1.5.1", "version": lock.version, "versionBeta": None},
    }


def _accessory_json(
    account: Account, lock: Lock, number: int, accessory: Accessory
) -> dict[str, Any]:
    row = accessory.as_json()
    del row["version"]
    link = lock.portal_id * 10 + number
    return {"id": link, "accessoire": row, "info": accessory.info(account.now())}


def _lock_facts(lock: Lock) -> dict[str, Any]:
    return {
        "id": lock.portal_id,
        "id_serrure": lock.identifier,
        "code": "314159",
        "code_serrure": "271828",
        "etat": STATES.get(lock.bolt),
        "nom": lock.name,
        "couleur": "#1f6feb",
        "qrcode": QR_CODE,
        "serrure_droite": True,
        "main_libre": False,
        "longitude": 2.35,
        "latitude": 48.85,
        "radius": 50,
        "timezone": "Europe/Paris",
        "maxSpeed": 100,
        "latchDelay": 3,
        "assistedActions": False,
        "unlockOnly": False,
        "description": "",
        "logSequence": lock.last_log,
        "public_key": PUBLIC_KEY,
        "message": None,
        "version": lock.version,
        "version_cible": lock.version,
        "beta": False,
    }
