"""Every row of the contract's table "Statuses", by plain HTTP."""

from typing import Any, NamedTuple

import pytest

from tests.server.conftest import Client
from tests.support.serving import ACCOUNTS, SEGMENTS

INVALID = "MISSING_OR_INVALID_PARAMETER"
CONFLICT = "VALIDATION_CONFLICT"
EXISTS = "ITEM_ALREADY_EXISTS"
NOT_FOUND = "ITEM_NOT_FOUND"


class Row(NamedTuple):
    """A request, and what it is answered; `{vip}` and `{staff}` stand for ids of segments."""

    method: str
    path: str
    body: str | None
    status: int
    code: str | None = None


ROWS = {
    "add": Row("POST", SEGMENTS, '{"code": "NEW", "name": "new"}', 200),
    "add, ids and unknown members ignored": Row("POST", SEGMENTS, '{"id": 7, "x": [], "code": "NEW"}', 200),
    "add, empty": Row("POST", SEGMENTS, "{}", 409, CONFLICT),
    "add, no code": Row("POST", SEGMENTS, '{"name": "x"}', 409, CONFLICT),
    "add, code null": Row("POST", SEGMENTS, '{"code": null}', 409, CONFLICT),
    "add, code blank": Row("POST", SEGMENTS, '{"code": " "}', 409, CONFLICT),
    "add, code taken": Row("POST", SEGMENTS, '{"code": "STAFF"}', 409, EXISTS),
    "add, no body": Row("POST", SEGMENTS, None, 400, INVALID),
    "add, no JSON": Row("POST", SEGMENTS, '{"code": ', 400, INVALID),
    "add, too deep": Row("POST", SEGMENTS, "[" * 100_000, 400, INVALID),
    "add, no object": Row("POST", SEGMENTS, "[]", 400, INVALID),
    "add, code a number": Row("POST", SEGMENTS, '{"code": 5}', 400, INVALID),
    "add, invalid Unicode": Row("POST", SEGMENTS, '{"code": "\\ud800"}', 400, INVALID),
    "add, no UTF-8": Row("POST", SEGMENTS, "\udcff", 400, INVALID),
    "add, bad fields": Row("POST", f"{SEGMENTS}?responseFields=(", '{"code": "NEW"}', 400, INVALID),
    "get": Row("GET", SEGMENTS + "/{vip}", None, 200),
    "get, unknown": Row("GET", f"{SEGMENTS}/99", None, 404, NOT_FOUND),
    "get, negative": Row("GET", f"{SEGMENTS}/-1", None, 404, NOT_FOUND),
    "get, no integer": Row("GET", f"{SEGMENTS}/abc", None, 400, INVALID),
    "get, beyond int32": Row("GET", f"{SEGMENTS}/2147483648", None, 400, INVALID),
    "get, thousands of digits": Row("GET", f"{SEGMENTS}/{'1' * 5000}", None, 400, INVALID),
    "update": Row("PUT", SEGMENTS + "/{vip}", '{"code": "NEW"}', 200),
    "update, empty": Row("PUT", SEGMENTS + "/{vip}", "{}", 409, CONFLICT),
    "update, empty, unknown": Row("PUT", f"{SEGMENTS}/99", "{}", 409, CONFLICT),
    "update, no body": Row("PUT", SEGMENTS + "/{vip}", None, 400, INVALID),
    "update, unknown": Row("PUT", f"{SEGMENTS}/99", '{"code": "NEW"}', 404, NOT_FOUND),
    "update, code taken": Row("PUT", SEGMENTS + "/{vip}", '{"code": "STAFF"}', 409, EXISTS),
    "update, no integer": Row("PUT", f"{SEGMENTS}/x", '{"code": "NEW"}', 400, INVALID),
    "delete": Row("DELETE", SEGMENTS + "/{staff}", None, 204),
    "delete, unknown": Row("DELETE", f"{SEGMENTS}/99", None, 404, NOT_FOUND),
    "delete, no integer": Row("DELETE", f"{SEGMENTS}/1.5", None, 400, INVALID),
    "add accounts": Row("POST", SEGMENTS + "/{vip}/accounts", "[1001, 1002, 1001]", 204),
    "add accounts, empty": Row("POST", SEGMENTS + "/{vip}/accounts", "[]", 400, INVALID),
    "add accounts, no list": Row("POST", SEGMENTS + "/{vip}/accounts", '{"a": 1}', 400, INVALID),
    "add accounts, text": Row("POST", SEGMENTS + "/{vip}/accounts", '["1"]', 400, INVALID),
    "add accounts, a fraction": Row("POST", SEGMENTS + "/{vip}/accounts", "[1.5]", 400, INVALID),
    "add accounts, true": Row("POST", SEGMENTS + "/{vip}/accounts", "[true]", 400, INVALID),
    "add accounts, beyond int32": Row("POST", SEGMENTS + "/{vip}/accounts", "[2147483648]", 400, INVALID),
    "add accounts, no body": Row("POST", SEGMENTS + "/{vip}/accounts", None, 400, INVALID),
    "add accounts, unknown": Row("POST", f"{SEGMENTS}/99/accounts", "[1]", 404, NOT_FOUND),
    "add accounts, unknown, empty": Row("POST", f"{SEGMENTS}/99/accounts", "[]", 400, INVALID),
    "remove": Row("DELETE", SEGMENTS + "/{vip}/accounts/1", None, 204),
    "remove, no member": Row("DELETE", SEGMENTS + "/{vip}/accounts/2", None, 409, CONFLICT),
    "remove, unknown": Row("DELETE", f"{SEGMENTS}/99/accounts/1", None, 409, CONFLICT),
    "remove, no integer": Row("DELETE", SEGMENTS + "/{vip}/accounts/x", None, 400, INVALID),
    "list": Row("GET", SEGMENTS, None, 200),
    "list, bad filter": Row("GET", f"{SEGMENTS}?filter=nope+eq+1", None, 400, INVALID),
    "list, bad sort": Row("GET", f"{SEGMENTS}?sortBy=name+up", None, 400, INVALID),
    "list, bad fields": Row("GET", f"{SEGMENTS}?responseFields=items(", None, 400, INVALID),
    "list, no page size": Row("GET", f"{SEGMENTS}?pageSize=0", None, 400, INVALID),
    "list, page size 201": Row("GET", f"{SEGMENTS}?pageSize=201", None, 400, INVALID),
    "list, page size a word": Row("GET", f"{SEGMENTS}?pageSize=all", None, 400, INVALID),
    "list, negative start": Row("GET", f"{SEGMENTS}?startIndex=-1", None, 400, INVALID),
    "accounts": Row("GET", ACCOUNTS, None, 200),
    "accounts, filter": Row("GET", f"{ACCOUNTS}?filter=id+ge+1", None, 200),
    "accounts, filter of a segment": Row("GET", f"{ACCOUNTS}?filter=code+eq+x", None, 400, INVALID),
    "segments of nobody": Row("GET", f"{ACCOUNTS}/555/segments", None, 200),
    "segments of a word": Row("GET", f"{ACCOUNTS}/x/segments", None, 400, INVALID),
    "no such path": Row("GET", "/api/commerce/customer/nothing", None, 404, NOT_FOUND),
    "no such method": Row("PATCH", SEGMENTS, "{}", 405, INVALID),
}


