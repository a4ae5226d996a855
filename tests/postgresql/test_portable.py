"""What every statement avoids, so that pools and related databases remain possible."""

import random
import re
from contextlib import closing

import pytest

from segcli.account_set import AccountSet
from segcli.backends import open_backend
from segcli.backends.history import ChangeQuery
from segcli.backends.origin import Origin
from segcli.backends.target import BackendTarget
from segcli.query.parse import parse_query
from segcli.query.tree import SegmentQuery
from tests.support.postgresql import new_store
from tests.support.writes import operate

AVOIDED = {
    "advisory locks, which CockroachDB lacks": r"pg_(try_)?advisory",
    "notifications": r"\b(LISTEN|NOTIFY)\b",
    "locks of tables": r"\bLOCK TABLE\b",
    "procedures, triggers and extensions": r"\bCREATE (OR REPLACE )?(FUNCTION|PROCEDURE|TRIGGER|EXTENSION)\b",
    "anonymous blocks": r"\bDO \$",
    "COPY, which cannot be interrupted": r"^\s*COPY\b",
    "prepared statements, which belong to a session": r"\b(PREPARE|EXECUTE)\b",
    "settings of a session": r"\bSET (?!LOCAL|accounts|code|run|joined|changed_at|command|digest)\w",
    "temporary tables": r"\bTEMP(ORARY)?\b",
    "cursors that outlive a transaction": r"\bWITH HOLD\b",
    "collations that depend on the server": r'COLLATE (?!"C")',
    "waiting for no one": r"\bSKIP LOCKED\b",
}


@pytest.fixture(scope="module")
def statements() -> list[str]:
    """Everything that is sent in the life of a store."""
    found: list[str] = []
    with closing(open_backend(BackendTarget(new_store(), 30, trace=found.append))) as backend:
        backend.get_segments(SegmentQuery())
        chance = random.Random(5)
        for _ in range(30):
            operate(backend, chance)
        moment = next(iter(backend.history.changes(ChangeQuery()))).at
        query = parse_query(filter="name cont 'x' and code ne 'B'", sort_by="name desc")
        for reader in (backend, backend.at(moment)):
            reader.get_segments(query)
            reader.get_account_segments(3, query)
        backend.get_memberships([1], known=True)
        backend.upkeep.prune(moment, Origin(), dry_run=False)
        backend.upkeep.forget(AccountSet([3]), dry_run=False)
        for check in backend.checks():
            check.run()
    return found


@pytest.mark.parametrize("pattern", AVOIDED.values(), ids=AVOIDED)
def test_no_statement_uses(statements: list[str], pattern: str) -> None:
    assert len(statements) > 100
    assert [sql for sql in statements if re.search(pattern, sql)] == []
