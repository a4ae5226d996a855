"""doctor on a tenant reads the whole ledger."""

import sqlite3
from contextlib import closing
from pathlib import Path

from tests.support.bulk import Tenant
from tests.support.command import Segments


def checks(segments: Segments) -> dict[str, tuple[object, str]]:
    done = segments("doctor", "-o", "json").json["items"]
    return {each["check"]: (each["ok"], each["detail"]) for each in done}


def test_the_ledger_is_checked(segments: Segments, tenant: Tenant) -> None:
    assert checks(segments)["ledger"] == (True, "no changes of yours are recorded on this machine yet")
    segments.ok("add", "NEW")
    segments.ok("accounts", "remove", "VIP", "1", "2")
    passed, detail = checks(segments)["ledger"]
    assert passed
    assert detail.startswith("2 changes since 20")
    (path,) = Path(segments.home).rglob("ledgers/*.db")
    assert str(path) in detail
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE change_accounts SET checksum = checksum + 1")
    done = segments("doctor")
    assert done.code == 7
    assert "fail their checksum" in done.stderr
    assert "the tenant is not affected" in done.stderr
