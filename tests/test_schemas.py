"""Every command's JSON is valid by its schema, and every command has one or prints no JSON."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from jsonschema_rs import validator_for

from segcli.commands import load_all
from segcli.schemas import ERROR, SCHEMAS, schema_of
from segcli.spec import Command, walk
from tests.support.command import Segments
from tests.support.tenant_server import TenantServer

WITHOUT_JSON = {"serve", "completion show", "help", "version", "export"}  # export prints a manifest
VALIDATORS = {name: validator_for(schema_of(name.split()) or False) for name in SCHEMAS}


def commands() -> Iterator[str]:
    return (" ".join(entry.words) for entry in walk(load_all()) if isinstance(entry, Command))


def test_every_command_has_a_schema() -> None:
    assert set(commands()) <= SCHEMAS.keys() | WITHOUT_JSON
    assert all(schema_of(name.split()) is None for name in WITHOUT_JSON)


MANIFEST = """version: 1
segments:
  - {code: VIP, name: New, accounts: {ids: [1001, 1002, 1003]}}
  - {code: MADE, accounts: {where: VIP and STAFF}}
checks: [VIP <= 100% of VIP, MADE >= 0]
"""
LINES = [
    ("add", "NEW", "--name", "N"),
    ("add", "VIP", "--exists", "skip"),
    ("add", "DRY", "--dry-run"),
    ("get", "VIP"),
    ("get", "VIP", "STAFF"),
    ("get", "-"),
    ("list",),
    ("list", "--all"),
    ("list", "--filter", "code eq NOPE"),
    ("update", "VIP", "--name", "x"),
    ("update", "VIP", "--name", "x", "--dry-run"),
    ("accounts", "add", "VIP", "1", "2"),
    ("accounts", "add", "VIP", "1", "--dry-run"),
    ("accounts", "remove", "VIP", "1", "9"),
    ("accounts", "remove", "VIP", "1", "--dry-run"),
    ("accounts", "remove", "VIP", "8", "9", "--strict"),
    ("accounts", "set", "VIP", "--file", "FILE", "--yes"),
    ("accounts", "set", "VIP", "--file", "FILE", "--dry-run"),
    ("accounts", "set", "VIP", "--from", "STAFF", "--yes"),
    ("accounts", "list", "VIP"),
    ("accounts", "list", "VIP or STAFF", "--limit", "1", "--sample", "50%"),
    ("accounts", "list", "VIP", "--with", "email,isActive"),
    ("accounts", "list", "none", "--with", "email"),
    ("customers", "import", "CUSTOMERS", "--dry-run"),
    ("customers", "import", "CUSTOMERS"),
    ("customers", "list"),
    ("customers", "list", "--filter", "id gt 1001", "--limit", "1"),
    ("customers", "get", "1001"),
    ("customers", "get", "1001", "1002"),
    ("accounts", "resolve", "CUSTOMERS"),
    ("accounts", "add", "VIP", "--file", "EMAILS", "--skip-invalid"),
    ("accounts", "add", "VIP", "--file", "EMAILS", "--skip-invalid", "--dry-run"),
    ("accounts", "count", "VIP", "not STAFF"),
    ("accounts", "has", "VIP", "1002", "5"),
    ("accounts", "split", "VIP or STAFF", "VIP=30%", "NEW2=rest", "--create", "--dry-run"),
    ("accounts", "split", "VIP or STAFF", "VIP=30%", "NEW2=rest", "--create", "--yes"),
    ("accounts", "of", "1001"),
    ("accounts", "of", "1001", "1002"),
    ("overlap",),
    ("check", "VIP >= 0", "VIP <= 12.5% of STAFF"),
    ("diff", "MANIFEST"),
    ("apply", "MANIFEST", "--dry-run", "--prune", "--prune-except", "STAFF"),
    ("apply", "MANIFEST", "--yes"),
    ("delete", "VIP", "STAFF", "--dry-run"),
    ("delete", "VIP", "STAFF", "--yes"),
    ("history",),
    ("history", "VIP", "--account", "1"),
    ("change", "1"),
    ("change", "1", "--joined"),
    ("undo", "--yes"),
    ("prune-history", "--before", "-1d", "--yes"),
    ("forget", "1002", "--yes"),
    ("profile", "add", "here", "--backend", "sqlite:x.db"),
    ("profile", "set", "here", "--timeout", "5"),
    ("profile", "show"),
    ("profile", "list"),
    ("profile", "use", "here"),
    ("profile", "remove", "here", "--yes", "--none"),
    ("doctor",),
    ("completion", "install", "fish"),
]


@pytest.mark.parametrize("backend", ["store", "tenant"])
def test_results_are_valid(segments: Segments, tenant: TenantServer, tmp_path: Path, backend: str) -> None:
    file = tmp_path / "accounts.txt"
    file.write_text("1002\n1003\n")
    customers = tmp_path / "customers.csv"
    customers.write_text("id,email\n1001,a@b.c\n1002,\n")
    emails = tmp_path / "emails.txt"
    emails.write_text("a@b.c\nx@y.z\nx\n")
    manifest = tmp_path / "segments.yaml"
    manifest.write_text(MANIFEST)
    if backend == "tenant":
        segments.env |= tenant.environ
    for code in ("VIP", "STAFF"):
        segments.ok("add", code)
        segments.ok("accounts", "add", code, "1001", "1002")
    known = sorted(SCHEMAS, key=len, reverse=True)
    files = {"FILE": str(file), "MANIFEST": str(manifest), "CUSTOMERS": str(customers), "EMAILS": str(emails)}
    checked = set()
    for line in LINES:
        words = [files.get(word, word) for word in line]
        done = segments(*words, stdin="STAFF\n", SEGMENTS_OUTPUT="json")
        assert "Traceback" not in done.stderr
        name = next(each for each in known if words[: len(each.split())] == each.split())
        if done.stdout:
            assert list(map(str, VALIDATORS[name].iter_errors(done.json))) == [], line
            assert isinstance(done.json, dict), line
            checked.add(name)
        else:
            assert line[-1] == "--strict" or (backend == "tenant" and line[:2] == ("customers", "import"))
    unchecked = {"edit", *(["customers import"] if backend == "tenant" else [])}
    assert checked | unchecked == SCHEMAS.keys()


def test_an_error_is_valid(segments: Segments) -> None:
    done = segments("get", "VIP", "-o", "json")
    assert validator_for(ERROR).is_valid({"error": done.error})


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_rejects_something_else(name: str) -> None:
    wrong: tuple[object, ...] = ([], None, {}, {"items": 3}, {"unknown": 1})
    for document in wrong:
        assert not VALIDATORS[name].is_valid(document)
