"""Answers with status 200 that are JSON, and still not what the vendor's page promises."""

from collections.abc import Mapping
import json
from typing import Any

from tests.simulators.base import NONSENSE

from .doorman import Endpoint

MALFORMED: Mapping[Endpoint, Mapping[str, Any]] = {
    "list": {
        # Seen in the field: an object in place of the list.
        "object": {"result": "ok", "data": []},
        "strings": ["front", "back"],
        "missing_fields": [{}],
        "wrong_fields": [{"device_id": 7, "serial": None, "nickname": ["Front door"]}],
    },
    "status": {
        "missing_fields": {},
        "wrong_fields": {"locked": "yes", "battery": "full", "responsive": 1},
        "nulls": {"locked": None, "battery": None, "responsive": None},
    },
    "command": {
        "missing_fields": {},
        "wrong_fields": {"task_id": 5},
    },
    "result": {
        "missing_fields": {"status": "terminated"},
        "wrong_fields": {"status": "terminated", "successful": "true"},
        "odd_status": {"status": "paused"},
    },
}


def malformed(endpoint: Endpoint, kind: str) -> bytes:
    """The body of a malformed answer; ValueError for a kind the endpoint does not have."""
    if kind in MALFORMED[endpoint]:
        return json.dumps(MALFORMED[endpoint][kind]).encode()
    for name, body in NONSENSE.items():
        if name == kind:
            return body
    raise ValueError(f"no malformed answer {kind} for {endpoint}")
