"""segments customers, and accounts list --with."""

import csv
import io
import json
from pathlib import Path

import pytest
import yaml

from segcli.customer import MEMBERS, Customer
from tests.support.command import Segments
from tests.support.customers import csv_file
from tests.support.modules import loaded
from tests.support.tenant_server import CLIENT_ID, SECRET, TenantServer

HEADER = "Account ID,E-Mail,User Name,external_id,customerSet,isAnonymous,isActive"
ROWS = [
    "1001,Ann@Example.com,ann,C-7,main,no,yes",
    "1002,o'hara@b.c,,,main,yes,",
    "1003,,Straße,c-7,other,,false",
]
CUSTOMERS = [
    Customer(1001, "Ann@Example.com", "ann", "C-7", "main"),
    Customer(1002, "o'hara@b.c", None, None, "main", is_anonymous=True),
    Customer(1003, None, "Straße", "c-7", "other", is_active=False),
]
DOCUMENTS = [customer.to_json() for customer in CUSTOMERS]


@pytest.fixture
def known(vip: Segments, tmp_path: Path) -> Segments:
    """A store that knows CUSTOMERS, and has the segments of `vip`."""
    vip.ok("customers", "import", str(csv_file(tmp_path, HEADER, *ROWS)))
    return vip


def test_an_import_reports_what_it_did(segments: Segments, tmp_path: Path) -> None:
    path = str(csv_file(tmp_path, HEADER, *ROWS))
    counts = {"requested": 3, "added": 3, "updated": 0, "unchanged": 0, "duplicates": 0, "invalid": 0}
    planned = segments.ok("customers", "import", path, "--dry-run", "-o", "json")
    assert planned.json == {"dryRun": True, **counts}
    assert "dry run: nothing was changed" in planned.stderr
    assert not segments.store.exists()
    assert segments.ok("customers", "import", path, "-o", "json").json == counts
    again = segments.ok("customers", "import", path, "-o", "json").json
    assert again == counts | {"added": 0, "unchanged": 3}


def test_people_see_a_sentence(segments: Segments, tmp_path: Path) -> None:
    path = str(csv_file(tmp_path, HEADER, *ROWS))
    shown = segments.shown("customers", "import", path)
    assert shown.lines[-1] == "Added 3 customers, updated 0, 0 unchanged."


def test_an_import_from_stdin(segments: Segments) -> None:
    text = "".join(f"{json.dumps(document)}\n" for document in DOCUMENTS)
    segments.ok("customers", "import", "-", stdin=text)
    assert segments.ok("customers", "list", "-o", "json").json["items"] == DOCUMENTS


def test_an_invalid_row_is_named_and_changes_nothing(known: Segments, tmp_path: Path) -> None:
    path = str(csv_file(tmp_path, "id,email", "1001,new", "5,x", "0,y", name="new.csv"))
    done = known("customers", "import", path, "-o", "json")
    assert (done.code, done.stdout) == (2, "")
    assert done.error["message"] == f"{path}, line 4: '0' is not a valid account id: expected 1 to 2147483647"
    assert known.ok("customers", "list", "-o", "json").json["items"] == DOCUMENTS
    done = known.ok("customers", "import", path, "--skip-invalid", "-o", "json")
    assert (done.json["added"], done.json["updated"], done.json["invalid"]) == (1, 1, 1)
    assert f"{path}, line 4: '0'" in done.stderr


def test_a_file_updates_the_columns_it_has(known: Segments, tmp_path: Path) -> None:
    known.ok(
        "customers", "import", str(csv_file(tmp_path, "id,externalId", "1001,C-9", "1003,", name="new.csv"))
    )
    assert known.ok("customers", "list", "-o", "json").json["items"] == [
        {**DOCUMENTS[0], "externalId": "C-9"},
        DOCUMENTS[1],
        {**DOCUMENTS[2], "externalId": None},
    ]


@pytest.mark.parametrize("format", ["csv", "json", "jsonl"])
def test_what_is_listed_can_be_imported(known: Segments, format: str) -> None:
    text = known.ok("customers", "list", "-o", format).stdout
    copy = ("--backend", f"sqlite:{known.home / 'copy.db'}")
    known.ok("customers", "import", "-", *copy, stdin=text)
    assert known.ok("customers", "list", *copy, "-o", format).stdout == text


def test_the_formats_of_a_list(known: Segments) -> None:
    document = {"totalCount": 3, "items": DOCUMENTS}
    assert known.ok("customers", "list", "-o", "json").json == document
    assert yaml.safe_load(known.ok("customers", "list", "-o", "yaml").stdout) == document
    lines = known.ok("customers", "list", "-o", "jsonl").lines
    assert [json.loads(line) for line in lines] == DOCUMENTS
    assert known.ok("customers", "list", "-o", "id").lines == ["1001", "1002", "1003"]
    rows = list(csv.reader(io.StringIO(known.ok("customers", "list", "-o", "csv").stdout)))
    assert rows[0] == list(MEMBERS)
    assert rows[2] == ["1002", "o'hara@b.c", "", "", "main", "true", "true"]
    assert known.ok("customers", "list").lines[2].split("\t") == [
        "1003", "", "Straße", "c-7", "other", "false", "false"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("filter", "ids"),
    [
        ("emailAddress eq ANN@example.com", [1001]),
        ("externalId eq 'c-7' and customerSet eq other", [1003]),
        ("isAnonymous eq true", [1002]),
        ("isActive eq false", [1003]),
        ("userName eq null", [1002]),
        ("id gt 1001", [1002, 1003]),
        ("segments.code eq STAFF", [1002]),
        ('emailAddress cont "o\'hara"', [1002]),
    ],
)
def test_a_filter_selects_customers(known: Segments, filter: str, ids: list[int]) -> None:
    done = known.ok("customers", "list", "--filter", filter, "--fields", "id", "-o", "json")
    assert done.json == {"totalCount": len(ids), "items": [{"id": each} for each in ids]}


