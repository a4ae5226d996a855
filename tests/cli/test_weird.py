"""Any input: a documented exit code, no traceback, no bug, no control characters on stderr."""

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
    "an unknown short option": ["-x"],
    "an unknown long option": ["list", "--frob"],
    "an abbreviated option": ["list", "--filt", "id eq 1"],
    "an option without its value": ["list", "--filter"],
    "a common option without its value": ["list", "-o"],
    "a flag with a value": ["list", "--all=yes"],
    "a short option with an equals sign": ["list", "-o=json"],
    "an option as the value of another": ["list", "--filter", "--all"],
    "an option twice": ["list", "--limit", "1", "--limit", "2"],
    "one argument too many": ["list", "VIP"],
    "options after two dashes": ["list", "--", "--all"],
    "a command in capitals": ["LIST"],
    "a command with a space": ["list "],
    "two commands in one word": ["accounts list"],
    "an unknown subcommand": ["accounts", "frob"],
    "an empty command": ["accounts", ""],
    "a name with underscores": ["__init__"],
    "a module's name": ["declare"],
    "a path": ["../list"],
    "an empty segment": ["get", ""],
    "a blank segment": ["get", "   "],
    "id: without a number": ["get", "id:"],
    "code: without a code": ["get", "code:"],
    "a negative id": ["get", "id:-1"],
    "an id with a plus": ["get", "id:+1"],
    "an id of zero": ["get", "0"],
    "an id beyond 32 bits": ["get", "2147483648"],
    "an id beyond 64 bits": ["get", "9" * 30],
    "an id of 5,000 digits": ["get", "9" * 5000],
    "non-ASCII digits": ["get", "٣"],
    "a superscript digit": ["get", "²"],
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
    "invalid UTF-8": ["get", "\udcff\udcfe"],
    "invalid UTF-8 as a command": ["\udcff"],
    "invalid UTF-8 in a filter": ["list", "--filter", "name eq '\udcff'"],
    "a negative limit": ["list", "--limit", "-1"],
    "a limit beyond 64 bits": ["list", "--limit", "1" + "0" * 30],
    "a limit of 5,000 digits": ["list", "--limit", "9" * 5000],
    "a start beyond 64 bits": ["list", "--start-index", "9" * 30],
    "a start of 5,000 digits": ["list", "--start-index", "9" * 5000],
    "a page size with a fraction": ["list", "--page-size", "1.5"],
    "an empty number": ["list", "--page-size", ""],
    "an empty filter": ["list", "--filter", ""],
    "only and": ["list", "--filter", " and "],
    "a filter with a NUL escape": ["list", "--filter", "name eq '\\x00'"],
    "a filter of 201 clauses": ["list", "--filter", " and ".join(["id eq 1"] * 201)],
    "a filter of 100,000 letters": ["list", "--filter", f"name eq '{LONG}'"],
    "an id in a filter beyond 64 bits": ["list", "--filter", "id eq " + "9" * 30],
    "an id in a filter of 5,000 digits": ["list", "--filter", "id eq " + "9" * 5000],
    "the year 0": ["list", "--filter", "createDate ge 0000-01-01"],
    "the 30th of February": ["list", "--filter", "createDate ge 2026-02-30"],
    "the first moment, east": ["list", "--filter", "createDate ge 0001-01-01T00:00:00+14:00"],
    "the last moment, west": ["list", "--filter", "createDate ge 9999-12-31T23:59:59-14:00"],
    "a sort without a field": ["list", "--sort", ","],
    "a sort of 1,000 fields": ["list", "--sort", ",".join(["name desc"] * 1000)],
    "fields without a name": ["list", "--fields", ","],
    "unclosed fields": ["list", "--fields", "items(id"],
    "fields nested deep": ["list", "--fields", "items(" * DEEP + "id" + ")" * DEEP],
    "a blank query": ["list", "--query", " "],
    "an unclosed query": ["list", "--query", '`{"a":'],
    "a query nested deep": ["list", "--query", "(" * DEEP + "items" + ")" * DEEP],
    "a query of a long chain": ["list", "--query", "items" + "[0]" * DEEP],
    "a query with an unknown function": ["list", "--query", "frob(@)"],
    "a query with a bad call": ["list", "--query", "length(`1`)"],
    "a query that sorts objects": ["list", "--query", "sort(items)"],
    "a format in capitals": ["list", "-o", "JSON"],
    "an empty format": ["list", "-o", ""],
    "an empty backend": ["list", "--backend", ""],
    "a backend without a path": ["list", "--backend", "sqlite:"],
    "a backend of a directory": ["list", "--backend", "sqlite:/"],
    "a backend below a file": ["add", "A", "--backend", "sqlite:/dev/null/x/y.db"],
    "a backend that is a device": ["list", "--backend", "sqlite:/dev/zero"],
    "a backend with a long name": ["add", "A", "--backend", "sqlite:" + "x" * 5000],
    "a backend of an unknown user": ["list", "--backend", "sqlite:~nosuchuser/x.db"],
    "an unknown backend scheme": ["list", "--backend", "ftp://example.org"],
    "a timeout of nan": ["list", "--timeout", "nan"],
    "an infinite timeout": ["list", "--timeout", "inf"],
    "a timeout of 5,000 digits": ["list", "--timeout", "9" * 5000],
    "accounts add without arguments": ["accounts", "add"],
    "accounts of without arguments": ["accounts", "of"],
    "an account of 5,000 digits": ["accounts", "of", "9" * 5000],
    "an update without changes": ["update", "VIP"],
    "a deletion without a terminal": ["delete", "VIP"],
}  # fmt: skip


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Segments:
    """A command whose store holds VIP, which none of these may change."""
    segments = Segments(tmp_path_factory.mktemp("weird"))
    fill(segments, [SegmentDraft("VIP")])
    fill_accounts(segments, 1, [1001, 1002])
    return segments


@pytest.mark.parametrize("arguments", WEIRD.values(), ids=WEIRD)
def test_any_arguments_end_with_a_documented_exit_code(store: Segments, arguments: list[str]) -> None:
    done = store(*arguments)
    assert done.code in EXIT_CODES
    assert "Traceback" not in done.stderr
    assert "a bug in segcli" not in done.stderr
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
def test_any_environment_ends_with_a_documented_exit_code(
    segments: Segments, arguments: tuple[str, ...], env: dict[str, str]
) -> None:
    # Only `list` uses the strange HOME: `add` must not create files there.
    kept = {"SEGMENTS_BACKEND": f"sqlite:{segments.store}"} if arguments[0] == "add" else {}
    done = segments(*arguments, **{**kept, **env})
    assert done.code in EXIT_CODES
    assert "Traceback" not in done.stderr
    assert "a bug in segcli" not in done.stderr
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", done.stderr)
