"""Customers named by e-mail, external id or user name, on a store, on `serve` and on a tenant."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from segcli.customer import Customer
from tests.support.command import Segments
from tests.support.serving import served
from tests.support.stores import fill_customers, open_store
from tests.support.tenant_server import serving

CUSTOMERS = [
    Customer(1, "ann@example.com", "ann", "C-1", "web"),
    Customer(2, "bob@example.com", "bob", "C-2", "web"),
    Customer(3, "bob@example.com", "bob", "C-3", "b2b"),
    Customer(4, "o'hara@example.com", "sleep", "C-4", "web", is_active=False),
    Customer(10, "guest@example.com", is_anonymous=True),
    Customer(11, "guest@example.com", is_anonymous=True),
    Customer(12, "ann@example.com", is_anonymous=True),
]
FILE = """Name,E-Mail Address
"Ann, A.",ANN@example.com
Olivia,O'Hara@example.com
Bob,bob@example.com
Guest,guest@example.com
Nobody,nobody@example.com
Ann again,ann@example.com
Bad,bad
"""
OUTCOMES = {
    "requested": 7,
    "unique": 2,
    "resolved": 1,
    "duplicate": 1,
    "inactive": 1,
    "notFound": 1,
    "ambiguous": 2,
    "conflict": 0,
    "invalid": 1,
}
WORDS = ["resolved", "inactive", "ambiguous", "ambiguous", "not_found", "duplicate", "invalid"]


@pytest.fixture(params=["store", "serve", "tenant"])
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Segments]:
    """The command on a backend with CUSTOMERS and the empty segment VIP."""
    segments = Segments(tmp_path / "home")
    segments.home.mkdir()
    if request.param == "tenant":
        backend = open_store(str(tmp_path / "tenant.db"), timeout=5)
        backend.customers.save(CUSTOMERS)
        backend.close()
        with serving(tmp_path / "tenant.db") as server:
            segments.env |= server.environ
            segments.ok("add", "VIP")
            yield segments
        return
    fill_customers(segments, CUSTOMERS)
    segments.ok("add", "VIP")
    if request.param == "store":
        yield segments
        return
    with served(segments.home) as server:
        segments.env |= server.environ
        yield segments


@pytest.fixture
def store(tmp_path: Path) -> Segments:
    segments = Segments(tmp_path)
    fill_customers(segments, CUSTOMERS)
    segments.ok("add", "VIP")
    return segments


def written(segments: Segments, text: str, name: str = "customers.csv") -> str:
    path = segments.home / name
    path.write_text(text)
    return str(path)


def members(segments: Segments) -> list[str]:
    return segments.ok("accounts", "list", "VIP").lines


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_an_unclear_row_stops_before_anything_is_written(shop: Segments) -> None:
    path = written(shop, FILE)
    rejects = shop.home / "rejects.csv"
    done = shop("accounts", "add", "VIP", "--file", path, "--rejects", str(rejects))
    assert (done.code, done.stdout) == (2, "")
    error = next(line for line in done.stderr.splitlines() if line.startswith("error: "))
    assert error == (
        f"error: {path}, line 4: 2 accounts have the e-mail address 'bob@example.com': 2, 3; of 7 rows:"
        " 1 resolved, 1 duplicate, 1 inactive, 1 not found, 2 ambiguous, 1 invalid"
    )
    assert "nothing was changed" in done.stderr
    assert members(shop) == []
    assert len(rows(rejects.read_text())) == 4
    assert rejects.stat().st_mode & 0o777 == 0o600


def test_unclear_rows_are_skipped_counted_saved_and_read_again(shop: Segments) -> None:
    path, rejects = written(shop, FILE), shop.home / "rejects.csv"
    arguments = ("--skip-invalid", "--rejects", str(rejects), "-o", "json")
    done = shop("accounts", "add", "VIP", "--file", path, *arguments)
    assert done.code == 0
    assert {name: done.json[name] for name in OUTCOMES} == OUTCOMES
    assert "2 rows: guests with the same e-mail address as an account were ignored" in done.stderr
    assert members(shop) == ["1", "4"]
    saved = rows(rejects.read_text())
    assert [(row["Name"], row["line"], row["outcome"], row["candidates"]) for row in saved] == [
        ("Bob", "4", "ambiguous", "2 3"),
        ("Guest", "5", "ambiguous", "10 11"),
        ("Nobody", "6", "not_found", ""),
        ("Bad", "8", "invalid", ""),
    ]
    assert saved[2]["reason"] == "no account has the e-mail address 'nobody@example.com'"
    corrected = written(shop, rejects.read_text().replace("bad,", "ann@example.com,"), "corrected.csv")
    for _ in range(2):  # the rejects of the first run are replaced
        again = shop("accounts", "add", "VIP", "--file", corrected, "--customer-set", "WEB", *arguments)
        assert (again.code, again.json["requested"], again.json["resolved"]) == (0, 4, 2)
    assert rejects.read_text().splitlines()[0] == "Name,E-Mail Address,line,outcome,reason,candidates"
    assert members(shop) == ["1", "2", "4"]


def test_a_file_is_resolved_and_its_result_needs_no_look_up(shop: Segments) -> None:
    done = shop("accounts", "resolve", written(shop, FILE), "-o", "csv")
    assert done.code == 1
    assert "error: 4 of 7 rows have no certain account: 1 resolved" in done.stderr
    found = rows(done.stdout)
    assert [row["outcome"] for row in found] == WORDS
    assert [row["accountId"] for row in found] == ["1", "4", "", "", "", "1", ""]
    assert [row["Name"] for row in found][:2] == ["Ann, A.", "Olivia"]
    clear = "\r\n".join(done.stdout.splitlines()[index] for index in (0, 1, 2, 6)) + "\r\n"
    path = written(shop, clear.replace("O'Hara@example.com", "changed@meanwhile"), "resolved.csv")
    added = shop("accounts", "add", "VIP", "--file", path, "-o", "json")
    assert [added.json[name] for name in ("resolved", "duplicate", "inactive")] == [1, 1, 1]
    assert "looking up" not in added.stderr
    again = shop("accounts", "resolve", path, "-o", "csv")
    assert (again.code, again.stdout) == (0, clear.replace("O'Hara@example.com", "changed@meanwhile"))


@pytest.mark.parametrize("header", ["accountId", "id", "Account ID"])
def test_a_row_that_was_not_resolved_is_still_not_resolved_when_the_result_is_read(
    shop: Segments, header: str
) -> None:
    path = written(shop, f"{header},email\n1,bob@example.com\nx,ann@example.com\n3,\n")
    done = shop("accounts", "resolve", path, "-o", "csv", "--customer-set", "web")
    found = [(row["accountId"], row["outcome"]) for row in rows(done.stdout)]
    assert found == [("1", "conflict"), ("x", "invalid"), ("3", "resolved")]
    shown = json.loads(shop("accounts", "resolve", path, "-o", "json", "--customer-set", "web").stdout)[
        "items"
    ]
    assert [item["accountId"] for item in shown] == [1, "x", 3]
    resolved = written(shop, done.stdout, "resolved.csv")
    added = shop("accounts", "add", "VIP", "--file", resolved, "--customer-set", "web")
    assert added.code == 2
    assert "; of 3 rows: 1 resolved, 1 conflict, 1 invalid" in added.stderr
    assert members(shop) == []


def test_other_formats_of_resolved_rows(store: Segments) -> None:
    path = written(store, json.dumps([{"email": "ann@example.com", "x": [1]}, {"email": "x@y"}]), "a.json")
    done = store("accounts", "resolve", path, "-o", "json")
    assert done.json["items"] == [
        {"email": "ann@example.com", "x": "[1]", "accountId": 1, "outcome": "resolved"},
        {"email": "x@y", "x": "", "accountId": None, "outcome": "not_found"},
    ]
    assert (done.json["resolved"], done.json["notFound"]) == (1, 1)
    assert done.code == 1
    assert (
        store("accounts", "resolve", path).stdout == "ann@example.com\t[1]\t1\tresolved\nx@y\t\t\tnot_found\n"
    )


def test_words(shop: Segments) -> None:
    words = ("email:ANN@example.com", "external:c-2", "user:sleep", "id:99", "7")
    added = shop.ok("accounts", "add", "VIP", *words, "-o", "json").json
    assert (added["requested"], added["resolved"], added["inactive"]) == (5, 4, 1)
    assert members(shop) == ["1", "2", "4", "7", "99"]
    assert shop("accounts", "has", "VIP", "user:ann", "external:C-3").stdout == "1\ttrue\n3\tfalse\n"
    assert shop.ok("accounts", "of", "email:ann@example.com", "--fields", "code").stdout == "VIP\n"
    shop.ok("accounts", "remove", "VIP", "ann", "bob", "--by", "user-name", "--customer-set", "web")
    assert members(shop) == ["4", "7", "99"]


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("add", "VIP", "1", "email:x@y"), 2, "no account has the e-mail address 'x@y'"),
        (("remove", "VIP", "user:bob"), 2, "2 accounts have the user name 'bob': 2, 3"),
        (("has", "VIP", "email:x@y"), 3, "no account has the e-mail address 'x@y'"),
        (("of", "external:77"), 3, "no account has the external id '77'"),
        (("of", "user:bob"), 2, "2 accounts have the user name 'bob': 2, 3"),
        (("add", "VIP", "ann@example.com"), 2, "write email:ann@example.com"),
        (("add", "VIP", "phone:1"), 2, "'phone:1' is not a valid account id"),
        (("add", "VIP", "5", "--by", "email"), 2, "'5' is not a valid e-mail address: it has no @"),
        (("add", "VIP", "5", "--min-match", "50%"), 2, "--min-match requires --file"),
    ],
    ids=str,
)
def test_words_that_are_unclear(store: Segments, words: tuple[str, ...], code: int, message: str) -> None:
    done = store("accounts", *words)
    assert (done.code, message in done.stderr) == (code, True), done.stderr
    assert members(store) == []


def test_set_removes_nothing_while_a_row_is_unclear(shop: Segments) -> None:
    shop.ok("accounts", "add", "VIP", "2", "50")
    path = written(shop, FILE)
    arguments = ("accounts", "set", "VIP", "--file", path, "--skip-invalid", "-o", "json")
    planned = shop(*arguments, "--dry-run")
    assert (planned.json["added"], planned.json["removed"], planned.code) == (2, 0, 1)
    done = shop(*arguments, "--yes")
    assert done.code == 1
    assert (done.json["removed"], done.json["unchanged"]) == (0, 2)
    assert "4 values have no certain account, so no account was removed" in done.stderr
    assert members(shop) == ["1", "2", "4", "50"]
    clear = "".join(FILE.splitlines(keepends=True)[:3])
    shop.ok("accounts", "set", "VIP", "--file", written(shop, clear), "--yes")
    assert members(shop) == ["1", "4"]


@pytest.mark.parametrize(("least", "code"), [("42.8%", 0), ("42.9%", 2), ("100%", 2), ("x", 2), ("101%", 2)])
def test_a_match_rate_is_required(store: Segments, least: str, code: int) -> None:
    arguments = ("--file", written(store, FILE), "--skip-invalid", "--min-match", least)
    done = store("accounts", "add", "VIP", *arguments)
    assert done.code == code
    assert members(store) == ([] if code else ["1", "4"])


def test_a_match_rate_of_ids(store: Segments) -> None:
    arguments = ("--file", written(store, "1\nx\n", "a.txt"), "--skip-invalid", "--min-match")
    assert store("accounts", "add", "VIP", *arguments, "51%").code == 2
    assert store("accounts", "add", "VIP", *arguments, "50%").code == 0


FILES = {
    "lines of e-mails": (
        "# ours\n\nann@example.com\n BOB@example.com \n",
        "a.txt",
        ("--customer-set", "web"),
    ),
    "a csv without a header": ("ann@example.com\nbob@example.com\n", "a.csv", ("--customer-set", "web")),
    "json values": ('["ann@example.com", "bob@example.com"]', "a.json", ("--customer-set", "web")),
    "json lines": ('{"externalId": "C-1"}\n{"externalId": "C-2"}\n', "a.jsonl", ()),
    "external ids": ("x;External_ID\n;C-1\n;C-2\n", "a.csv", ()),
    "user names by option": ("ann\nbob\n", "a.txt", ("--by", "user-name", "--customer-set", "web")),
    "a named column": ("who,id\nC-1,7\nC-2,8\n", "a.csv", ("--by", "external-id", "--column", "who")),
    "one of several": ("email,externalId\nx@y,C-1\n,C-2\n", "a.csv", ("--by", "external-id")),
    "ids with e-mails": ("Account ID,email\n1,ANN@example.com\n2,bob@example.com\n", "a.csv", ()),
    "ids spelled differently": ("Account ID\n1\n2\n", "a.csv", ()),
    "ids of json spelled differently": ('[{"Account ID": 1}, {"account.id": "2"}]', "a.json", ()),
}


@pytest.mark.parametrize(("text", "name", "options"), FILES.values(), ids=FILES)
def test_files(store: Segments, text: str, name: str, options: tuple[str, ...]) -> None:
    store.ok("accounts", "add", "VIP", "--file", written(store, text, name), *options)
    assert members(store) == ["1", "2"]


def test_a_file_with_an_id_and_another_account_is_a_conflict(store: Segments) -> None:
    path = written(store, "id,email\n1,ann@example.com\n2,ann@example.com\n")
    done = store("accounts", "add", "VIP", "--file", path)
    assert done.code == 2
    assert f"{path}, line 3: the e-mail address 'ann@example.com' is not that of account 2;" in done.stderr


def test_e_mails_in_a_column_of_another_name_are_hinted_at(store: Segments) -> None:
    path = written(store, "contact\nann@example.com\n")
    done = store("accounts", "add", "VIP", "--file", path)
    assert (done.code, "--by email" in done.stderr) == (2, True)
    store.ok("accounts", "add", "VIP", "--file", path, "--by", "email")
    assert members(store) == ["1"]


def test_a_profile_sets_the_customer_set(store: Segments) -> None:
    store.ok("profile", "add", "b2b", "--backend", f"sqlite:{store.store}", "--customer-set", "b2b")
    arguments = ("accounts", "resolve", "-", "--profile", "b2b")
    assert store.ok(*arguments, stdin="bob@example.com\n").stdout == "bob@example.com\t3\tresolved\n"
    web = store(*arguments, "--customer-set", "web", stdin="bob@example.com\n")
    assert web.stdout == "bob@example.com\t2\tresolved\n"


def test_a_store_without_customers(segments: Segments) -> None:
    segments.ok("add", "VIP")
    path = written(segments, "id,email\n1,ann@example.com\n2,x\n")
    report = segments.ok("accounts", "add", "VIP", "--file", path, "-o", "json").json
    assert (report["added"], "resolved" in report) == (2, False)
    done = segments("accounts", "add", "VIP", "--file", written(segments, FILE))
    assert done.code == 2
    assert "segments customers import FILE" in done.stderr


def test_files_of_ids_have_the_report_of_before(store: Segments) -> None:
    report = store.ok(
        "accounts", "add", "VIP", "--file", written(store, "1\n2\n", "a.txt"), "-o", "json"
    ).json
    assert "resolved" not in report


def test_rejects_replace_no_other_csv(store: Segments) -> None:
    other = written(store, "email,reason,candidates\n", "other.csv")
    done = store(
        "accounts", "add", "VIP", "--file", written(store, FILE), "--skip-invalid", "--rejects", other
    )
    assert (done.code, "is not a rejects file" in done.stderr) == (2, True)


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        ("email,E-Mail\na@b,c@d\n", (), "has several columns with e-mail addresses: 'email' and 'E-Mail'"),
        ("a,b\n1,2\n", ("--by", "email"), "has no column with e-mail addresses"),
        ("a,b\n1,2\n", ("--by", "email", "--column", "c"), "has no column 'c'"),
    ],
)
def test_columns_that_are_unclear(store: Segments, text: str, options: tuple[str, ...], message: str) -> None:
    done = store("accounts", "add", "VIP", "--file", written(store, text), *options)
    assert (done.code, message in done.stderr) == (2, True), done.stderr


def test_a_quotation_mark_that_is_not_closed_hides_no_rows(store: Segments) -> None:
    store.ok("accounts", "add", "VIP", "1", "2", "3")
    path = written(store, 'accountId,name\n1,"Ann\n2,Bob\n3,Bob\n')
    done = store("accounts", "set", "VIP", "--file", path, "--yes")
    assert (done.code, f"{path}, line 2: a quotation mark has no second one" in done.stderr) == (2, True)
    assert members(store) == ["1", "2", "3"]


def test_set_uses_the_customer_set_of_the_profile(store: Segments) -> None:
    store.ok("profile", "add", "b2b", "--backend", f"sqlite:{store.store}", "--customer-set", "b2b")
    path = written(store, "email\nbob@example.com\n")
    store.ok("accounts", "set", "VIP", "--file", path, "--yes", "--profile", "b2b")
    assert members(store) == ["3"]


@pytest.mark.parametrize("header", ["Account ID,External Id", "id,External Id"])
def test_a_conflict_stays_one_in_a_resolved_file(store: Segments, header: str) -> None:
    path = written(store, f"{header}\n1,C-2\nx,C-2\n2,C-2\n")
    resolved = store("accounts", "resolve", path, "-o", "csv").stdout
    assert [row["outcome"] for row in rows(resolved)] == ["conflict", "invalid", "resolved"]
    again = store("accounts", "resolve", written(store, resolved, "resolved.csv"), "-o", "csv").stdout
    assert again == resolved
    corrected = resolved.replace("1,C-2,1,conflict", "1,C-1,1,conflict").replace("x,C-2,x", ",C-4,")
    again = store("accounts", "resolve", written(store, corrected, "resolved.csv"), "-o", "csv").stdout
    assert [(row["accountId"], row["outcome"]) for row in rows(again)] == [
        ("1", "resolved"),
        ("4", "inactive"),
        ("2", "resolved"),
    ]


def test_a_column_has_the_kind_that_its_name_says(store: Segments) -> None:
    path = written(store, "id,E-Mail,other\n5,ann@example.com,1\n6,o'hara@example.com,4\n")
    store.ok("accounts", "add", "VIP", "--file", path, "--column", "E-Mail")
    assert members(store) == ["1", "4"]
    by_mail = store.ok("accounts", "resolve", path, "--column", "E-Mail", "-o", "csv").stdout
    assert [row["accountId"] for row in rows(by_mail)] == ["1", "4"]
    other = store.ok("accounts", "resolve", path, "--column", "other", "-o", "csv").stdout
    assert [row["accountId"] for row in rows(other)] == ["1", "4"]


def test_a_column_may_be_added_behind_the_reasons(store: Segments) -> None:
    rejects = store.home / "rejects.csv"
    path = written(store, "email\nbob@example.com\n")
    assert store("accounts", "add", "VIP", "--file", path, "--rejects", str(rejects)).code == 2
    header, row = rejects.read_text().splitlines()
    corrected = written(store, f"{header},accountId\n{row},9\n", "corrected.csv")
    again = store.home / "again.csv"
    assert store("accounts", "add", "VIP", "--file", corrected, "--rejects", str(again)).code in (0, 2)
    assert again.read_text().splitlines()[0] == "email,accountId,line,outcome,reason,candidates"


def test_an_expression_says_how_to_use_a_file_of_e_mails(store: Segments) -> None:
    path = written(store, "ann@example.com\n", "emails.txt")
    done = store("accounts", "count", f"file:{path}")
    assert (done.code, "segments accounts resolve FILE -o csv" in done.stderr) == (2, True)
