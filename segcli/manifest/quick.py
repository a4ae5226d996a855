"""Decodes what `list` prints as JSON or JSON lines at once: 100,000 segments in a tenth of a second.

Whatever is not as `list` prints it is left to the slow reader, whose errors name the line.
"""

from msgspec import UNSET, MsgspecError, Raw, Struct, UnsetType
from msgspec.json import Decoder

from segcli.manifest.document import Definition
from segcli.manifest.nodes import Data


class _Listed(Struct):
    """A segment; other members are ignored."""

    code: str
    name: str | None = None
    description: str | None = None


class _Page(Struct):
    """The collection; `version` or `segments` mean that it is a manifest."""

    items: list[_Listed]
    totalCount: int | UnsetType = UNSET  # noqa: N815  # its name in JSON
    version: Raw | UnsetType = UNSET
    segments: Raw | UnsetType = UNSET


def listed(data: Data) -> list[Definition] | None:
    """The segments; None if it is anything else, or has a mistake."""
    found = _collection(data)
    if found is None:
        try:
            found = Decoder(_Listed).decode_lines(data)
        except (MsgspecError, ValueError, RecursionError):
            return None
    codes = {each.code for each in found}
    if len(codes) != len(found) or not all(map(str.strip, codes)):
        return None
    return [Definition(each.code, each.name or None, each.description or None) for each in found]


def _collection(data: Data) -> list[_Listed] | None:
    try:
        page = Decoder(_Page).decode(data)
    except (MsgspecError, ValueError, RecursionError):
        return None
    if page.version is not UNSET or page.segments is not UNSET:
        return None
    is_whole = page.totalCount is UNSET or page.totalCount <= len(page.items)
    return page.items if is_whole else None
