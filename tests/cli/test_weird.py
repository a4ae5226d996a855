"""Whatever is typed: a documented exit code, no traceback, no fault, nothing raw on stderr."""

import re

import pytest

from segcli.errors import EXIT_CODES
from segcli.model import SegmentDraft
from tests.support.command import Segments
from tests.support.stores import fill, fill_accounts, members_of

LONG = "x" * 100_000
DEEP = 3000  # nested deeper than Python's stack

WEIRD: dict[str, list[str]] = {
    "an empty word": [""],
    "a dash": ["-"],
    "two dashes": ["--"],
    "two dashes and a command": ["--", "list"],
    "three dashes": ["---"],
    "dashes with a value": ["--=", "list"],
    "a short option that is none": ["-x"],
    "a long option that is none": ["list", "--frob"],
    "an abbreviated option": ["list", "--filt", "id eq 1"],
    "an option without its value": ["list", "--filter"],
    "a common option without its value": ["list", "-o"],
    "a flag with a value": ["list", "--all=yes"],
    "a short option with an equals sign": ["list", "-o=json"],
    "an option as another's value": ["list", "--filter", "--all"],
    "an option twice": ["list", "--limit", "1", "--limit", "2"],
    "an argument too many": ["list", "VIP"],
    "options behind two dashes": ["list", "--", "--all"],
    "a command in capitals": ["LIST"],
    "a command with a space": ["list "],
    "two commands in one word": ["accounts list"],
    "a command that is none": ["accounts", "frob"],
    "an empty command": ["accounts", ""],
    "a private name": ["__init__"],
    "a module's name": ["declare"],
    "a path": ["../list"],
    "an empty segment": ["get", ""],
    "a blank segment": ["get", "   "],
    "id and nothing": ["get", "id:"],
    "code and nothing": ["get", "code:"],
    "a negative id": ["get", "id:-1"],
    "an id with a plus": ["get", "id:+1"],
    "an id of zero": ["get", "0"],
    "an id beyond 32 bits": ["get", "2147483648"],
    "an id beyond 64 bits": ["get", "9" * 30],
    "an id of 5,000 digits": ["get", "9" * 5000],
    "other digits": ["get", "٣"],
    "a superscript": ["get", "²"],
    "a code of 100,000 letters": ["get", LONG],
    "a new code of 100,000 letters": ["add", LONG, "-o", "id"],
    "a quote": ["get", "' OR 1=1 --"],
    "an escape sequence": ["get", "\x1b[2J\x1b]0;gone\x07"],
    "an escape sequence as a command": ["\x1b[31mlist"],
    "an escape sequence as an option": ["list", "--\x1b[31m"],
    "an escape sequence as a number": ["list", "--limit", "\x1b[31m"],
    "an escape sequence as a format": ["list", "-o", "\x1b[31m"],
    "an escape sequence as a backend": ["list", "--backend", "\x1b[31m:x"],
    "an escape sequence in a filter": ["list", "--filter", "\x1b[31m eq 1"],
    "an escape sequence in a query": ["list", "--query", "\x1b[31m"],
    "a newline": ["get", "a\nb"],
    "bytes that are no text": ["get", "\udcff\udcfe"],
    "bytes that are no text, as a command": ["\udcff"],
    "bytes that are no text, as a filter": ["list", "--filter", "name eq '\udcff'"],
    "a negative limit": ["list", "--limit", "-1"],
    "a limit beyond 64 bits": ["list", "--limit", "1" + "0" * 30],
    "a limit of 5,000 digits": ["list", "--limit", "9" * 5000],
    "a start beyond 64 bits": ["list", "--start-index", "9" * 30],
    "a start of 5,000 digits": ["list", "--start-index", "9" * 5000],
    "a page size with a fraction": ["list", "--page-size", "1.5"],
    "an empty number": ["list", "--page-size", ""],
    "an empty filter": ["list", "--filter", ""],
    "and alone": ["list", "--filter", " and "],
    "a filter with a NUL escape": ["list", "--filter", "name eq '\\x00'"],
    "a filter of 201 clauses": ["list", "--filter", " and ".join(["id eq 1"] * 201)],
    "a filter of 100,000 letters": ["list", "--filter", f"name eq '{LONG}'"],
    "an id in a filter beyond 64 bits": ["list", "--filter", "id eq " + "9" * 30],
    "an id in a filter of 5,000 digits": ["list", "--filter", "id eq " + "9" * 5000],
    "the year 0": ["list", "--filter", "createDate ge 0000-01-01"],
    "the 30th of February": ["list", "--filter", "createDate ge 2026-02-30"],
    "the first moment, east": ["list", "--filter", "createDate ge 0001-01-01T00:00:00+14:00"],
    "the last moment, west": ["list", "--filter", "createDate ge 9999-12-31T23:59:59-14:00"],
    "a sort by nothing": ["list", "--sort", ","],
    "a sort of 1,000 fields": ["list", "--sort", ",".join(["name desc"] * 1000)],
    "fields of nothing": ["list", "--fields", ","],
    "fields never closed": ["list", "--fields", "items(id"],
    "fields nested deep": ["list", "--fields", "items(" * DEEP + "id" + ")" * DEEP],
    "a query of nothing": ["list", "--query", " "],
    "a query never closed": ["list", "--query", '`{"a":'],
    "a query nested deep": ["list", "--query", "(" * DEEP + "items" + ")" * DEEP],
    "a query of a long chain": ["list", "--query", "items" + "[0]" * DEEP],
    "a query with an unknown function": ["list", "--query", "frob(@)"],
    "a query with a bad call": ["list", "--query", "length(`1`)"],
    "a query that calls what it cannot": ["list", "--query", "sort(items)"],
    "a format in capitals": ["list", "-o", "JSON"],
    "an empty format": ["list", "-o", ""],
    "an empty backend": ["list", "--backend", ""],
    "a backend without a path": ["list", "--backend", "sqlite:"],
    "a backend of a directory": ["list", "--backend", "sqlite:/"],
    "a backend in no directory": ["add", "A", "--backend", "sqlite:/dev/null/x/y.db"],
    "a backend that is a device": ["list", "--backend", "sqlite:/dev/zero"],
    "a backend with a long name": ["add", "A", "--backend", "sqlite:" + "x" * 5000],
    "a backend of no such user": ["list", "--backend", "sqlite:~nosuchuser/x.db"],
    "a backend of an unknown kind": ["list", "--backend", "ftp://example.org"],
    "a timeout that is no number": ["list", "--timeout", "nan"],
    "a timeout without an end": ["list", "--timeout", "inf"],
    "a timeout of 5,000 digits": ["list", "--timeout", "9" * 5000],
    "accounts and nothing": ["accounts", "add"],
    "accounts of nothing": ["accounts", "of"],
    "an account of 5,000 digits": ["accounts", "of", "9" * 5000],
    "an update of nothing": ["update", "VIP"],
    "a deletion without a terminal": ["delete", "VIP"],
}  # fmt: skip


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Segments:
    """A command whose store holds VIP, which nothing of the above may touch."""
    segments = Segments(tmp_path_factory.mktemp("weird"))
    fill(segments, [SegmentDraft("VIP")])
    fill_accounts(segments, 1, [1001, 1002])
    return segments


