"""Odd bytes: JSON in a vendor's own words that is wrong in every way, and text as it is pasted."""

import ast
from collections.abc import Iterator, Mapping
import json
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

ROOT = Path(__file__).parents[2]
VENDORS = ROOT / "custom_components" / "smartlocks" / "vendors"
_LONGEST_WORD = 40
_HUGE = 10**400

ODD_NUMBERS = st.sampled_from(
    (-1, 0, 1, 49, 50, 100, 101, 255, 2**31, 2**53, 2**64, _HUGE, -_HUGE, 1e308, 0.5, -0.0)
)


def words(vendor: str) -> list[str]:
    """Return the short texts in a vendor's client: names of fields, states, errors."""
    return sorted(set(_constants(vendor)))


def _constants(vendor: str) -> Iterator[str]:
    for path in sorted((VENDORS / vendor / "api").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case ast.Constant(value=str(text)) if len(text) <= _LONGEST_WORD:
                    yield text


def values(vendor: str) -> st.SearchStrategy[Any]:
    """Return JSON of any depth that uses the vendor's words."""
    word = st.sampled_from(words(vendor))
    leaf = st.one_of(
        word,
        word.map(str.upper),
        st.none(),
        st.booleans(),
        ODD_NUMBERS,
        st.integers(),
        st.floats(),
        st.text(max_size=20),
        ODD_NUMBERS.map(str),
    )

    def deeper(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        keys = st.one_of(word, st.text(max_size=5))
        return st.one_of(st.dictionaries(keys, inner, max_size=6), st.lists(inner, max_size=4))

    return st.recursive(leaf, deeper, max_leaves=20)


def bodies(
    vendor: str, good: Mapping[str, Any] | None = None, *, is_list: bool = False
) -> st.SearchStrategy[bytes]:
    """Return bodies: JSON, JSON that is damaged or repeated, and bytes.

    Half of it is a `good` reply in which fields are wrong; or lists with one, which have
    two forms.
    """
    near: st.SearchStrategy[Any] = st.dictionaries(
        st.sampled_from(sorted(good or {"": ""})), values(vendor), max_size=2
    ).map(lambda wrong: {**(good or {}), **wrong})
    if is_list:
        near = st.one_of(
            near.map(lambda entry: {"data": [entry]}), near.map(lambda entry: [None, entry, 7])
        )
    good_json: st.SearchStrategy[Any] = values(vendor)
    if good:
        good_json = st.one_of(good_json, near)
    return _damaged(good_json.map(_encode))


def _damaged(good: st.SearchStrategy[bytes]) -> st.SearchStrategy[bytes]:
    damaged = st.tuples(good, st.integers(0, 200), st.binary(max_size=4)).map(
        lambda parts: parts[0][: parts[1]] + parts[2] + parts[0][parts[1] :]
    )
    cut = st.tuples(good, st.integers(0, 200)).map(lambda parts: parts[0][: parts[1]])
    doubled = st.tuples(good, good).map(lambda parts: parts[0] + parts[1])
    return st.one_of(good, damaged, cut, doubled, st.binary(max_size=200), DEEP)


def _encode(value: Any) -> bytes:
    return json.dumps(value).encode()


DEEP = st.builds(
    lambda opening, count, closing: opening * count + closing * count,
    st.sampled_from((b"[", b'{"a":', b'[{"a":', b'"[', b"[ ")),
    st.integers(1, 3000),
    st.sampled_from((b"]", b"}", b"", b"}]")),
)

# What a person may paste: anything, and what looks right.
TEXTS = st.one_of(
    st.text(max_size=200),
    st.text(alphabet="0123456789abcdefABCDEF-:./[]@?#% \\\n\t\u200b\ud800", max_size=80),
    st.binary(max_size=80).map(lambda raw: raw.decode("utf-8", "surrogateescape")),
    DEEP.map(bytes.decode),
)
