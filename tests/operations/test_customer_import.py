"""Importing customers: what is saved, what is counted, and what changes nothing."""

import gzip
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segcli.backends.customers import CustomerList
from segcli.customer import MEMBERS, Customer
from segcli.errors import OutputError, UnavailableError, UsageError, UserInterruptError
from segcli.operations.customer_import import import_customers
from segcli.query.tree import SegmentQuery
from segcli.terminal.streams import Terminal
from tests.support.customers import CustomersInMemory, csv_file, store_of

ANN = Customer(1, "ann@b.c", "ann", "C-1", "main")
BOB = Customer(2, "bob@b.c", "bob", "C-2", "main", is_active=False)


def run(store: CustomersInMemory, source: Path, *, dry_run: bool = False, skip_invalid: bool = False) -> Any:
    return import_customers(
        store_of(store),
        Terminal({}),
        str(source),
        lambda _: None,
        dry_run=dry_run,
        skip_invalid=skip_invalid,
    ).document()


def copied(store: CustomersInMemory, source: CustomersInMemory, *, skip_invalid: bool = False) -> Any:
    backend = store_of(source, "another")
    return import_customers(
        store_of(store), Terminal({}), "sqlite:x.db", lambda _: backend, skip_invalid=skip_invalid
    ).document()


def counts(**given: int) -> dict[str, int]:
    names = ("requested", "added", "updated", "unchanged", "duplicates", "invalid")
    return dict.fromkeys(names, 0) | given


def test_customers_are_added_and_updated(tmp_path: Path) -> None:
    store = CustomersInMemory(ANN, BOB)
    path = csv_file(
        tmp_path, "id,email,userName,externalId,customerSet,isActive",
        "1,ann@b.c,ann,C-1,main,", "2,new@b.c,bob,C-2,main,no", "3,,,,,",
    )  # fmt: skip
    assert run(store, path) == counts(requested=3, added=1, updated=1, unchanged=1)
    assert list(store.known.values()) == [ANN, BOB._replace(email="new@b.c"), Customer(3)]


def test_what_has_no_column_is_kept_and_an_empty_cell_clears(tmp_path: Path) -> None:
    store = CustomersInMemory(ANN, BOB)
    path = csv_file(tmp_path, "accountId,External ID", "2,C-9", "1,", "3,C-3")
    assert run(store, path) == counts(requested=3, added=1, updated=2)
    assert store.known == {
        1: ANN._replace(external_id=None),
        2: BOB._replace(external_id="C-9"),
        3: Customer(3, external_id="C-3"),
    }


def test_a_dry_run_has_the_same_counts_and_changes_nothing(tmp_path: Path) -> None:
    store = CustomersInMemory(ANN)
    path = csv_file(tmp_path, "id,email", "1,x", "2,y", "2,z", "3,")
    planned = run(store, path, dry_run=True)
    assert store.known == {1: ANN}
    assert planned == {"dryRun": True, **run(store, path)}
    assert planned == {"dryRun": True, **counts(requested=4, added=2, updated=1, duplicates=1)}


def test_of_several_rows_for_a_customer_the_last_counts_across_batches(tmp_path: Path) -> None:
    rows = ["5,first", *(f"{n},x" for n in range(10, 20_010)), "5,last"]
    path = csv_file(tmp_path, "id,email", *rows)
    planned = run(CustomersInMemory(), path, dry_run=True)
    store = CustomersInMemory()
    assert run(store, path) == counts(requested=20_002, added=20_001, duplicates=1)
    assert planned == {"dryRun": True, **counts(requested=20_002, added=20_001, duplicates=1)}
    assert store.known[5].email == "last"


def test_an_invalid_row_changes_nothing(tmp_path: Path) -> None:
    store = CustomersInMemory()
    rows = [f"{n},x" for n in range(1, 20_001)]
    path = csv_file(tmp_path, "id,email", *rows, "0,x")
    with pytest.raises(UsageError, match="line 20002: '0' is not a valid account id"):
        run(store, path)
    assert store.known == {}