@pytest.mark.parametrize("arguments", WEIRD.values(), ids=WEIRD)
def test_whatever_is_typed_ends_as_documented(store: Segments, arguments: list[str]) -> None:
    done = store(*arguments)
    assert done.code in EXIT_CODES
    assert "Traceback" not in done.stderr
    assert "a fault in segcli" not in done.stderr
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", done.stderr)
    if done.code:
        assert done.stderr.startswith("error: ")
    assert members_of(store.store) == [1001, 1002]


@pytest.mark.parametrize(
    "env",
    [
        {"COLUMNS": "9" * 5000},
        {"COLUMNS": "1000000000000000000000"},
        {"HOME": ""},
        {"HOME": "/nowhere/at/all", "XDG_DATA_HOME": ""},
        {"XDG_DATA_HOME": "not/absolute"},
        {"XDG_DATA_HOME": "\udcff"},
        {"SEGMENTS_BACKEND": "\udcff"},
        {"SEGMENTS_QUERY": "\udcff"},
        {"SEGMENTS_OUTPUT": "\udcff\x1b[31m"},
        {"SEGMENTS_TIMEOUT": "\x1b[31m"},
        {"LOGNAME": "\udcff"},
        {"LOGNAME": "", "USER": ""},
        {"TERM": ""},
        {"LC_ALL": "nonsense"},
        {"TZ": "nonsense"},
    ],
    ids=lambda env: " ".join(f"{name}={value[:12]!a}" for name, value in env.items()),
)
@pytest.mark.parametrize("arguments", [("list", "-o", "table"), ("add", "NEW")], ids=" ".join)
def test_whatever_the_environment_says_ends_as_documented(
    segments: Segments, arguments: tuple[str, ...], env: dict[str, str]
) -> None:
    # Nothing may be made where a strange HOME points to: only reading looks there.
    kept = {"SEGMENTS_BACKEND": f"sqlite:{segments.store}"} if arguments[0] == "add" else {}
    done = segments(*arguments, **{**kept, **env})
    assert done.code in EXIT_CODES
    assert "Traceback" not in done.stderr
    assert "a fault in segcli" not in done.stderr
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", done.stderr)
