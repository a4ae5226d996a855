"""Customers in a shared store: several clients save them at once, and connections are lost."""

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from segcli.account_set import AccountSet
from segcli.backends import open_backend
from segcli.backends.base import Backend
from segcli.backends.customers import Saved
from segcli.backends.postgresql.database import PostgresqlDatabase
from segcli.backends.target import BackendTarget
from segcli.customer import Customer
from segcli.errors import SegcliError, StoreCorruptError, UnavailableError
from segcli.query.parse import parse_query
from segcli.query.tree import SegmentQuery
from tests.postgresql.conftest import Open
from tests.postgresql.proxy import Proxy, in_front_of
from tests.support.backends import add
from tests.support.postgresql import schema_of, server

Save = Callable[[Backend], object]
CLIENTS = 4
MANY = [Customer(number, f"c{number}@example.org") for number in range(1, 2_001)]


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    with in_front_of(server().port) as proxy:
        yield proxy


@pytest.fixture
def distant(opened: Open, url: str, proxy: Proxy) -> Backend:
    """The store through the proxy."""
    return opened(url.replace(f":{server().port}", f":{proxy.port}"))


def stored(backend: Backend) -> list[Customer]:
    return list(backend.customers.list(SegmentQuery()).items)


def test_clients_that_save_the_same_customers_at_once_all_succeed(url: str, backend: Backend) -> None:
    """In batches and in any order: they would wait for each other's rows."""
    add(backend, "VIP")
    errors: list[SegcliError] = []
    added: list[int] = []

    def save(seed: int) -> None:
        customers = random.Random(seed).sample(MANY, len(MANY))
        with closing(open_backend(BackendTarget(url, 30))) as client:
            try:
                with client.transaction(), client.customers.bulk():
                    for start in range(0, len(MANY), 250):
                        added.append(client.customers.save(customers[start : start + 250]).added)
                for start in range(0, len(MANY), 500):
                    client.customers.save(customers[start : start + 500])
            except SegcliError as error:
                errors.append(error)

    threads = [threading.Thread(target=save, args=[seed]) for seed in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert sum(added) == len(MANY)
    assert stored(backend) == MANY


def test_large_values_and_many_rows(backend: Backend) -> None:
    texts = [f"{number}-" + "ÿ\1\0'\"\\{,}" * 20 for number in range(3_000)]
    customers = [
        Customer(number, text, text.upper(), text[::-1], text) for number, text in enumerate(texts, 1)
    ]
    assert backend.customers.save(customers) == Saved(3_000, 0, 0)
    assert backend.customers.save(customers) == Saved(0, 0, 3_000)
    assert stored(backend) == customers
    found = backend.customers.find({"user-name": texts, "email": texts[:2]})
    assert sorted(customer for key in found["user-name"].values() for customer in key) == customers
    assert len(found["email"]) == 2
    assert list(backend.customers.of(AccountSet(range(2_990, 9_999)))) == customers[2_989:]
    assert [check.run() for check in backend.checks()]


SAVES: dict[str, Save] = {
    "save": lambda backend: backend.customers.save(MANY[:5]),
    "many": lambda backend: save_many(backend),
}


def save_many(backend: Backend) -> None:
    with backend.transaction(), backend.customers.bulk():
        backend.customers.save(MANY[:3])
        backend.customers.save(MANY[3:5])


@pytest.mark.parametrize("save", SAVES.values(), ids=SAVES)
def test_a_commit_whose_answer_is_lost_is_a_success(
    backend: Backend, distant: Backend, proxy: Proxy, save: Save
) -> None:
    backend.customers.save([Customer(99)])
    proxy.cut, proxy.arrives = b"COMMIT\0", True
    save(distant)
    assert proxy.cuts == 1
    assert stored(backend) == [*MANY[:5], Customer(99)]


@pytest.mark.parametrize("statement", [b"COMMIT\0", b"INSERT INTO customer"])
@pytest.mark.parametrize("save", SAVES.values(), ids=SAVES)
def test_a_commit_that_does_not_arrive_has_changed_nothing(
    backend: Backend, distant: Backend, proxy: Proxy, save: Save, statement: bytes
) -> None:
    backend.customers.save([Customer(99)])
    proxy.cut, proxy.arrives = statement, False
    with pytest.raises(UnavailableError, match="nothing was changed"):
        save(distant)
    assert (proxy.cuts, stored(backend)) == (1, [Customer(99)])
    save(distant)
    assert stored(backend) == [*MANY[:5], Customer(99)]


def test_a_commit_whose_answer_is_lost_is_not_known_if_others_saved_customers(
    backend: Backend, distant: Backend, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then nothing tells any more whether it was saved before that."""
    backend.customers.save([Customer(99)])
    find_out = PostgresqlDatabase._find_out

    def others_first(database: PostgresqlDatabase, was_saved: Callable[..., bool]) -> bool:
        backend.customers.save([Customer(98)])
        return find_out(database, was_saved)

    monkeypatch.setattr(PostgresqlDatabase, "_find_out", others_first)
    proxy.cut, proxy.arrives = b"COMMIT\0", True
    with pytest.raises(UnavailableError, match="it may be saved or not") as caught:
        distant.customers.save(MANY[:1])
    assert "nothing was changed" not in caught.value.message


def test_accounts_are_filtered_where_the_tables_do_not_exist(backend: Backend) -> None:
    query = parse_query(filter="emailAddress eq 'a@b.c' and isActive ne false", accounts=True)
    assert backend.get_accounts(query).items == ()
    assert backend.customers.is_empty()
    assert backend.customers.save(MANY, dry_run=True) == Saved(len(MANY), 0, 0)


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE {}.customer SET email_folded = 'x'",
        "UPDATE {}.customer SET email = 'ä'",
        "DELETE FROM {}.customer_version",
    ],
)
def test_damage_is_reported(opened: Open, url: str, backend: Backend, damage: str) -> None:
    backend.customers.save(MANY[:2])
    server().sql(damage.format(schema_of(url)))
    with pytest.raises(StoreCorruptError, match="is damaged"):
        [check.run() for check in opened().checks()]


def test_forgotten_customers_are_gone(backend: Backend) -> None:
    backend.customers.save(MANY)
    (vip,) = add(backend, "VIP")
    backend.add_segment_accounts(vip.id, AccountSet([1, 2]))
    found = backend.upkeep.forget(AccountSet([2, 3, 5_000]), dry_run=False)
    assert (found.segments, found.customers) == (1, 2)
    assert stored(backend) == [MANY[0], *MANY[3:]]
