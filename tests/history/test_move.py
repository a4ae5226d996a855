"""apply --accounts --history: an empty store becomes the same as another one, with its history."""

import random
from contextlib import closing
from pathlib import Path

import pytest
from jsonschema_rs import validator_for

from segcli.account_set import AccountSet
from segcli.backends import open_backend
from segcli.backends.base import Backend
from segcli.backends.history import Change, ChangeQuery
from segcli.backends.origin import ChangedAccounts, Origin
from segcli.backends.target import BackendTarget
from segcli.customer import Customer
from segcli.model import Segment, SegmentDraft
from segcli.query.tree import SegmentQuery
from segcli.schemas import schema_of
from tests.support.command import Segments
from tests.support.postgresql import new_store
from tests.support.tenant_server import TenantServer
from tests.support.writes import operate

PAIRS = [
    ("sqlite", "sqlite"),
    ("sqlite", "postgresql"),
    ("postgresql", "sqlite"),
    ("postgresql", "postgresql"),
]


def url_of(kind: str, folder: Path, name: str) -> str:
    return f"sqlite:{folder / name}.db" if kind == "sqlite" else new_store()


def opened(url: str) -> "closing[Backend]":
    return closing(open_backend(BackendTarget(url, timeout=10)))


def everything(
    backend: Backend,
) -> tuple[list[tuple[Segment, AccountSet]], list[tuple[Change, ChangedAccounts]]]:
    segments = list(backend.iter_segments(SegmentQuery()).items)
    changes = list(backend.history.changes(ChangeQuery()))
    return (
        [(segment, backend.get_segment_accounts(segment.id)) for segment in segments],
        [(change, backend.history.accounts(change)) for change in changes],
    )


def fill(url: str) -> None:
    """A store in which segments were deleted and undone, and whose oldest history was pruned."""
    with opened(url) as backend:
        chance = random.Random(19)
        for _ in range(40):
            operate(backend, chance)
        with backend.transaction():
            for code in ("X", "Y"):
                backend.add_segment(SegmentDraft(code))
        middle = sorted(change.at for change in backend.history.changes(ChangeQuery()))[10]
        backend.upkeep.prune(middle, Origin(), dry_run=False)
        backend.customers.save([Customer(1, "a@b.c"), Customer(7, "É@b.c", "É", is_active=False)])
        last = backend.add_segment(SegmentDraft("LAST"))
        backend.delete_segment(last.id)


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_the_copy_is_the_same(segments: Segments, tmp_path: Path, first: str, second: str) -> None:
    source, target = url_of(first, tmp_path, "one"), url_of(second, tmp_path, "two")
    fill(source)
    segments.env["SEGMENTS_BACKEND"] = target
    dry = segments.ok("apply", source, "--accounts", "--history", "--dry-run", "-o", "json").json
    done = segments.ok("apply", source, "--accounts", "--history", "--yes", "-o", "json").json
    assert dry == {**done, "dryRun": True}
    assert validator_for(schema_of(["apply"]) or False).is_valid(done)
    with opened(source) as one, opened(target) as two:
        expected = everything(one)
        assert everything(two) == expected
        assert done["segments"] == len(expected[0])
        assert done["changes"] == len(expected[1])
        customers = list(one.customers.list(SegmentQuery()).items)
        assert list(two.customers.list(SegmentQuery()).items) == customers
        assert done["customers"] == len(customers) == 2
        assert two.customers.find({"user-name": ["é"]}) == {"user-name": {"é": customers[1:]}}
        assert two.upkeep.last_ids() == one.upkeep.last_ids()
        for change, _ in expected[1][:5]:
            assert list(two.at(change.at).iter_segments(SegmentQuery()).items) == list(
                one.at(change.at).iter_segments(SegmentQuery()).items
            )
        highest = one.upkeep.last_ids()[0]
        assert two.add_segment(SegmentDraft("NEW")).id > highest
    segments.ok("doctor")


def test_only_an_empty_store_receives_a_history(segments: Segments, tmp_path: Path) -> None:
    source, target = (f"sqlite:{tmp_path / name}.db" for name in ("one", "two"))
    for url in (source, target):
        segments.ok("add", "VIP", "--backend", url)
    done = segments("apply", source, "--accounts", "--history", "--yes", "--backend", target)
    assert done.code == 4
    assert "is not empty" in done.stderr
    with opened(f"sqlite:{tmp_path / 'three'}.db") as backend:
        backend.customers.save([Customer(1)])
        done = segments("apply", source, "--accounts", "--history", "--yes", "--backend", backend.place)
    assert (done.code, "is not empty" in done.stderr) == (4, True)
    done = segments("apply", source, "--accounts", "--history", "--yes", "--backend", source)
    assert done.code == 2
    assert "the same" in done.stderr


def test_only_a_store_has_a_history_to_copy(segments: Segments, tmp_path: Path, tenant: TenantServer) -> None:
    (tmp_path / "segments.yaml").write_text("version: 1\nsegments: []\n")
    source = f"sqlite:{tmp_path / 'one.db'}"
    segments.ok("add", "VIP", "--backend", source)
    for words, message in (
        ((str(tmp_path / "segments.yaml"), "--accounts"), "requires a store"),
        ((source,), "requires --accounts"),
    ):
        done = segments("apply", *words, "--history", "--yes")
        assert done.code == 2
        assert message in done.stderr
    done = segments("apply", source, "--accounts", "--history", "--yes", **tenant.environ)
    assert done.code == 2
    assert "does not work with a tenant" in done.stderr


@pytest.mark.parametrize(
    "option", ["--prune", "--allow-empty", "--save-plan=p.json", "--max-remove=5", "--max-delete=0"]
)
def test_an_option_about_a_plan_is_refused(segments: Segments, tmp_path: Path, option: str) -> None:
    source = f"sqlite:{tmp_path / 'one.db'}"
    segments.ok("add", "VIP", "--backend", source)
    done = segments("apply", source, "--accounts", "--history", "--yes", option)
    assert done.code == 2
    assert f"{option.partition('=')[0]} does not work with --history" in done.stderr
    assert not segments.store.exists()
