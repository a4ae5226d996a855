"""Customers in a store: what saving them counts, and that damage is found."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segcli.account_set import AccountSet
from segcli.backends.customers import Saved
from segcli.backends.store.backend import StoreBackend
from segcli.backends.store.tables import CUSTOMER_INDEXES
from segcli.customer import Customer, Kind, folded_identifier
from segcli.errors import StoreCorruptError, UsageError
from segcli.query.parse import parse_query
from segcli.query.tree import Clause, SegmentQuery
from tests.support.backends import add
from tests.support.stores import open_store


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture
def store(path: Path) -> Iterator[StoreBackend]:
    with closing(open_store(str(path), timeout=10)) as store:
        yield store


def numbered(first: int, last: int, name: str = "c") -> list[Customer]:
    return [Customer(number, f"{name}{number}@example.org") for number in range(first, last + 1)]


def stored(store: StoreBackend) -> list[Customer]:
    return list(store.customers.list(SegmentQuery()).items)


def indexes(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute(
            "SELECT name FROM sqlite_schema WHERE tbl_name = 'customer' AND sql NOT NULL"
        )
        return {name for (name,) in rows} - {"customer"}


def test_saving_counts_what_is_new_changed_and_the_same(store: StoreBackend) -> None:
    assert store.customers.save(numbered(1, 5)) == Saved(5, 0, 0)
    assert store.customers.save([*numbered(4, 5), *numbered(2, 2, "d"), Customer(9)]) == Saved(1, 1, 2)
    assert stored(store) == [*numbered(1, 1), *numbered(2, 2, "d"), *numbered(3, 5), Customer(9)]
    assert store.customers.save([]) == Saved(0, 0, 0)


@pytest.mark.parametrize("change", [{"is_active": False}, {"is_anonymous": True}, {"email": None}])
def test_any_value_is_a_change(store: StoreBackend, change: dict[str, Any]) -> None:
    customer = Customer(1, "a@b.c")
    store.customers.save([customer])
    assert store.customers.save([customer._replace(**change)]) == Saved(0, 1, 0)
    assert stored(store) == [customer._replace(**change)]


def test_of_several_customers_with_one_id_the_last_counts(store: StoreBackend) -> None:
    assert store.customers.save([Customer(1, "a"), Customer(2), Customer(1, "b")]) == Saved(2, 0, 0)
    assert stored(store) == [Customer(1, "b"), Customer(2)]


def test_a_dry_run_only_counts(store: StoreBackend, path: Path) -> None:
    assert store.customers.save(numbered(1, 5), dry_run=True) == Saved(5, 0, 0)
    with store.customers.bulk():
        assert store.customers.save(numbered(1, 5), dry_run=True) == Saved(5, 0, 0)
    assert not path.exists()
    store.customers.save(numbered(1, 5))
    assert store.customers.save([*numbered(5, 6), Customer(1)], dry_run=True) == Saved(1, 1, 1)
    assert stored(store) == numbered(1, 5)


@pytest.mark.parametrize("present", [0, 10, 5_000])
def test_many_saves_are_one_transaction_and_leave_the_indexes(
    store: StoreBackend, path: Path, present: int
) -> None:
    store.customers.save([Customer(number) for number in range(1, present + 1)])
    with store.transaction(), store.customers.bulk():
        first = store.customers.save(numbered(1, 1_500))
        assert store.customers.save(numbered(1_400, 1_600)) == Saved(
            max(1_600 - max(present, 1_500), 0), min(max(present - 1_500, 0), 100), 101
        )
    assert sum(first) == 1_500
    assert first.updated == min(present, 1_500)
    assert stored(store)[:1_600] == numbered(1, 1_600)
    assert indexes(path) == set(CUSTOMER_INDEXES)
    found = store.customers.find({"email": [f"C{number}@EXAMPLE.org" for number in range(1, 1_601)]})
    assert len(found["email"]) == 1_600
    assert [check.run() for check in store.checks()]


def test_a_failed_import_leaves_nothing(store: StoreBackend, path: Path) -> None:
    store.customers.save(numbered(1, 3))
    with suppress(KeyboardInterrupt), store.transaction(), store.customers.bulk():
        store.customers.save(numbered(2, 1_000, "d"))
        raise KeyboardInterrupt
    assert stored(store) == numbered(1, 3)
    assert indexes(path) == set(CUSTOMER_INDEXES)


def test_many_saves_without_a_transaction_keep_the_indexes(store: StoreBackend, path: Path) -> None:
    with store.customers.bulk():
        store.customers.save(numbered(1, 3))
        assert indexes(path) == set(CUSTOMER_INDEXES)
        assert store.customers.save(numbered(3, 4)) == Saved(1, 0, 1)
    assert stored(store) == numbered(1, 4)


@pytest.mark.parametrize("text", ["\ud800", "a@\udcff"])
def test_what_is_not_unicode_is_refused_and_found_nowhere(store: StoreBackend, text: str) -> None:
    with pytest.raises(UsageError, match="is not valid Unicode text"):
        store.customers.save([Customer(1, "a@b.c", text)])
    store.customers.save([Customer(1, "a@b.c")])
    found = store.customers.find({"email": [text, "a@b.c"]})
    assert found == {"email": {"a@b.c": [Customer(1, "a@b.c")]}}


def test_saving_customers_is_no_change_of_the_history(store: StoreBackend) -> None:
    (vip,) = add(store, "VIP")
    with store.transaction():
        store.customers.save(numbered(1, 3))
        store.add_segment_accounts(vip.id, AccountSet([1]))
        assert stored(store) == numbered(1, 3)
        assert store.get_account(1).to_json()["emailAddress"] == "c1@example.org"


def test_a_stream_is_of_one_state(store: StoreBackend) -> None:
    store.customers.save(numbered(1, 12_000))
    listed = store.customers.list(SegmentQuery()).items
    some = store.customers.of(AccountSet(range(1, 20_000)))
    assert (next(listed), next(some)) == (Customer(1, "c1@example.org"), Customer(1, "c1@example.org"))
    store.customers.save(numbered(2, 13_000, "d"))
    assert [*listed] == [*some] == numbered(2, 12_000)


def test_progress_ends_with_the_number_of_all(store: StoreBackend) -> None:
    store.customers.save(numbered(1, 12_000))
    reported: list[tuple[int, int | None]] = []
    assert (
        len(list(store.customers.of(AccountSet(range(1, 11_001)), lambda *done: reported.append(done))))
        == 11_000
    )
    assert reported[-1] == (11_000, 11_000)
    store.customers.find({"email": ["a"] * 30_000, "id": ["1"]}, lambda *done: reported.append(done))
    assert reported[-1] == (30_001, 30_001)


def test_a_page_reads_only_its_own_customers_again(path: Path) -> None:
    sent: list[str] = []
    with closing(open_store(str(path), timeout=10, trace=sent.append)) as store:
        store.customers.save(numbered(1, 5_000))
        queries = [
            SegmentQuery(),
            parse_query(filter="emailAddress cont 'C4' and isActive eq true", accounts=True),
        ]
        for query in queries:
            store.get_accounts(query)
        sent.clear()
        for query in queries:
            assert len(store.get_accounts(query._replace(start_index=20)).items) == 20
    reads = [each for each in sent if "FROM customer " in each]
    assert len(reads) == 2
    assert all("WHERE id IN" in each for each in reads)


DAMAGE = {
    "UPDATE customer SET email_folded = 'x' WHERE id = 1": "a text of customer 1 does not match",
    "UPDATE customer SET email_folded = NULL WHERE id = 2": "a text of customer 2 does not match",
    "UPDATE customer SET email = 'a@b.c' WHERE id = 2": "a text of customer 2 does not match",
    "UPDATE customer SET is_active = 2": "neither true nor false",
    "UPDATE customer SET is_anonymous = NULL": "is_anonymous of customers has NoneType",
    "UPDATE customer SET user_name = 7": "user_name of customers has int",
    "UPDATE customer SET external_id = x'00'": "external_id of customers has bytes",
    "UPDATE customer SET id = 0 WHERE id = 1": "0 is not an id",
    "UPDATE customer SET id = 4000000000 WHERE id = 2": "4000000000 is not an id",
    "DELETE FROM customer_version": "the version of its customers is missing",
}


@pytest.mark.parametrize("statement", DAMAGE)
def test_doctor_finds_damaged_customers(store: StoreBackend, path: Path, statement: str) -> None:
    store.customers.save([Customer(1, "A@b.c"), Customer(2, "É@b.c")])
    assert [check.run() for check in store.checks()]
    store.close()
    loosely(path, statement)
    with pytest.raises(StoreCorruptError) as caught:
        store.checks()[0].run()
    assert DAMAGE[statement] in caught.value.message


def loosely(path: Path, statement: str) -> None:
    """Executes a statement although the table does not allow its values: it is one without conditions."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        columns = [row[0] for row in connection.execute("SELECT name FROM pragma_table_info('customer')")]
        loose = f"CREATE TABLE customer (id INTEGER PRIMARY KEY, {', '.join(columns[1:])})"
        connection.execute("UPDATE sqlite_schema SET sql = ? WHERE name = 'customer'", [loose])
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(statement)


