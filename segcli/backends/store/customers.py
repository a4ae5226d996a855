"""The customers that a store knows: looked up, listed and saved."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from itertools import islice
from typing import TYPE_CHECKING, TypeAlias

from segcli.account_set import NO_ACCOUNTS, AccountSet
from segcli.backends.base import ReportProgress, ignore_progress
from segcli.backends.customers import CustomerList, Forecast, Found, Saved, Wanted
from segcli.backends.store import customer_rows
from segcli.backends.store.accounts import KnownAccounts, filter_by_members, no_account
from segcli.backends.store.customer_rows import COLUMNS, IS_EMPTY, fold_all, read_columns, read_rows
from segcli.backends.store.rows import require_id
from segcli.backends.store.tables import CUSTOMER_INDEXES, compared
from segcli.customer import Customer, Kind, id_key
from segcli.query.tree import SegmentQuery
from segcli.text import find_surrogate

if TYPE_CHECKING:
    from segcli.backends.store.database import Connection, Database
    from segcli.backends.store.dialect import Parameter
    from segcli.backends.store.recorder import Recorder

_FoundTexts: TypeAlias = dict[str, list[Customer]]
_BATCH = 20_000  # identifiers in one statement
_NO_LIMIT = 2**63 - 1  # rows
_MANY = 8  # the indexes are made again if one in so many customers is written
_COLUMN_OF: dict[Kind, str] = {"external-id": "external_id", "user-name": "user_name", "email": "email"}


class _Bulk:
    """What is known while many customers are saved: all ids, and how many rows were written."""

    def __init__(self, *, drops_indexes: bool) -> None:
        self.ids: AccountSet | None = None
        self.written = 0
        self.drops_indexes = drops_indexes
        self.stack = ExitStack()


class StoreCustomers:
    """`writing` is a transaction of the backend: its connection, and what records the changes in it."""

    def __init__(
        self,
        database: "Database",
        writing: "Callable[[], AbstractContextManager[tuple[Connection, Recorder]]]",
    ) -> None:
        self._database = database
        self._writing = writing
        self._bulk: _Bulk | None = None

    def is_empty(self) -> bool:
        with self._database.read() as connection:
            return bool(connection.execute(IS_EMPTY).fetchall()[0][0])

    def get(self, account_id: int) -> Customer:
        with self._database.read() as connection:
            sql = f"SELECT {COLUMNS} FROM customer WHERE id = ?"
            for customer in read_rows(connection.execute(sql, [account_id]).fetchall()):
                return customer
        raise no_account(account_id)

    def list(self, query: SegmentQuery, limit: int | None = None) -> CustomerList:
        dialect = self._database.dialect
        of_members = [clause for clause in query.filter if clause.field.many]
        plain = tuple(clause for clause in query.filter if not clause.field.many)
        condition, values = customer_rows.condition(plain, dialect)
        stop = None if limit is None else query.start_index + limit
        page = NO_ACCOUNTS

        def count(connection: "Connection") -> int:
            if not of_members:
                rows = connection.execute(f"SELECT count(*) FROM customer WHERE {condition}", values)
                return int(rows.fetchall()[0][0])
            nonlocal page
            customers = customer_rows.read_ids(connection, condition, values)
            found = filter_by_members(connection, KnownAccounts(), of_members, customers)
            page = found[query.start_index : stop]
            return len(found)

        def read(connection: "Connection") -> Iterator[Customer]:
            if of_members:
                return customer_rows.read_some(connection, dialect, page)
            rows = connection.execute(
                f"SELECT {COLUMNS} FROM customer WHERE {condition} ORDER BY id LIMIT ? OFFSET ?",
                [*values, _NO_LIMIT if limit is None else limit, query.start_index],
            )
            return read_rows(rows)

        return CustomerList(*self._database.stream(count, read))

    def find(
        self,
        wanted: Wanted,
        report: ReportProgress = ignore_progress,
        forecast: Forecast | None = None,
    ) -> Found:
        total, done = sum(map(len, wanted.values())), 0
        found: dict[Kind, _FoundTexts] = {}
        with self._database.snapshot() as connection:
            for kind, texts in wanted.items():
                found[kind] = {}
                remaining = iter(texts)
                while some := list(islice(remaining, _BATCH)):
                    if kind == "id":
                        self._find_ids(connection, some, found[kind])
                    else:
                        self._find_texts(connection, _COLUMN_OF[kind], some, found[kind])
                    done += len(some)
                    report(done, total)
                for several in found[kind].values():
                    if len(several) > 1:
                        several.sort()  # by id, as not every database returns them
        return found

    def unique(self, kind: Kind, texts: Collection[str]) -> Mapping[str, int]:
        dialect, key = self._database.dialect, compared(_COLUMN_OF[kind])
        sql = (
            f"SELECT value, CASE is_active WHEN 1 THEN customer.id WHEN 0 THEN 0 END FROM {dialect.texts}"
            f" CROSS JOIN customer WHERE {key} = value"
        )
        keys = sorted(set(fold_all(list(texts))))  # neighbors in the index, which is read once
        with self._database.read() as connection:
            rows = connection.execute(sql, [dialect.to_texts(keys)]).fetchall()
            found: dict[str, int] = dict(rows)
            if not {int}.issuperset(map(type, found.values())):
                raise TypeError("a customer is neither active nor inactive")
            ids = list(filter(None, found.values()))
            for end in (min, max) if ids else ():
                require_id(end(ids))
        if len(found) < len(rows):
            seen: set[str] = set()
            for text, _ in rows:
                if text in seen:
                    found.pop(text, None)
                seen.add(text)
        if not all(found.values()):
            found = {text: account_id for text, account_id in found.items() if account_id}
        return found

    def of(self, accounts: AccountSet, report: ReportProgress = ignore_progress) -> Iterator[Customer]:
        total = len(accounts)

        def reported() -> Iterator[int]:
            for done, account_id in enumerate(accounts, start=1):
                if done % _BATCH == 0 or done == total:
                    report(done, total)
                yield account_id

        _, customers = self._database.stream(
            lambda connection: 0,
            lambda connection: customer_rows.read_some(connection, self._database.dialect, reported()),
        )
        return customers

    def count_unknown(self, accounts: AccountSet) -> int | None:
        with self._database.snapshot() as connection:
            if connection.execute(IS_EMPTY).fetchall()[0][0]:
                return None
            if len(accounts) > _BATCH:
                return len(accounts - customer_rows.read_ids(connection))
            known = customer_rows.read_some(connection, self._database.dialect, accounts)
            return len(accounts) - sum(1 for _ in known)

    @contextmanager
    def bulk(self) -> Iterator[None]:
        bulk = self._bulk = _Bulk(drops_indexes=self._database.in_transaction)
        try:
            with bulk.stack:
                yield
        finally:
            self._bulk = None

    def save(self, customers: Sequence[Customer], *, dry_run: bool = False) -> Saved:
        by_id = {customer[0]: customer for customer in customers}
        if len(by_id) != len(customers):
            customers = list(by_id.values())
        if not customers:
            return Saved(0, 0, 0)
        customer_rows.require_text(customers)
        if dry_run:
            with self._database.snapshot() as connection:
                return self._save(connection, customers, dry_run=True)
        with self._writing() as (connection, recorder):
            recorder.customers(customer_rows.lock(connection, self._database.dialect))
            return self._save(connection, customers, dry_run=False)

    def _save(self, connection: "Connection", customers: Sequence[Customer], *, dry_run: bool) -> Saved:
        bulk, dialect = self._bulk, self._database.dialect
        ids = AccountSet([customer[0] for customer in customers])
        if bulk is None:
            return customer_rows.save(connection, dialect, customers, ids, dry_run=dry_run)
        if bulk.ids is None:
            bulk.ids = customer_rows.read_ids(connection)
        bulk.written += len(customers)
        if bulk.drops_indexes and not dry_run and bulk.written * _MANY > len(bulk.ids):
            bulk.stack.enter_context(self._database.without_indexes(connection, CUSTOMER_INDEXES))
            bulk.drops_indexes = False
        saved = customer_rows.save(connection, dialect, customers, ids & bulk.ids, dry_run=dry_run)
        bulk.ids |= ids
        return saved

    def _find_ids(self, connection: "Connection", texts: Sequence[str], found: "_FoundTexts") -> None:
        keys = filter(None, map(id_key, texts))
        for customer in customer_rows.read_some(
            connection, self._database.dialect, sorted(set(map(int, keys)))
        ):
            found[str(customer.id)] = [customer]

    def _find_texts(
        self, connection: "Connection", column: str, texts: Sequence[str], found: "_FoundTexts"
    ) -> None:
        dialect = self._database.dialect
        keys = set(fold_all(texts)) - found.keys() - {""}
        if find_surrogate("".join(texts)) is not None:
            keys = {key for key in keys if find_surrogate(key) is None}
        unlisted = {key for key in keys if "\0" in key}
        conditions: list[tuple[str, Parameter]] = [("= ?", key) for key in unlisted]
        if keys != unlisted:
            conditions.append((dialect.in_texts, dialect.to_texts(keys - unlisted)))
        for condition, value in conditions:
            rows = connection.execute(
                f"SELECT {compared(column)}, {COLUMNS} FROM customer WHERE {compared(column)} {condition}",
                [value],
            )
            columns = list(zip(*rows, strict=True))
            if columns:
                for key, customer in zip(columns[0], read_columns(columns[1:]), strict=True):
                    found.setdefault(key, []).append(customer)