def test_a_limit_and_fields(known: Segments) -> None:
    done = known.ok("customers", "list", "--limit", "2", "--fields", "email,id", "-o", "json")
    assert done.json == {
        "totalCount": 3,
        "items": [
            {"emailAddress": "Ann@Example.com", "id": 1001},
            {"emailAddress": "o'hara@b.c", "id": 1002},
        ],
    }


def test_customers_are_shown_by_id(known: Segments) -> None:
    assert known.ok("customers", "get", "1001", "-o", "json").json == DOCUMENTS[0]
    assert known.ok("customers", "show", "id:1002", "1001", "-o", "json").json == {
        "items": [DOCUMENTS[1], DOCUMENTS[0]]
    }
    assert known.ok("customers", "get", "-", "--fields", "email", stdin="1001\n1002\n").lines == [
        "Ann@Example.com", "o'hara@b.c"
    ]  # fmt: skip
    done = known("customers", "get", "9", "1001", "-o", "id")
    assert (done.code, done.lines) == (3, ["1001"])
    assert known("customers", "get", "9").code == 3


def test_identifiers_next_to_ids(known: Segments) -> None:
    known.ok("accounts", "add", "VIP", "7")
    arguments = ("accounts", "list", "VIP", "--with", "email,External ID,is_active")
    assert known.ok(*arguments).lines == [
        "7\t\t\t", "1001\tAnn@Example.com\tC-7\ttrue", "1002\to'hara@b.c\t\ttrue"
    ]  # fmt: skip
    assert known.ok(*arguments, "-o", "csv").lines == [
        "accountId,emailAddress,externalId,isActive",
        "7,,,",
        "1001,Ann@Example.com,C-7,true",
        "1002,o'hara@b.c,,true",
    ]
    names = ("accountId", "emailAddress", "externalId", "isActive")
    rows = [(7, None, None, None), (1001, "Ann@Example.com", "C-7", True), (1002, "o'hara@b.c", None, True)]
    items = [dict(zip(names, row, strict=True)) for row in rows]
    assert known.ok(*arguments, "-o", "json").json == {"totalCount": 3, "items": items}
    assert [json.loads(line) for line in known.ok(*arguments, "-o", "jsonl").lines] == items
    page = known.ok(*arguments, "--limit", "1", "--after", "7", "-o", "json").json
    assert page == {"totalCount": 3, "items": items[1:2]}


def test_an_unknown_identifier_is_an_error(vip: Segments) -> None:
    done = vip("accounts", "list", "VIP", "--with", "email,tier")
    assert done.code == 2
    assert "--with: unknown field 'tier'" in done.stderr
    assert "emailAddress, userName, externalId, customerSet, isAnonymous, isActive" in done.stderr


def test_ids_alone_load_nothing_about_customers(vip: Segments) -> None:
    assert {name for name in loaded(vip, "accounts", "list", "VIP") if "customer" in name} == set()


def add_profile(segments: Segments, tenant: TenantServer) -> None:
    segments.ok(
        "profile", "add", "shop", "--backend", tenant.url, "--auth-host", tenant.url,
        "--client-id", CLIENT_ID, "--secret-stdin", stdin=SECRET,
    )  # fmt: skip


def test_the_customers_of_a_tenant_are_not_imported_into(
    segments: Segments, tenant: TenantServer, tmp_path: Path
) -> None:
    segments.env |= tenant.environ
    done = segments("customers", "import", str(csv_file(tmp_path, "id", "5")), "-o", "json")
    assert (done.code, done.stdout) == (2, "")
    assert done.error["message"] == "the customers of a tenant are managed on the platform, not here"


def test_a_tenant_is_listed_and_copied_to_a_store(
    segments: Segments, tenant: TenantServer, tmp_path: Path
) -> None:
    path = str(csv_file(tmp_path, HEADER, *ROWS))
    segments.ok("customers", "import", path, "--backend", f"sqlite:{tmp_path / 'tenant.db'}")
    add_profile(segments, tenant)
    tenant_options = ("--profile", "shop")
    assert segments.ok("customers", "list", *tenant_options, "-o", "json").json["items"] == DOCUMENTS
    assert segments.ok("customers", "get", "1003", *tenant_options, "-o", "json").json == DOCUMENTS[2]
    segments.ok("add", "VIP", *tenant_options)
    segments.ok("accounts", "add", "VIP", "5", "1001", *tenant_options)
    done = segments.ok("accounts", "list", "VIP", "--with", "email", *tenant_options)
    assert done.lines == ["5\t", "1001\tAnn@Example.com"]
    copy = ("--backend", f"sqlite:{tmp_path / 'copy.db'}")
    done = segments.ok("customers", "import", "profile:shop", *copy, "-o", "json")
    assert done.json["added"] == 4  # an account of a segment is one of the tenant
    listed = segments.ok("customers", "list", "--filter", "id gt 5", *copy, "-o", "json")
    assert listed.json["items"] == DOCUMENTS