@pytest.fixture
def ids(client: Client) -> dict[str, int]:
    """A store with two segments, whatever was in it before."""
    for segment in client.call("GET", f"{SEGMENTS}?pageSize=200").json()["items"]:
        client.call("DELETE", f"{SEGMENTS}/{segment['id']}")
    return {"vip": client.add("VIP", 1), "staff": client.add("STAFF")}


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_a_row(client: Client, ids: dict[str, int], row: Row) -> None:
    body = None if row.body is None else row.body.encode(errors="surrogateescape")
    answer = client.call(row.method, row.path.format_map(ids), data=body)
    assert answer.status_code == row.status
    if row.code:
        assert answer.json()["errorCode"] == row.code
    elif row.status == 204:
        assert answer.content == b""


def test_the_parameter_that_is_to_blame_is_named(client: Client, ids: dict[str, int]) -> None:
    def blamed(answer: Any) -> Any:
        return answer.json()["additionalErrorData"]

    assert blamed(client.call("GET", f"{SEGMENTS}?pagesize=x")) == [
        {"name": "ParameterName", "value": "pageSize"}
    ]
    assert blamed(client.call("POST", SEGMENTS, json={"code": "VIP"})) == [
        {"name": "ParameterName", "value": "code"}
    ]


def test_an_update_replaces_the_whole(client: Client, ids: dict[str, int]) -> None:
    path = f"{SEGMENTS}/{ids['vip']}"
    client.call("PUT", path, json={"code": "VIP", "name": "a", "description": "b"})
    assert client.call("PUT", path, json={"code": "VIP"}).json()["description"] is None
    assert client.call("GET", path).json()["name"] is None


def test_the_segments_of_an_account(client: Client, ids: dict[str, int]) -> None:
    page = client.call("GET", f"{ACCOUNTS}/1/segments").json()
    assert [segment["code"] for segment in page.pop("items")] == ["VIP"]
    assert page == {"startIndex": 0, "pageSize": 20, "pageCount": 1, "totalCount": 1}
    assert client.call("GET", f"{ACCOUNTS}/555/segments").json()["items"] == []


def test_accounts_with_their_segments(client: Client, ids: dict[str, int]) -> None:
    client.call("POST", f"{SEGMENTS}/{ids['staff']}/accounts", json=[1, 7])
    mask = "items(id,segments(id)),totalCount"
    page = client.call("GET", ACCOUNTS, params={"responseFields": mask}).json()
    assert page == {
        "totalCount": 2,
        "items": [
            {"id": 1, "segments": [{"id": ids["vip"]}, {"id": ids["staff"]}]},
            {"id": 7, "segments": [{"id": ids["staff"]}]},
        ],
    }
    whole = client.call("GET", ACCOUNTS, params={"startIndex": 1, "pageSize": 1}).json()
    assert [account["segments"][0]["code"] for account in whole["items"]] == ["STAFF"]
