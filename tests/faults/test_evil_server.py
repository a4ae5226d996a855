"""Every command on a server that misbehaves in every way: it ends in time, with an error that says why.

Each mode meets one command, in turn; with SEGMENTS_TEST_EVERY_COMMAND=1 each mode meets every command.
"""

import gzip
import json
import os
import resource
import socket
import subprocess
import time
from collections.abc import Callable

import pytest

from tests.support.command import COMMAND, Segments
from tests.support.evil_server import (
    BODIES,
    HEAD,
    MODES,
    SEGMENT,
    SHAPES,
    SLOW,
    Exchange,
    Mode,
    collection,
    endless,
    evil,
    fixed,
    numbered,
    raw,
    segment_with,
)

MEMORY = 600 * 1024**2  # bytes of address space, of which the libraries take the most
CHANGES = "POST PUT DELETE"
EVERYTHING = f"GET {CHANGES}"
READING = (
    "get VIP",
    "get 1",
    "list",
    "list --all -o json",
    "list --filter id=1 -o yaml",
    "list --counts -o jsonl",
    "accounts list VIP",
    "accounts of 1001",
    "accounts set VIP --file - --yes",
    "delete VIP --yes --ignore-missing",
    "doctor",
)
CHANGING = (
    "add NEW",
    "update VIP --name x",
    "delete VIP --yes",
    "accounts add VIP 1 2",
    "accounts remove VIP 1001",
    "accounts set VIP --file - --yes",
)
LINES = [(line, EVERYTHING) for line in READING] + [(line, CHANGES) for line in CHANGING]


def rounds() -> list[tuple[str, str, str]]:
    """The modes, each with a command line, and the methods that the mode applies to."""
    if os.environ.get("SEGMENTS_TEST_EVERY_COMMAND") == "1":
        return [(mode, *line) for mode in MODES for line in LINES]
    return [(mode, *LINES[number % len(LINES)]) for number, mode in enumerate(MODES)]


@pytest.mark.parametrize(("name", "line", "methods"), rounds())
def test_no_response_is_a_bug_or_hangs(segments: Segments, name: str, line: str, methods: str) -> None:
    with evil(MODES[name], methods) as server:
        started = time.monotonic()
        done = segments(*line.split(), "--timeout", "1", "--backend", server.url, stdin="5\n")
        seconds = time.monotonic() - started
    assert "a bug in segcli" not in done.stderr
    assert "Traceback" not in done.stderr
    assert done.code in range(7)
    assert done.stderr.isprintable() or "\x1b" not in done.stderr
    assert seconds < 20


@pytest.mark.parametrize("line", ["get VIP", "list", "accounts add VIP 1"])
@pytest.mark.parametrize("name", SLOW)
def test_the_timeout_covers_all_of_a_response(segments: Segments, name: str, line: str) -> None:
    methods = CHANGES if line.startswith("accounts") else EVERYTHING
    with evil(SLOW[name], methods) as server:
        started = time.monotonic()
        done = segments(*line.split(), "--timeout", "1", "--backend", server.url)
        assert time.monotonic() - started < 6
    assert done.code == 6
    assert "no complete response within 1 s" in done.stderr


def test_the_timeout_covers_all_of_a_request(segments: Segments) -> None:
    """A server that does not read: the request is larger than the buffers in between."""
    ids = segments.home / "ids"
    ids.write_text("\n".join(map(str, range(1_000_000_000, 1_000_600_000))))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        listener.listen()
        started = time.monotonic()
        done = segments(
            "accounts", "add", "id:1", "--file", str(ids), "--chunk-size", "600000",
            "--timeout", "1", "--backend", url,
        )  # fmt: skip
        assert time.monotonic() - started < 10
    assert done.code == 6


