"""The store's file: its permissions, when it is created, and its contents."""

import os
import shlex
import sqlite3
import stat
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from segcli.account_set import AccountSet
from segcli.backends.sqlite.schema import APPLICATION_ID, FORMAT
from segcli.model import SegmentDraft
from tests.support.command import COMMAND, Segments
from tests.support.stores import members_of, open_store


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_the_store_is_private(segments: Segments, umask: int) -> None:
    subprocess.run([COMMAND, "add", "VIP"], env=segments.env, check=True, umask=umask, capture_output=True)
    assert mode(segments.store) == 0o600
    assert mode(segments.store.parent) == 0o700
    assert mode(segments.store.parent.parent) == 0o700


@pytest.fixture(params=[0o000, 0o077], ids=["umask 000", "umask 077"])
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


@pytest.mark.usefixtures("umask")
def test_the_write_ahead_log_is_private(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    backend = open_store(str(folder / "store.db"), timeout=10)
    with backend.transaction():
        backend.add_segment(SegmentDraft("VIP"))
        assert {mode(path) for path in folder.iterdir()} == {0o600}
        assert len(list(folder.iterdir())) == 3
    backend.close()
    assert [path.name for path in folder.iterdir()] == ["store.db"]


def test_an_existing_folder_keeps_its_mode(segments: Segments) -> None:
    folder = segments.home / "shared"
    folder.mkdir(mode=0o755)
    folder.chmod(0o755)
    segments.ok("add", "VIP", "--backend", f"sqlite:{folder / 'store.db'}")
    assert mode(folder) == 0o755
    assert mode(folder / "store.db") == 0o600


READS = {
    "list": (0, ""),
    "list --all -o jsonl": (0, ""),
    "list -o json": (0, '{"startIndex":0,"pageSize":20,"pageCount":0,"totalCount":0,"items":[]}\n'),
    "get VIP": (3, ""),
    "get 1": (3, ""),
    "get VIP STAFF": (3, ""),
    "accounts list VIP": (3, ""),
    "accounts of 1001": (0, ""),
    "accounts of 1001 1002": (0, ""),
    "delete VIP --yes": (3, ""),
}


@pytest.mark.parametrize("line", READS)
def test_a_missing_store_reads_as_empty_and_is_not_created(segments: Segments, line: str) -> None:
    done = segments(*line.split())
    assert (done.code, done.stdout) == READS[line]
    assert not (segments.home / "data").exists()


@pytest.mark.parametrize("line", READS)
def test_an_empty_file_reads_as_empty_and_is_not_changed(segments: Segments, line: str) -> None:
    store = segments.home / "store.db"
    store.touch()
    before = store.stat()
    done = segments(*line.split(), "--backend", f"sqlite:{store}")
    assert (done.code, done.stdout) == READS[line]
    assert (store.stat().st_size, store.stat().st_mtime_ns) == (0, before.st_mtime_ns)
    assert list(segments.home.iterdir()) == [store]


def test_the_first_write_uses_an_empty_file(segments: Segments) -> None:
    store = segments.home / "store.db"
    store.touch()
    backend = f"sqlite:{store}"
    segments.ok("add", "VIP", "--backend", backend)
    assert segments.ok("list", "--backend", backend, "-o", "code").stdout == "VIP\n"


def test_any_character_in_a_path_is_literal(segments: Segments) -> None:
    """What SQLite or a shell could take for more than a name is a name here."""
    for name in ("a?mode=memory", "file:x", ":memory:", "#%41", "'; --", "é 🎉"):
        segments.ok("add", "VIP", "--backend", f"sqlite:{segments.home / name}")
        assert (segments.home / name).is_file()


def test_a_tilde_is_expanded(segments: Segments) -> None:
    segments.ok("add", "VIP", "--backend", "sqlite:~/store.db")
    assert (segments.home / "store.db").is_file()


@pytest.fixture
def connection(segments: Segments) -> Iterator[sqlite3.Connection]:
    segments.ok("add", "VIP")
    connection = sqlite3.connect(segments.store)
    yield connection
    connection.close()


def test_the_store_has_its_application_id_and_version(connection: sqlite3.Connection) -> None:
    def pragma(name: str) -> object:
        return connection.execute(f"PRAGMA {name}").fetchone()[0]

    assert pragma("application_id") == APPLICATION_ID
    assert pragma("user_version") == FORMAT
    assert pragma("journal_mode") == "wal"
    tables = connection.execute("SELECT name, strict FROM pragma_table_list WHERE schema = 'main'")
    assert {name: strict for name, strict in tables if not name.startswith("sqlite_")} == {
        "segment_record": 1,
        "membership": 1,
        "membership_size": 1,
        "change": 1,
        "change_accounts": 1,
        "customer": 1,
        "customer_version": 1,
    }


@pytest.mark.parametrize(
    ("line", "table", "expected"),
    [
        ("accounts list VIP", "membership ", "PRIMARY KEY (segment_id=?)"),
        ("accounts add VIP 7 100000", "membership ", "PRIMARY KEY (segment_id=? AND block=?)"),
        ("accounts remove VIP 7 1001", "membership ", "PRIMARY KEY (segment_id=? AND block=?)"),
        ("accounts of 1001", "membership ", "INDEX membership_by_block (block=?)"),
        ("accounts of 1001 --filter 'name eq x'", "membership ", "INDEX membership_by_block (block=?)"),
        ("accounts of 1001 1002", "membership ", "INDEX membership_by_block (block=?)"),
        ("list --counts", "membership_size ", "INTEGER PRIMARY KEY (rowid=?)"),
        ("accounts list VIP", "membership_size ", "INTEGER PRIMARY KEY (rowid=?)"),
        ("accounts add VIP 7", "membership_size ", "INTEGER PRIMARY KEY (rowid=?)"),
        ("get VIP", "segment_record ", "INDEX sqlite_autoindex_segment_record_1 (code=?)"),
        ("get id:1", "segment_record ", "INTEGER PRIMARY KEY (rowid=?)"),
        ("list --filter 'code eq vip'", "segment_record ", "INDEX segment_record_by_code (code_folded=?)"),
        ("list --filter 'code sw v'", "segment_record ", "INDEX segment_record_by_code (code_folded>?"),
    ],
)
def test_every_statement_uses_an_index(
    segments: Segments, connection: sqlite3.Connection, line: str, table: str, expected: str
) -> None:
    """The statements are those that --verbose logs, for memberships in one of many segments."""
    segments.ok("accounts", "add", "VIP", "1001", "1002")
    told = segments.ok(*shlex.split(line), SEGMENTS_VERBOSE="1").stderr.splitlines()
    look_ups = [statement for statement in told if f"FROM {table}" in f"{statement} "]
    assert look_ups
    for look_up in look_ups:
        plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {look_up}")]
        steps = [step for step in plan if f" {table}" in f"{step} "]
        assert any(expected in step for step in steps), plan
        # A page is found by an index, and its segments by their ids.
        assert all(expected in step or "INTEGER PRIMARY KEY (rowid=?)" in step for step in steps), plan


def test_completion_finds_codes_by_their_prefix(segments: Segments, connection: sqlite3.Connection) -> None:
    told: list[str] = []
    with closing(open_store(str(segments.store), timeout=10, trace=told.append)) as backend:
        assert backend.codes("V", 10).items == ["VIP"]
    (look_up,) = [statement for statement in told if "FROM segment_record" in statement]
    (step,) = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {look_up}")]
    assert step.startswith("SEARCH segment_record USING INDEX sqlite_autoindex_segment_record_1 (code>")


def test_a_list_by_code_reads_its_index_in_order(connection: sqlite3.Connection) -> None:
    plan = connection.execute(
        "EXPLAIN QUERY PLAN SELECT * FROM segment_record ORDER BY code_folded, code, id LIMIT 20"
    )
    assert [row[3] for row in plan] == ["SCAN segment_record USING INDEX segment_record_by_code"]


def test_a_deleted_segment_leaves_no_membership_in_the_file(
    segments: Segments, connection: sqlite3.Connection
) -> None:
    segments.ok("add", "STAFF")
    for code in ("VIP", "STAFF"):
        segments.ok("accounts", "add", code, "1001", "1002")
    segments.ok("delete", "VIP", "--yes")
    assert connection.execute("SELECT segment_id, block FROM membership").fetchall() == [(2, 0)]
    assert connection.execute("SELECT segment_id, accounts FROM membership_size").fetchall() == [(2, 2)]
    assert members_of(segments.store, 1) == []
    assert members_of(segments.store, 2) == [1001, 1002]


def test_an_empty_block_is_deleted(segments: Segments, connection: sqlite3.Connection) -> None:
    segments.ok("accounts", "add", "VIP", "1001", "70000")
    segments.ok("accounts", "remove", "VIP", "1001")
    assert connection.execute("SELECT block FROM membership").fetchall() == [(1,)]
    segments.ok("accounts", "remove", "VIP", "70000")
    assert connection.execute("SELECT count(*) FROM membership").fetchone() == (0,)


def test_the_schema_rejects_invalid_rows(connection: sqlite3.Connection) -> None:
    needed = "id, code, code_folded, create_date, update_date"
    for statement in (
        f"INSERT INTO segment_record ({needed}) VALUES (2, 'VIP', 'vip', 0, 0)",
        f"INSERT INTO segment_record ({needed}) VALUES (2147483648, 'X', 'x', 0, 0)",
        f"INSERT INTO segment_record ({needed}) VALUES (2, 'X', 'x', 'today', 0)",
        f"INSERT INTO segment_record ({needed}) VALUES (2, 'X', NULL, 0, 0)",
        "INSERT INTO membership VALUES (1, 32768, x'00', 0)",
        "INSERT INTO membership VALUES (1, -1, x'00', 0)",
        "INSERT INTO membership VALUES (1, 0, 'text', 0)",
        "INSERT INTO membership_size VALUES (1, 0, 0, 0)",
        "INSERT INTO membership_size VALUES (2, -1, 0, 0)",
        "INSERT INTO membership_size VALUES (2, 2147483648, 0, 0)",
    ):
        with pytest.raises(sqlite3.IntegrityError):
            connection.execute(statement)


def test_the_number_of_statements_does_not_grow_with_the_accounts(tmp_path: Path) -> None:
    def statements(count: int) -> int:
        told: list[str] = []
        backend = open_store(str(tmp_path / f"{count}.db"), timeout=10, trace=told.append)
        segment = backend.add_segment(SegmentDraft("VIP"))
        del told[:]
        backend.add_segment_accounts(segment.id, AccountSet(range(1, count + 1)))
        backend.close()
        return len([told for told in told if not told.startswith("--")])

    assert statements(2_000) == statements(10) <= 10
    assert statements(200_000) <= 10 + 3  # blocks
