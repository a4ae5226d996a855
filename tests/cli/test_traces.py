"""`-v` shows statements and requests without e-mail addresses."""

import json
from pathlib import Path

import pytest

from segcli.backends.sqlite.connection import Opening, open_existing
from segcli.text import without_addresses
from tests.support.account_server import account, opened, serving
from tests.support.command import Segments
from tests.support.tenant_server import TenantServer

ADDRESSES = (
    "jane.smith@secret.example",
    "o'neil@secret.example",
    '"jane smith"@secret.example',
    "'jane\" smith'@secret.example",
    "jörg.groß@secret.example",
    "jane+tag&x=y%40z#1@secret.example",
    "jane=smith@secret.example",
    "日本 語@secret.example",
)
PARTS = ("jane", "smith", "neil", "secret", "groß", "gro%C3%9F", "rg.gro", "tag", "日本", "%E6%97", "語")


def assert_hidden(text: str) -> None:
    assert "***" in text
    assert [part for part in PARTS if part in text] == []


@pytest.mark.parametrize("address", ADDRESSES)
def test_look_ups_at_a_tenant(address: str) -> None:
    traces: list[str] = []
    with serving([account(1, emailAddress=address)]) as server, opened(server, trace=traces.append) as tenant:
        found = tenant.customers.find({"email": [address], "user-name": [address]})
        assert found["email"]
    assert len(traces) == 2
    for trace in traces:
        assert [part for part in PARTS if part in trace]
        masked = without_addresses(trace)
        assert_hidden(masked)
        assert masked.startswith(
            f"GET {server.url}/api/commerce/customer/accounts?startIndex=0&pageSize=200&"
        )
        assert "&filter=*** 200 " in masked
        assert masked.endswith(" try 1")


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_command_on_a_tenant(
    segments: Segments, tenant: TenantServer, tenant_variables: None, address: str
) -> None:
    literal = address.replace('"', '""')
    done = segments.ok("list", "--filter", f'code sw A and name eq "{literal}"', "-v")
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("GET")]
    assert_hidden(line)
    assert "&filter=*** 200 " in line


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_command_on_a_store(vip: Segments, address: str) -> None:
    done = vip.ok("update", "VIP", "--description", f"of {address}\nand friends", "--name", "Plain", "-v")
    assert_hidden(done.stderr)
    assert "friends" not in done.stderr
    (update,) = [line for line in done.stderr.splitlines() if line.startswith("UPDATE")]
    assert "'Plain'" in update
    assert "'***'" in update


@pytest.mark.parametrize("before", range(930, 1010, 3))
@pytest.mark.parametrize("count", [1, 40])
def test_statements_of_a_store_that_are_cut(segments: Segments, before: int, count: int) -> None:
    """Wherever a statement is cut: in a value, in a list, or between the halves of an apostrophe."""
    segments.ok("add", "VIP")
    traces: list[str] = []
    connection = open_existing(
        Opening(str(segments.store), 5, traces.append, lambda _: None, lambda _: None, upgrade=True)
    )
    assert connection is not None
    traces.clear()
    padding = f"/*{'p' * (before - 40)}*/"
    for address in ADDRESSES:
        for value in (address, json.dumps([address] * count, ensure_ascii=False), f"{address}{address}"):
            connection.execute(f"SELECT {padding} ?, ?", (value, 7))
    connection.close()
    assert len(traces) == 3 * len(ADDRESSES)
    for trace in traces:
        masked = without_addresses(trace)
        assert [part for part in PARTS if part in masked.replace(padding, "")] == []
        assert masked.startswith("SELECT /*ppp")


KEPT = (
    "SELECT id, code FROM segment WHERE code = 'it''s'",
    "SELECT 'wait...', x",
    f"UPDATE segment SET description = '{'d' * 990}...",
    "GET http://127.0.0.1:8080/api/commerce/customer/accounts?startIndex=0&filter=id+eq+5 200 3 ms try 1",
    "BEGIN IMMEDIATE",
)


@pytest.mark.parametrize("text", KEPT)
def test_other_traces_are_kept(text: str) -> None:
    assert without_addresses(text) == text


MASKED = {
    "SELECT 'a', 'x@y', 'b' WHERE c = 'o''x@y'": "SELECT 'a', '***', 'b' WHERE c = '***'",
    'SELECT \'["x@y","z...': "SELECT '***'",
    "SELECT 'jane...": "SELECT '***'",
    "SELECT 'jane'...": "SELECT '***'...",
    "GET http://h/p?a=1&b=x%40y&c=2 200": "GET http://h/p?a=1&b=***&c=2 200",
    "GET http://h/p?x%40y&a@b=5 200": "GET http://h/p?***&*** 200",
    "GET http://h/x%40y?a=1 200": "GET *** 200",
    "failed: x@y is unknown": "failed: *** is unknown",
}


@pytest.mark.parametrize("text", MASKED)
def test_what_contains_an_address_is_masked(text: str) -> None:
    assert without_addresses(text) == MASKED[text]


def test_masking_takes_linear_time(tmp_path: Path) -> None:
    for text in ("'" * 300_001 + "@", "@ " * 100_000, "'a" * 100_000 + "@", "x" * 300_000 + "%40"):
        without_addresses(text)
