"""doctor --upgrade converts a shared store, and no other command does."""

import threading

import pytest

from segcli.backends.base import Backend
from segcli.backends.postgresql import schema
from segcli.errors import StoreError, StoreNewerError
from segcli.query.tree import SegmentQuery
from tests.postgresql import older_format
from tests.postgresql.conftest import Open
from tests.support.backends import add, codes
from tests.support.command import Segments
from tests.support.postgresql import schema_of, server


@pytest.fixture
def older(backend: Backend, url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The URL of a store in an older format, with a segment."""
    add(backend, "VIP")
    backend.close()
    server().sql(f"ALTER TABLE {schema_of(url)}.change DROP COLUMN {older_format.MISSING}")
    set_format(url, older_format.VERSION)
    older_format.use(monkeypatch)
    return url


def set_format(url: str, number: int) -> None:
    server().sql(f"UPDATE {schema_of(url)}.{schema.FORMAT_TABLE} SET number = {number}")


def test_every_other_command_says_how_to_upgrade(segments: Segments, older: str) -> None:
    segments.env["SEGMENTS_BACKEND"] = older
    for line in (
        ["list"],
        ["add", "NEW"],
        ["accounts", "add", "VIP", "1"],
        ["history"],
        ["serve", "--port", "0"],
    ):
        done = segments(*line)
        assert done.code == 7
        assert "segments doctor --upgrade" in done.stderr


def test_it_asks_first(segments: Segments, older: str) -> None:
    segments.env["SEGMENTS_BACKEND"] = older
    done = segments("doctor", "--upgrade")
    assert done.code == 2
    assert "--yes" in done.stderr


def test_the_store_is_converted_once(opened: Open, older: str) -> None:
    backend = opened()
    assert backend.upkeep.older_format() == older_format.VERSION
    with pytest.raises(StoreError, match="older format"):
        backend.get_segments(SegmentQuery())
    others = [opened() for _ in range(3)]
    threads = [threading.Thread(target=other.upkeep.upgrade) for other in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert backend.upkeep.older_format() is None
    assert codes(backend) == ["VIP"]
    assert [check.run() for check in backend.checks()]


def test_a_failed_conversion_changes_nothing(
    opened: Open, older: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(older_format, "MISSING", "digest, ADD COLUMN id bigint")
    backend = opened()
    with pytest.raises(StoreError):
        backend.upkeep.upgrade()
    assert backend.upkeep.older_format() == older_format.VERSION
    monkeypatch.undo()
    older_format.use(monkeypatch)
    backend.upkeep.upgrade()
    assert codes(backend) == ["VIP"]


def test_a_newer_store_is_refused(segments: Segments, backend: Backend, url: str) -> None:
    add(backend, "VIP")
    set_format(url, schema.FORMAT + 1)
    segments.env["SEGMENTS_BACKEND"] = url
    for line in (["list"], ["add", "NEW"], ["doctor", "--upgrade", "--yes"]):
        done = segments(*line, "-o", "json")
        assert done.code == 7
        assert done.error["code"] == StoreNewerError.code


def test_there_may_be_nothing_to_upgrade(segments: Segments, url: str) -> None:
    segments.env["SEGMENTS_BACKEND"] = url
    segments.ok("add", "VIP")
    done = segments("doctor", "--upgrade")
    assert done.code == 0
    assert "nothing to upgrade" in done.stderr
