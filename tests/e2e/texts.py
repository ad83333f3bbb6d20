"""The texts that a person sees, by their key, in the language of the browser."""

from collections.abc import Mapping
from dataclasses import dataclass
import json
from pathlib import Path
import re
from typing import Any, Self

TRANSLATIONS = Path(__file__).parents[2] / "custom_components" / "smartlocks" / "translations"


@dataclass(frozen=True, kw_only=True, slots=True)
class Texts:
    """The texts of a language; those that it lacks are English, as in Home Assistant."""

    language: str
    english: Mapping[str, Any]
    own: Mapping[str, Any]

    @classmethod
    def load(cls, language: str) -> Self:
        """Read the files of a language."""
        path = TRANSLATIONS / f"{language}.json"
        english = json.loads((TRANSLATIONS / "en.json").read_text("utf-8"))
        own = json.loads(path.read_text("utf-8")) if path.exists() else {}
        return cls(language=language, english=english, own=own)

    def get(self, key: str) -> str:
        """Return a text by its dotted key; KeyError if there is none."""
        for source in (self.own, self.english):
            found: Any = source
            for part in key.split("."):
                found = found.get(part) if isinstance(found, Mapping) else None
            if isinstance(found, str):
                return found
        raise KeyError(key)

    def pattern(self, key: str) -> re.Pattern[str]:
        """Return what matches the beginning of a text on the screen, whatever fills it in.

        Only the first line, without the marks of Markdown: the screen has them as shapes.
        """
        line = re.split(r"[\n*`\[]", self.get(key))[0].strip()
        parts = re.split(r"\{[a-z_]+\}", line)
        return re.compile(r"\s*.+?\s*".join(re.escape(part.strip()) for part in parts))
