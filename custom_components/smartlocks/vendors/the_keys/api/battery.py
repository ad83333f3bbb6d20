"""What the battery's voltage means."""

# Locks exist with batteries of about 4 V and of about 8 V; between them lies no overlap.
_LOWEST = 2500
_HIGH_SCALE = 5000
_HIGH_EMPTY, _HIGH_STEP = 6400, 18
_LOW_EMPTY, _LOW_STEP = 3100, 9


def percentage(millivolts: int | None) -> int | None:
    """Return 0 to 100 from millivolts; None for none, for 0 and for what no battery gives.

    The 8 V scale follows the vendor's app within one percent (7235 mV is 45 % there,
    8131 mV is 95 %), as seen in the field; the 4 V scale is the vendor's own.
    """
    if millivolts is None or millivolts <= _LOWEST:
        return None
    if millivolts > _HIGH_SCALE:
        share = (millivolts - _HIGH_EMPTY) / _HIGH_STEP
    else:
        share = (millivolts - _LOW_EMPTY) / _LOW_STEP
    return round(min(max(share, 0), 100))


def volts(millivolts: int | None) -> float | None:
    """Return volts from millivolts; None for none and for 0, which is no measurement."""
    return millivolts / 1000 if millivolts is not None and millivolts > 0 else None
