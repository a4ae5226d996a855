"""The same mistake has the same exit code, wording and hints on a store and on a tenant."""

import re
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from tests.support.command import Done, Segments
from tests.support.serving import served

TOO_LONG = "x" * 300
WRONG = [
    ("get", "NOPE"),
    ("get", "99"),
    ("get", "007"),
    ("get", "007", "008"),
    ("get", "VIP", "007"),
    ("update", "007", "--name", "x"),
    ("delete", "007", "--yes"),
    ("accounts", "list", "007"),
    ("accounts", "remove", "007", "1"),
    ("get", "id:0"),
    ("get", "id:x"),
    ("get", "2147483648"),
    ("get", "VIP", "NOPE"),
    ("get", "A", "99", "B"),
    ("list", "--filter", "code"),
    ("list", "--sort", "nope"),
    ("list", "--fields", "nope"),
    ("list", "--page-size", "500"),
    ("add", ""),
    ("add", TOO_LONG),
    ("add", "VIP"),
    ("add", "VIP", "--dry-run"),
    ("update", "NOPE", "--name", "x"),
    ("update", "99", "--name", "x"),
    ("update", "STAFF", "--code", "VIP"),
    ("update", "STAFF", "--code", "VIP", "--dry-run"),
    ("update", "VIP", "--code", " "),
    ("update", "VIP", "--code", TOO_LONG),
    ("update", "VIP"),
    ("delete", "NOPE"),
    ("delete", "99", "--yes"),
    ("delete", "VIP"),
    ("accounts", "list", "NOPE"),
    ("accounts", "list", "99"),
    ("accounts", "add", "NOPE", "1"),
    ("accounts", "add", "99", "1"),
    ("accounts", "add", "99", "1", "--dry-run"),
    ("accounts", "add", "VIP", "0"),
    ("accounts", "add", "VIP", "x"),
    ("accounts", "add", "VIP"),
    ("accounts", "remove", "99", "1"),
    ("accounts", "remove", "VIP", "9"),
    ("accounts", "remove", "VIP", "9", "--strict"),
    ("accounts", "set", "99", "--file", "/dev/null", "--allow-empty", "--yes"),
    ("accounts", "set", "VIP", "--file", "/dev/null"),
    ("accounts", "of", "0"),
]


class Both(NamedTuple):
    store: Segments
    tenant: Segments


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    """A store and a served tenant with the same segments."""
    homes = [tmp_path_factory.mktemp(name) for name in ("store", "tenant")]
    with served(tmp_path_factory.mktemp("server")) as server:
        both = Both(*map(Segments, homes))
        both.tenant.env |= server.environ
        for segments in both:
            segments.ok("add", "VIP")
            segments.ok("add", "STAFF")
            segments.ok("accounts", "add", "VIP", "1001")
        yield both


def told(done: Done) -> tuple[int, str]:
    """The exit code and stderr; a tenant's errors also have a correlation id."""
    return done.code, re.sub(r" \(correlation id [^)]*\)", "", done.stderr)


@pytest.mark.parametrize("command", WRONG, ids=lambda words: " ".join(words)[:40])
def test_the_same_mistake_is_reported_in_the_same_way(both: Both, command: tuple[str, ...]) -> None:
    on_store, on_tenant = told(both.store(*command)), told(both.tenant(*command))
    assert on_store == on_tenant
    assert on_store[1]


def test_json_has_the_same_error_and_the_correlation_id(both: Both) -> None:
    on_store, on_tenant = (segments("get", "99", "-o", "json").error for segments in both)
    assert on_tenant.pop("correlationId")
    assert on_store.pop("correlationId") is None
    assert on_store == on_tenant


@pytest.mark.parametrize("command", ["get 007", "get 007 008", "delete 007 --yes", "accounts add 007 1"])
def test_digits_may_be_meant_as_a_code(both: Both, command: str) -> None:
    for segments in both:
        done = segments(*command.split())
        assert (done.code, done.stderr.splitlines()[-1]) == (3, "hint: if it is a code, write code:007")


def test_an_explicit_id_is_not_meant_as_a_code(both: Both) -> None:
    for segments in both:
        hint = segments("get", "id:99").stderr.splitlines()[-1]
        assert hint == "hint: list the existing segments with: segments list"