def test_an_informational_response_is_not_taken_for_the_response(segments: Segments) -> None:
    def mode(exchange: Exchange) -> None:
        exchange.send(b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n")
        exchange.answer_honestly()

    with evil(mode) as server:
        done = segments.ok("accounts", "list", "VIP", "--backend", server.url)
    assert done.lines == ["1001", "1002"]


NOT_EMPTY = ("HTML", "an error", "null", "an empty object", "a list")


@pytest.mark.parametrize("line", ["accounts add VIP 1 2", "accounts remove VIP 1001", "delete VIP --yes"])
@pytest.mark.parametrize("name", NOT_EMPTY)
def test_a_change_is_acknowledged_only_by_an_empty_body(segments: Segments, name: str, line: str) -> None:
    with evil(BODIES[name], CHANGES) as server:
        done = segments(*line.split(), "-o", "json", "--backend", server.url)
    assert (done.code, done.stdout) == (6, "")
    assert "the outcome is unknown" in done.error["message"]
    assert len([request for request in server.requests if not request.startswith("GET")]) == 1


@pytest.mark.parametrize("line", ["add NEW", "update VIP --name x"])
@pytest.mark.parametrize("name", ["HTML", "nothing", "an error", "a list"])
def test_a_segment_is_acknowledged_only_by_a_segment(segments: Segments, name: str, line: str) -> None:
    with evil(BODIES[name], CHANGES) as server:
        done = segments(*line.split(), "-o", "json", "--backend", server.url)
    assert (done.code, done.stdout) == (6, "")
    assert "the outcome is unknown" in done.error["message"]


OTHER_FIELDS: dict[str, tuple[str, dict[str, object]]] = {
    "another code": ("code", {"code": "OTHER"}),
    "another name": ("name", {"name": "Other"}),
    "no name": ("name", {"name": None}),
    "a name in another case": ("name", {"name": "THE NAME"}),
    "a description that was not sent": ("description", {"description": "Other"}),
}
SENT = {"code": "NEW", "name": "The name", "description": None}


@pytest.mark.parametrize("line", ["add NEW", "update VIP --code NEW"])
@pytest.mark.parametrize("name", OTHER_FIELDS)
def test_a_change_is_acknowledged_only_by_a_segment_with_the_fields_that_were_sent(
    segments: Segments, name: str, line: str
) -> None:
    field, members = OTHER_FIELDS[name]
    options = ["--name", "The name", "--description", ""]
    with evil(segment_with(**(SENT | members)), CHANGES) as server:
        done = segments(*line.split(), *options, "-o", "json", "--backend", server.url)
    assert (done.code, done.stdout) == (6, "")
    assert f"a segment that has another {field} than the one that was sent" in done.error["message"]
    assert "the outcome is unknown" in done.error["message"]
    assert len([request for request in server.requests if not request.startswith("GET")]) == 1


@pytest.mark.parametrize("line", ["add NEW", "update VIP --code NEW"])
@pytest.mark.parametrize(
    "members",
    [{"code": "new"}, {"name": " The  name\n"}, {"description": ""}, {"name": "The na\u006de"}],
)
def test_a_platform_may_normalize_text(segments: Segments, members: dict[str, object], line: str) -> None:
    options = ["--name", "The name", "--description", ""]
    with evil(segment_with(**(SENT | members)), CHANGES) as server:
        done = segments.ok(*line.split(), *options, "-o", "json", "--backend", server.url)
    assert {**done.json, **members} == done.json  # it is shown as the platform has it


def test_composed_and_decomposed_text_are_the_same(segments: Segments) -> None:
    with evil(segment_with(code="NEW", name="Cafe\u0301", description=None), CHANGES) as server:
        segments.ok("add", "NEW", "--name", "Caf\u00e9", "--backend", server.url)


def test_an_unacknowledged_chunk_is_sent_again_by_resume(segments: Segments) -> None:
    """The first chunk is acknowledged, the second gets a login page: it is not in the journal."""
    ids = segments.home / "ids"
    ids.write_text("1\n2\n3\n4\n")
    received: list[str] = []

    def login_page(exchange: Exchange) -> None:
        received.append(exchange.path)
        exchange.answer(b"<html>Login</html>") if len(received) == 2 else exchange.answer_honestly()

    line = ["accounts", "add", "VIP", "--file", str(ids), "--chunk-size", "2", "--concurrency", "1"]
    with evil(login_page, CHANGES) as server:
        done = segments(*line, "-o", "json", "--backend", server.url)
        assert (done.code, done.json["added"]) == (6, 2)
        assert "the outcome is unknown; 2 of 4 accounts were done" in done.error["message"]
        report = segments.ok(*line, "--resume", "-o", "json", "--backend", server.url).json
    assert (report["added"], report["resumed"]) == (2, 2)


@pytest.mark.parametrize("status", ["404", "409"])
def test_a_proxy_cannot_say_that_something_was_removed(segments: Segments, status: str) -> None:
    """After a lost response, 404 or 409 means done, but only from the tenant."""
    tries: list[str] = []

    def mode(exchange: Exchange) -> None:
        tries.append(exchange.path)
        exchange.answer(b"<html>", "502 Bad Gateway" if len(tries) == 1 else f"{status} From a proxy")

    for line in ("delete VIP --yes", "accounts remove VIP 1001"):
        tries.clear()
        with evil(mode, "DELETE") as server:
            done = segments(*line.split(), "--backend", server.url)
        assert done.code == 6
        assert "the outcome is unknown" in done.stderr


def test_a_page_of_a_proxy_does_not_make_a_segment_missing(segments: Segments) -> None:
    for body in (b"<html>", b'{"errorCode": "ITEM_NOT_FOUND", "message": "no such path"}'):
        with evil(fixed(body, "404 Not Found")) as server:
            done = segments("delete", "VIP", "--yes", "--ignore-missing", "--backend", server.url)
        assert done.code == 6


def pages(total: Callable[[int], int], items: int = 1000) -> Mode:
    """A collection of `items` segments; `total` is the totalCount of the page at an offset."""

    def mode(exchange: Exchange) -> None:
        last = min(exchange.start + int(exchange.parameters["pageSize"]), items)
        page = [
            {"id": n, "code": f"S{n}", "segments": [{"id": 1}]} for n in range(exchange.start + 1, last + 1)
        ]
        exchange.answer(collection(page, total(exchange.start)))

    return mode


INCOMPLETE = {
    "an empty page": pages(lambda _: 1000, items=200),
    "a total that is too low": pages(lambda start: 1000 if start == 0 else 300),
    "a total that grows": pages(lambda start: 1000 + start),
    "a total that grows without items": SHAPES["totalCount grows"],
    "a total that shrinks": pages(lambda start: 1000 - start // 2),
    "the same page": SHAPES["the same page"],
}


@pytest.mark.parametrize("name", INCOMPLETE)
@pytest.mark.parametrize("output", ["tsv", "table", "jsonl"])
def test_an_incomplete_list_is_exit_6_after_what_was_found(
    segments: Segments, name: str, output: str
) -> None:
    with evil(INCOMPLETE[name]) as server:
        done = segments("list", "--all", "--fields", "id", "-o", output, "--backend", server.url)
    assert done.code == 6
    found = [line for line in done.lines if line.strip() != "id"]
    assert len(found) >= 200
    assert output == "table" or len(found) == len(set(found))
    assert "items were read" in done.stderr
    assert len(server.requests) < 60


@pytest.mark.parametrize("name", INCOMPLETE)
def test_a_set_never_plans_on_an_incomplete_list(segments: Segments, name: str) -> None:
    def mode(exchange: Exchange) -> None:
        if exchange.path.endswith("/accounts"):
            INCOMPLETE[name](exchange)
        else:
            exchange.answer_honestly()

    with evil(mode) as server:
        done = segments(
            "accounts", "set", "id:1", "--file", "-", "--yes", "--backend", server.url, stdin="5\n"
        )
    assert done.code == 6
    assert {request.split()[0] for request in server.requests} == {"GET"}


@pytest.mark.parametrize("line", ["accounts list VIP", "list --counts", "accounts set VIP --file - --yes"])
@pytest.mark.parametrize("name", INCOMPLETE)
def test_memberships_are_never_read_from_an_incomplete_list(segments: Segments, name: str, line: str) -> None:
    def mode(exchange: Exchange) -> None:
        if exchange.path.endswith("/accounts"):
            INCOMPLETE[name](exchange)
        else:
            exchange.answer_honestly()

    with evil(mode) as server:
        done = segments(*line.split(), "--backend", server.url, stdin="5\n")
    assert (done.code, done.stdout) == (6, "")
    assert {request.split()[0] for request in server.requests} == {"GET"}
    assert len(server.requests) < 60


def dripping(size: int) -> Mode:
    """A list that claims to be huge and has `size` new items on each page."""

    def mode(exchange: Exchange) -> None:
        exchange.answer(collection(numbered(exchange.start, size), 2_147_483_647))

    return mode


@pytest.mark.parametrize("line", ["list --all", "accounts list id:1", "list --counts", "accounts of 1001"])
@pytest.mark.parametrize("size", [1, 19])
def test_a_list_without_end_ends(segments: Segments, line: str, size: int) -> None:
    def mode(exchange: Exchange) -> None:
        if exchange.path.endswith("/segments/1") or (
            line == "list --counts" and "/segments" in exchange.path
        ):
            exchange.answer_honestly()
        else:
            dripping(size)(exchange)

    with evil(mode) as server:
        done = segments(*line.split(), "--backend", server.url)
    assert done.code == 6
    assert "were read" in done.stderr
    assert len(server.requests) < 60


@pytest.mark.parametrize("size", [20, 100])
def test_a_server_may_have_smaller_pages_than_requested(segments: Segments, size: int) -> None:
    def mode(exchange: Exchange) -> None:
        count = max(min(size, 1_005 - exchange.start), 0)
        exchange.answer(collection(numbered(exchange.start, count), 1_005))

    expected = [str(number) for number in range(1, 1_006)]
    with evil(mode) as server:
        assert segments.ok("list", "--all", "-o", "id", "--backend", server.url).lines == expected

    def accounts(exchange: Exchange) -> None:
        mode(exchange) if exchange.path.endswith("/accounts") else exchange.answer_honestly()

    with evil(accounts) as server:
        assert segments.ok("accounts", "list", "VIP", "--backend", server.url).lines == expected


def test_a_list_that_changes_once_is_complete(segments: Segments) -> None:
    """One account is added before the second page is read."""

    def total(start: int) -> int:
        return 1000 if start == 0 else 1001

    with evil(pages(total, items=1001)) as server:
        done = segments.ok("list", "--all", "-o", "id", "--backend", server.url)
    assert done.lines == [str(number) for number in range(1, 1002)]


def test_a_response_without_end_is_an_error(segments: Segments) -> None:
    for mode in (MODES["a bomb"], endless(HEAD + b"\r\n", b" " * 1_000_000)):
        with evil(mode) as server:
            done = segments("list", "--timeout", "60", "--backend", server.url)
        assert done.code == 6
        assert "the response is larger than 32 MiB" in done.stderr


TINY = {
    "objects": b'{"totalCount": 1, "items": [' + b"{}," * 10_000_000 + b"0]}",
    "lists": b'{"errorCode": "X", "message": [' + b"[]," * 10_000_000 + b"0]}",
    "nested": b"[" + b'{"a":{}},' * 3_000_000 + b"0]",
    "members": b"{" + b",".join(b'"%d":1' % number for number in range(2_000_001)) + b"}",
}


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [("200 OK", 6, "more than 2,000,000 JSON values"), ("400 Bad Request", 2, "status 400")],
)
@pytest.mark.parametrize("name", TINY)
def test_millions_of_tiny_values_are_not_parsed(
    segments: Segments, name: str, status: str, code: int, expected: str
) -> None:
    """30 MB of JSON, far less with gzip, could take a gigabyte in memory."""
    body = gzip.compress(TINY[name], compresslevel=1)
    with evil(fixed(body, status, Content_Encoding="gzip")) as server:
        done = subprocess.run(
            [COMMAND, "list", "-o", "json", "--backend", server.url],
            env=segments.env,
            capture_output=True,
            timeout=60,
            check=False,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY)),
        )
    assert (done.returncode, done.stdout) == (code, b"")
    message = json.loads(done.stderr)["error"]["message"]
    assert expected in message
    assert len(message) < 500