def test_damaged_customers_are_not_read(store: StoreBackend, path: Path) -> None:
    store.customers.save(numbered(1, 2))
    store.close()
    loosely(path, "UPDATE customer SET email = x'00' WHERE id = 2")
    reads: list[Callable[[], object]] = [
        lambda: stored(store),
        lambda: store.customers.get(2),
        lambda: list(store.customers.of(AccountSet([2]))),
        lambda: store.customers.find({"id": ["2"]}),
        lambda: store.get_account(2),
        lambda: store.get_accounts(SegmentQuery()),
    ]
    for read in reads:
        with pytest.raises(StoreCorruptError):
            read()


@pytest.mark.parametrize(
    "statement", ["UPDATE customer SET is_active = 2", "UPDATE customer SET id = 4000000000 WHERE id = 2"]
)
def test_damage_gives_no_other_account(store: StoreBackend, path: Path, statement: str) -> None:
    store.customers.save(numbered(1, 2))
    store.close()
    loosely(path, statement)
    with pytest.raises(StoreCorruptError):
        store.customers.unique("email", ["c1@example.org", "c2@example.org"])


# What is easily confused: case, forms of Unicode, white space, and how lists of texts are quoted.
LETTERS = "aAsS\u00df\u017f\u00e9e\u0301\u0130\u0131\u03a3\u03c3\u03c2"
TEXTS = st.none() | st.text(f"{LETTERS} '\"\\,{{}}\0\1\n\u00a0\x1f", max_size=3)
MANY = st.lists(
    st.builds(Customer, st.integers(1, 9), TEXTS, TEXTS, TEXTS, TEXTS, st.booleans(), st.booleans()),
    max_size=9,
)


