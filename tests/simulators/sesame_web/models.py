"""What kinds of device there are: the number in the share link, and what they obey."""

from dataclasses import dataclass

LOCK, UNLOCK, TOGGLE, CLICK = 82, 83, 88, 89
SCRIPTS = range(170, 180)


@dataclass(frozen=True, kw_only=True, slots=True)
class Model:
    """A kind of device; from number 5 on it is of the third generation of firmware."""

    key: str
    number: int
    commands: frozenset[int]

    @property
    def is_lock(self) -> bool:
        """Whether it can be told to lock."""
        return LOCK in self.commands

    @property
    def has_short_key(self) -> bool:
        """Whether its share link holds 39 bytes; the older ones hold 99."""
        return self.number >= 5


_LOCK = frozenset({LOCK, UNLOCK, TOGGLE})
_BOT = frozenset({CLICK, *SCRIPTS})

MODELS = {
    model.key: model
    for model in (
        Model(key="sesame_2", number=0, commands=_LOCK),
        Model(key="ssmbot_1", number=2, commands=frozenset({CLICK})),
        Model(key="sesame_4", number=4, commands=_LOCK),
        Model(key="sesame_5", number=5, commands=_LOCK),
        Model(key="bike_2", number=6, commands=frozenset({UNLOCK})),
        Model(key="sesame_5_pro", number=7, commands=_LOCK),
        Model(key="BLE_Connector_1", number=11, commands=_LOCK),
        Model(key="sesame_5_us", number=16, commands=_LOCK),
        Model(key="bot_2", number=17, commands=_BOT),
        Model(key="sesame_6_pro", number=21, commands=_LOCK),
        Model(key="bike_3", number=33, commands=frozenset({UNLOCK})),
        Model(key="bot_3", number=35, commands=_BOT),
    )
}