def test_invalid_rows_are_skipped_and_named(tmp_path: Path) -> None:
    store = CustomersInMemory()
    path = csv_file(tmp_path, "id", "1", *(["x"] * 7), "2")
    result = import_customers(store_of(store), Terminal({}), str(path), lambda _: None, skip_invalid=True)
    assert result.document() == counts(requested=9, added=2, invalid=7)
    assert result.note is not None
    assert result.note.count("'x' is not a valid account id") == 5
    assert "customers.csv, line 3: 'x'" in result.note
    assert result.note.endswith("; 2 more")
    assert result.summary == "Added 2 customers, updated 0, 0 unchanged; 7 invalid rows skipped."
    assert result.exit_code == 0


def test_only_invalid_rows_are_no_error_if_they_are_skipped(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "id", "x")
    assert run(CustomersInMemory(), path, skip_invalid=True) == counts(requested=1, invalid=1)


def test_skipped_rows_are_saved_and_can_be_corrected(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "Account ID,email,tier", "1,a,gold", 'x,"b, c",silver', "2,,", "0,d\udcff,")
    rejects = tmp_path / "rejects.csv"

    def rejected(source: Path) -> list[str]:
        store = CustomersInMemory()
        import_customers(
            store_of(store), Terminal({}), str(source), lambda _: None,
            skip_invalid=True, rejects=str(rejects),
        )  # fmt: skip
        return rejects.read_text().splitlines()

    assert rejected(path) == [
        "Account ID,email,tier,line,outcome,reason,candidates",
        """x,"b, c",silver,3,invalid,'x' is not a valid account id: expected 1 to 2147483647,""",
        "0,d\\udcff,,5,invalid,'0' is not a valid account id: expected 1 to 2147483647,",
    ]
    assert len(rejected(path)) == 3  # an earlier file is replaced
    corrected = tmp_path / "corrected.csv"
    corrected.write_text(rejects.read_text().replace("\nx,", "\n3,"))
    assert rejected(corrected) == [
        "Account ID,email,tier,line,outcome,reason,candidates",
        "0,d\\udcff,,3,invalid,'0' is not a valid account id: expected 1 to 2147483647,",
    ]


@pytest.mark.parametrize("name", ["customers.csv", "other.txt"])
def test_another_file_is_not_overwritten_by_skipped_rows(tmp_path: Path, name: str) -> None:
    path = csv_file(tmp_path, "id", "x", "1")
    (tmp_path / "other.txt").write_text("mine")
    before = (tmp_path / name).read_text()
    store = CustomersInMemory()
    with pytest.raises(UsageError, match="would overwrite"):
        import_customers(
            store_of(store), Terminal({}), str(path), lambda _: None,
            skip_invalid=True, rejects=str(tmp_path / name),
        )  # fmt: skip
    assert (tmp_path / name).read_text() == before
    assert store.known == {}


def test_skipped_rows_that_cannot_be_saved_change_nothing(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "id", "x", "1")
    store = CustomersInMemory()
    with pytest.raises(OutputError, match="cannot write /dev/full: No space left on device"):
        import_customers(
            store_of(store), Terminal({}), str(path), lambda _: None, skip_invalid=True, rejects="/dev/full"
        )
    assert store.known == {}


def test_rejects_requires_skip_invalid(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "id", "1")
    with pytest.raises(UsageError, match="--rejects requires --skip-invalid"):
        import_customers(
            store_of(CustomersInMemory()), Terminal({}), str(path), lambda _: None, rejects="rejects.csv"
        )


def test_gzip_is_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "customers.csv.gz"
    path.write_bytes(gzip.compress(b"id\n5\n"))
    assert run(CustomersInMemory(), path) == counts(requested=1, added=1)