@settings(max_examples=150, deadline=None)
@given(st.lists(MANY, min_size=1, max_size=4), st.lists(TEXTS.filter(bool), max_size=6), st.booleans())
def test_customers_are_those_of_a_plain_model(
    tmp_path_factory: pytest.TempPathFactory, saves: list[list[Customer]], texts: list[str], many: bool
) -> None:
    model: dict[int, Customer] = {}
    with closing(open_store(str(tmp_path_factory.mktemp("x") / "x.db"), timeout=10)) as store:
        with store.transaction():
            for batch in saves:
                last = {each.id: each for each in batch}
                same = sum(model.get(each.id) == each for each in last.values())
                new = len(last.keys() - model.keys())
                assert store.customers.save(batch) == Saved(new, len(last) - same - new, same)
                model |= last
        expected = [model[number] for number in sorted(model)]
        assert stored(store) == expected
        kinds: tuple[Kind, ...] = ("email", "user-name", "external-id")
        found = store.customers.find(dict.fromkeys(kinds, texts))
        for kind in kinds:
            by_key: dict[str, list[Customer]] = {}
            for key in {folded_identifier(text) for text in texts} - {""}:
                for customer in expected:
                    identifier = customer.identifier(kind)
                    if identifier is not None and folded_identifier(identifier) == key:
                        by_key.setdefault(key, []).append(customer)
            assert found[kind] == by_key
        for clause in clauses(texts, many):
            listed = store.customers.list(SegmentQuery(filter=(clause,)))
            matching = [each for each in expected if matches(each, clause)]
            assert (list(listed.items), listed.total_count) == (matching, len(matching))
            page = store.get_accounts(SegmentQuery(filter=(clause,)))
            assert [account.id for account in page.items] == [each.id for each in matching]
        store.checks()[0].run()


def clauses(texts: list[str], value: bool) -> Iterator[Clause]:
    for text in (*texts[:2], None):
        for operator in ("eq", "ne") if text is None else ("eq", "ne", "gt", "ge", "lt", "le", "cont", "sw"):
            for name in ("emailAddress", "customerSet"):
                (clause,) = parse_query(filter=f"{name} {operator} 'x'", accounts=True).filter
                yield clause._replace(value=text)
    for name in ("isActive", "isAnonymous"):
        for operator in ("eq", "ne"):
            yield from parse_query(filter=f"{name} {operator} {value}", accounts=True).filter


def matches(customer: Customer, clause: Clause) -> bool:
    mine, theirs = customer.to_json()[clause.field.name], clause.value
    if isinstance(mine, str) and isinstance(theirs, str):
        mine, theirs = folded_identifier(mine), folded_identifier(theirs)
    match clause.operator:
        case "eq":
            return bool(mine == theirs)
        case "ne":
            return bool(mine != theirs)
    if not isinstance(mine, str) or not isinstance(theirs, str):
        return False
    return {
        "gt": mine > theirs,
        "ge": mine >= theirs,
        "lt": mine < theirs,
        "le": mine <= theirs,
        "cont": theirs in mine,
        "sw": mine.startswith(theirs),
    }[clause.operator]
