"""Only what the related databases have too: CockroachDB, YugabyteDB and pools were not at hand to try.

Each rule is checked on every statement that a life cycle of a store sends to the server.
"""

import re
from contextlib import closing

import pytest

from segcli.account_set import AccountSet
from segcli.backends import open_backend
from segcli.backends.history import ChangeQuery
from segcli.backends.target import BackendTarget
from segcli.customer import Customer
from segcli.model import SegmentDraft
from segcli.query.parse import parse_query
from tests.support.backends import add
from tests.support.postgresql import new_store

# What a statement must not have, and who does not have it or is disturbed by it.
FORBIDDEN = {
    "advisory locks: CockroachDB and YugabyteDB ignore or lack them": r"pg_(try_)?advisory",
    "notifications: CockroachDB": r"\b(LISTEN|NOTIFY)\b",
    "procedures, functions and blocks": r"\b(CREATE (OR REPLACE )?(FUNCTION|PROCEDURE)|DO \$|CALL)\b",
    "triggers: Citus has none on distributed tables": r"\bTRIGGER\b",
    "extensions": r"\bCREATE EXTENSION\b",
    "foreign keys: Citus has none between these tables": r"\b(REFERENCES|FOREIGN KEY)\b",
    "table locks: CockroachDB": r"\bLOCK TABLE\b",
    "prepared statements: a pool": r"\b(PREPARE|DEALLOCATE|EXECUTE)\b",
    "settings of the session: a pool": r"\bSET (SESSION\b|[a-z_]+ TO\b)|\bset_config\b",
    "cursors that outlive a transaction: a pool": r"\bWITH HOLD\b",
    "temporary tables: a pool": r"\bTEMP(ORARY)?\b",
    "system columns": r"\b(ctid|xmin|xmax)\b",
    "collations that a server may lack": r"COLLATE (?!\"C\")",
}


@pytest.fixture(scope="module")
def statements() -> list[str]:
    """What a life cycle sends."""
    sent: list[str] = []
    with closing(open_backend(BackendTarget(new_store(), 10, trace=sent.append))) as backend:
        backend.get_segments(parse_query())
        first, second = add(backend, "A", "B")
        backend.add_segment_accounts(first.id, AccountSet(range(1, 200_000, 7)))
        backend.add_segment_accounts(second.id, AccountSet([1, 2]))
        with backend.transaction():
            backend.update_segment(first.id, SegmentDraft("C", "name"))
            backend.remove_segment_accounts(first.id, AccountSet([1]))
        with backend.snapshot():
            backend.get_memberships([first.id, second.id], known=True)
        backend.get_account_segments(2, parse_query())
        list(backend.iter_segments(parse_query()).items)
        backend.codes("", 5)
        backend.customers.save([Customer(1, "a@b.c"), Customer(2, "É@b.c")])
        with backend.transaction(), backend.customers.bulk():
            backend.customers.save([Customer(1, "x@b.c"), Customer(3)])
        backend.customers.find({"email": ["a@b.c", "a\0b"], "id": ["1"]})
        list(backend.customers.of(AccountSet([1, 2])))
        query = parse_query(filter="emailAddress ne 'a' and isActive eq true", accounts=True)
        list(backend.customers.list(query).items)
        backend.get_accounts(query)
        backend.get_account(2)
        backend.upkeep.forget(AccountSet([2]), dry_run=False)
        backend.delete_segment(second.id)
        list(backend.history.changes(ChangeQuery()))
        for check in backend.checks():
            check.run()
    return sent


def test_statements_are_traced(statements: list[str]) -> None:
    text = "\n".join(statements)
    for part in (
        "CREATE TABLE",
        "INSERT INTO membership ",
        "FOR UPDATE",
        "SAVEPOINT",
        "DECLARE",
        "SET LOCAL",
    ):
        assert part in text


@pytest.mark.parametrize("pattern", FORBIDDEN.values(), ids=FORBIDDEN)
def test_a_statement_has_only_what_all_databases_have(statements: list[str], pattern: str) -> None:
    assert [each for each in statements if re.search(pattern, each)] == []


def test_a_parameter_is_not_in_a_literal(statements: list[str]) -> None:
    """`?` and `%` are replaced without parsing the statement."""
    literals = [literal for each in statements for literal in re.findall(r"'[^']*'", each)]
    assert literals
    assert [literal for literal in literals if "?" in literal or "%" in literal] == []


def test_a_page_and_a_segment_are_one_request_each_without_a_transaction(url: str) -> None:
    sent: list[str] = []
    with closing(open_backend(BackendTarget(url, 10, trace=sent.append))) as backend:
        (segment,) = add(backend, "VIP")
        sent.clear()
        assert backend.get_segments(parse_query()).items == (segment,)
        assert backend.get_segment(segment.id) == segment
    assert [("BEGIN" in each, "segcli_format" in each) for each in sent] == [(False, True)] * 2


def test_few_accounts_are_one_request_wherever_they_are(url: str) -> None:
    sent: list[str] = []
    with closing(open_backend(BackendTarget(url, 10, trace=sent.append))) as backend:
        (segment,) = add(backend, "VIP")
        sent.clear()
        backend.add_segment_accounts(segment.id, AccountSet(range(1, 2**31, 2**28)))
    assert sum("INSERT INTO membership " in each for each in sent) == 1