def test_a_backend_is_copied() -> None:
    store = CustomersInMemory(ANN._replace(email="old"), Customer(3))
    assert copied(store, CustomersInMemory(ANN, BOB)) == counts(requested=2, added=1, updated=1)
    assert store.known == {1: ANN, 2: BOB, 3: Customer(3)}


def test_a_backend_with_a_text_that_cannot_be_stored_changes_nothing() -> None:
    for text in ("x" * 256, "\ud800"):
        store = CustomersInMemory()
        with pytest.raises(UsageError, match=r"reading sqlite:x\.db: account 2: the userName"):
            copied(store, CustomersInMemory(ANN, BOB._replace(user_name=text)))
        assert store.known == {}


def test_a_backend_that_fails_midway_changes_nothing() -> None:
    class Failing(CustomersInMemory):
        def list(self, query: SegmentQuery, limit: int | None = None) -> CustomerList:
            def some() -> Iterator[Customer]:
                yield from map(Customer, range(1, 15_000))
                raise UnavailableError("the server is gone")

            return CustomerList(20_000, some())

    store = CustomersInMemory()
    with pytest.raises(UnavailableError) as error:
        copied(store, Failing())
    assert error.value.message == "reading sqlite:x.db: the server is gone; nothing was changed"
    assert store.known == {}


def test_ctrl_c_changes_nothing(tmp_path: Path) -> None:
    class Interrupted(CustomersInMemory):
        def save(self, customers: Sequence[Customer], *, dry_run: bool = False) -> Any:
            super().save(customers)
            raise KeyboardInterrupt

    store = Interrupted()
    with pytest.raises(UserInterruptError, match="interrupted; nothing was changed"):
        run(store, csv_file(tmp_path, "id", "5"))
    assert store.known == {}


def test_skip_invalid_requires_a_file() -> None:
    with pytest.raises(UsageError, match="--skip-invalid requires a file"):
        copied(CustomersInMemory(), CustomersInMemory(), skip_invalid=True)


def test_a_backend_is_not_imported_into_itself() -> None:
    same = store_of(CustomersInMemory())
    with pytest.raises(UsageError, match="the source and the backend are the same"):
        import_customers(same, Terminal({}), "sqlite:x.db", lambda _: same)


ROWS = st.lists(
    st.tuples(st.integers(1, 5), st.sampled_from(["", "a", "b"]), st.sampled_from(["", "c"])), max_size=10
)


@given(st.lists(ROWS, max_size=3), st.sets(st.sampled_from(["emailAddress", "externalId"])))
def test_imports_are_updates_of_the_columns_they_have(
    tmp_path_factory: pytest.TempPathFactory, files: list[list[tuple[int, str, str]]], members: set[str]
) -> None:
    store = CustomersInMemory(ANN, BOB)
    model: dict[int, list[Any]] = {1: list(ANN), 2: list(BOB)}
    folder = tmp_path_factory.mktemp("files")
    for rows in files:
        columns = [name for name in ("id", "emailAddress", "externalId") if name == "id" or name in members]
        cells = [
            {"id": str(account), "emailAddress": email, "externalId": other} for account, email, other in rows
        ]
        path = csv_file(
            folder, ",".join(columns), *(",".join(row[name] for name in columns) for row in cells)
        )
        before = {account: list(values) for account, values in model.items()}
        for row in cells:
            values = model.setdefault(int(row["id"]), list(Customer(int(row["id"]))))
            for name in members:
                values[MEMBERS.index(name)] = row[name] or None
        done = run(store, path)
        ids = {row[0] for row in rows}
        assert done["added"] == len(model.keys() - before.keys())
        assert done["added"] + done["updated"] + done["unchanged"] == len(ids)
        assert done["unchanged"] == sum(before.get(account) == model[account] for account in ids)
        assert done["duplicates"] == len(rows) - len(ids)
        assert store.known == {account: Customer(*values) for account, values in model.items()}