def test_a_nan_is_invalid_json(segments: Segments) -> None:
    for number in (b"NaN", b"Infinity", b"1e999"):
        body = b'{"totalCount": 1, "items": [{"id": 1, "code": "VIP", "x": %s}]}' % number
        with evil(fixed(body)) as server:
            done = segments("list", "-o", "json", "--backend", server.url)
        assert done.code == 6
        assert "invalid JSON" in done.error["message"]


def test_a_date_out_of_range_does_not_matter(segments: Segments) -> None:
    mode = fixed(collection([]), Date="Mon, 01 Jan 99999999999 00:00:00 GMT")
    with evil(mode) as server:
        assert segments.ok("list", "-o", "json", "--backend", server.url).json["items"] == []


@pytest.mark.parametrize("seconds", [b"9" * 400, b"1e308", b'"soon"', b"null"])
def test_a_ticket_with_an_impossible_lifetime_is_exit_6(segments: Segments, seconds: bytes) -> None:
    body = b'{"access_token": "abc", "expires_in": %s}' % seconds
    with evil(fixed(body)) as server:
        done = segments(
            "list", KIBO_API_HOST=server.url, KIBO_CLIENT_ID="a", KIBO_SHARED_SECRET="b"
        )  # fmt: skip
    assert done.code == 6
    assert "not a ticket" in done.stderr
    assert "abc" not in done.stderr


def test_tls_to_a_plain_port_fails_at_once(segments: Segments) -> None:
    with evil(raw(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as server:
        plain, url = server.url, server.url.replace("http:", "https:")
        started = time.monotonic()
        done = segments("list", "-o", "json", "--backend", url, KIBO_AUTH_HOST=url, KIBO_CLIENT_ID="a",
                        KIBO_SHARED_SECRET="b")  # fmt: skip
    assert time.monotonic() - started < 5
    assert done.code == 6
    assert done.error["message"] == f"{url} does not speak TLS"
    assert done.error["hint"] == f"did you mean {plain}?"


@pytest.mark.parametrize("items", [[], [SEGMENT, SEGMENT]], ids=["empty", "repeated"])
def test_a_single_page_that_cannot_be_right_is_exit_6(segments: Segments, items: list[object]) -> None:
    with evil(fixed(collection(items, total=10))) as server:
        done = segments("list", "--backend", server.url)
    assert (done.code, done.stdout) == (6, "")
    assert "incomplete or repeats segments" in done.stderr
