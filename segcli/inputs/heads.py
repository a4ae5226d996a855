"""What a file identifies accounts by, as far as its first bytes show: most files hold only account ids."""

from collections.abc import Iterable

from segcli.customer import MEMBER_OF_KIND, PREFIXES, Kind, member_of
from segcli.inputs.reader import csv_delimiter

_PREFIXES = tuple(f"{prefix}:".encode() for prefix in PREFIXES)  # of ACCOUNTs, which lines may be
_LONGEST = 40  # bytes of a member's name that can be known


def table_delimiter(name: str, head: bytes, column: str | None = None) -> str | None:
    """The delimiter of a CSV that starts with `head`; None for lines of single values.

    Those may be e-mail addresses: only a header that names the `column` contains an `@`.
    """
    delimiter = csv_delimiter(name, head, lambda line: column is not None or member_of(line) is not None)
    line = head.split(b"\n", 1)[0]
    if column is None and delimiter is not None and b"@" in line and delimiter.encode() not in line:
        return None
    return delimiter


def kinds_in(name: str, head: bytes) -> frozenset[Kind]:
    """The kinds of identifiers in a file that starts with `head`; empty for account ids without a name."""
    first = head.lstrip()[:1]
    if first in (b"[", b"{"):
        return _kinds_in_json(first, head) if b'"' in head else frozenset()
    delimiter = table_delimiter(name, head)
    if delimiter is None:
        lines = (line.strip() for line in head.splitlines())
        line = next((line for line in lines if line and not line.startswith(b"#")), b"")
        names_one = b"@" in line or line.lower().startswith(_PREFIXES)
        return frozenset(("email",)) if names_one else frozenset()
    header = head.split(b"\n", 1)[0].decode(errors="replace")
    return _kinds_of(cell.strip().strip('"') for cell in header.split(delimiter))


def _kinds_in_json(first: bytes, head: bytes) -> frozenset[Kind]:
    import re

    if first == b"[" and re.match(rb'\s*\[\s*"[^"]*@', head):
        return frozenset(("email",))
    names = re.findall(rb'"([^"\\]{1,%d})"\s*:' % _LONGEST, head)
    return _kinds_of(each.decode(errors="replace") for each in set(names))


def _kinds_of(names: Iterable[str]) -> frozenset[Kind]:
    members = set(map(member_of, names))
    return frozenset(kind for kind, member in MEMBER_OF_KIND.items() if member in members)
