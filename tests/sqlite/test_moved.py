"""A store's file that is moved, deleted or replaced while it is open: no write is acknowledged."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from segcli.account_set import AccountSet
from segcli.backends.sqlite.database import SqliteDatabase
from segcli.backends.store.backend import StoreBackend
from segcli.errors import StoreError
from segcli.model import SegmentDraft
from segcli.query.tree import SegmentQuery
from tests.support.command import Segments
from tests.support.stores import members_of, open_store


def moved(store: Path) -> None:
    store.rename(store.with_name("elsewhere.db"))


def deleted(store: Path) -> None:
    for path in store.parent.glob(f"{store.name}*"):
        path.unlink()


def replaced(store: Path) -> None:
    copy = store.with_name("copy.db")
    shutil.copy(store, copy)
    copy.replace(store)


LOSSES = pytest.mark.parametrize("lose", [moved, deleted, replaced], ids=lambda lose: str(lose.__name__))
WRITES: dict[str, Callable[[StoreBackend], object]] = {
    "add a segment": lambda backend: backend.add_segment(SegmentDraft("NEW")),
    "update a segment": lambda backend: backend.update_segment(1, SegmentDraft("NEW")),
    "delete a segment": lambda backend: backend.delete_segment(1),
    "add accounts": lambda backend: backend.add_segment_accounts(1, AccountSet([5])),
    "remove accounts": lambda backend: backend.remove_segment_accounts(1, AccountSet([1])),
    "remove an account": lambda backend: backend.remove_segment_account(1, 1),
}


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[StoreBackend]:
    """A backend that has written to its store, as a server has."""
    with closing(open_store(str(tmp_path / "store.db"), timeout=10)) as backend:
        backend.add_segment(SegmentDraft("VIP"))
        backend.add_segment_accounts(1, AccountSet([1, 2]))
        yield backend


@LOSSES
@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_no_write_is_acknowledged(
    opened: StoreBackend, lose: Callable[[Path], None], write: Callable[[StoreBackend], object]
) -> None:
    lose(Path(opened.place.removeprefix("sqlite:")))
    for _ in range(2):
        with pytest.raises(StoreError, match=r"was moved or deleted|was replaced by another file"):
            write(opened)
    with pytest.raises(StoreError, match=r"was moved or deleted|was replaced by another file"):
        opened.get_segments(SegmentQuery())
    database = opened._database
    assert isinstance(database, SqliteDatabase)
    connection = database._connection  # the only way to the file that is left
    assert connection is not None
    assert connection.execute("SELECT code FROM segment_record").fetchall() == [("VIP",)]
    assert connection.execute("SELECT accounts FROM membership_size").fetchone() == (2,)


def test_a_file_that_is_put_back_is_written_again(opened: StoreBackend) -> None:
    path = Path(opened.place.removeprefix("sqlite:"))
    moved(path)
    with pytest.raises(StoreError):
        opened.add_segment(SegmentDraft("LOST"))
    path.with_name("elsewhere.db").rename(path)
    opened.add_segment(SegmentDraft("KEPT"))
    assert [segment.code for segment in opened.get_segments(SegmentQuery()).items] == ["VIP", "KEPT"]


@LOSSES
def test_a_command_whose_store_is_lost_during_its_prompt_fails(
    vip: Segments, lose: Callable[[Path], None]
) -> None:
    ids = vip.home / "ids"
    ids.write_text("7\n8\n")
    child = vip.terminal("accounts", "set", "VIP", "--file", str(ids))
    child.expect("y/N")
    lose(vip.store)
    child.sendline("y")
    written = child.read()
    child.close()
    assert child.exitstatus == 7
    assert "error:" in written
    assert "while it was open; nothing was changed" in written.replace("\r\n", "")
    for store in vip.store.parent.glob("*.db"):
        assert members_of(store) == [1001, 1002]
