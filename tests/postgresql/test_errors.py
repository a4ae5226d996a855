"""What goes wrong with a server is reported with its cause, its exit code and what to do."""

import socket

import pytest

from segcli.account_set import AccountSet
from segcli.backends.base import Backend
from segcli.errors import (
    ForbiddenError,
    NotFoundError,
    SegcliError,
    StoreCorruptError,
    StoreError,
    StoreLockedError,
    StoreNewerError,
    UnauthorizedError,
    UnavailableError,
    UsageError,
)
from segcli.model import SegmentDraft
from segcli.query.tree import SegmentQuery
from tests.postgresql.conftest import Open
from tests.support.backends import add, codes, members
from tests.support.command import Segments
from tests.support.postgresql import new_role, schema_of, server, server_url


def failure(opened: Open, url: str, timeout: float = 5) -> SegcliError:
    with pytest.raises(SegcliError) as caught:
        opened(url, timeout).get_segments(SegmentQuery())
    return caught.value


def test_a_server_that_refuses_is_not_waited_for(opened: Open) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    error = failure(opened, f"postgresql://u@127.0.0.1:{port}/db", timeout=3_600)
    assert isinstance(error, UnavailableError)
    assert error.message.startswith(f"cannot connect to the store postgresql://u@127.0.0.1:{port}/db: ")
    assert "Connection refused" in error.message


def test_a_server_that_does_not_answer_is_waited_for_until_the_timeout(opened: Open) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        error = failure(opened, f"postgresql://127.0.0.1:{silent.getsockname()[1]}/db", timeout=0.2)
    assert isinstance(error, UnavailableError)
    assert "timeout expired" in error.message


def test_of_several_hosts_one_that_hangs_and_one_that_refuses_are_passed_over(opened: Open) -> None:
    with socket.socket() as silent, socket.socket() as closed:
        for each in (silent, closed):
            each.bind(("127.0.0.1", 0))
        silent.listen()
        ports = [silent.getsockname()[1], closed.getsockname()[1], server().port]
        hosts = ",".join(f"127.0.0.1:{port}" for port in ports)
        backend = opened(
            f"postgresql://postgres@{hosts}/postgres?target_session_attrs=read-write&connect_timeout=1"
        )
        assert codes(backend) == []


def test_a_password_that_is_wrong_is_refused_and_never_shown(opened: Open) -> None:
    role = new_role("LOGIN PASSWORD 'right'")
    port = server().port
    error = failure(opened, f"postgresql://{role}:wr0ng@127.0.0.1:{port}/secured")
    assert isinstance(error, UnauthorizedError)
    assert "password authentication failed" in error.message
    assert f"postgresql://{role}:***@127.0.0.1:{port}/secured" in error.message
    assert "wr0ng" not in error.message
    assert codes(opened(f"postgresql://{role}:right@127.0.0.1:{port}/secured")) == []


def test_an_unknown_role_and_an_unknown_database(opened: Open) -> None:
    assert isinstance(failure(opened, server_url(user="nobody_here")), UnauthorizedError)
    assert isinstance(failure(opened, server_url("no_such_database")), UsageError)


@pytest.mark.parametrize("url", ["postgresql://h:port/db", "postgresql://h/db?sslmode=maybe"])
def test_a_value_in_a_url_that_is_not_valid(opened: Open, url: str) -> None:
    error = failure(opened, url)
    assert isinstance(error, UsageError)
    assert "invalid" in error.message


@pytest.mark.parametrize("url", ["postgresql://[h/db", "postgresql://h/db?colour=red", "postgresql:x"])
def test_a_url_that_is_not_valid(opened: Open, url: str) -> None:
    with pytest.raises(UsageError, match="is not a PostgreSQL URL"):
        opened(url)


def test_a_role_that_may_not_create_the_tables_gets_the_statements(opened: Open, url: str) -> None:
    role = new_role("LOGIN")
    mine = url.replace("postgres@", f"{role}@")
    assert codes(opened(mine)) == []
    with pytest.raises(ForbiddenError) as caught:
        opened(mine).add_segment(SegmentDraft("VIP"))
    assert caught.value.exit_code == 5
    (statement,) = caught.value.detail
    assert statement == f'CREATE SCHEMA "{schema_of(url)}" AUTHORIZATION "{role}";'
    server().sql(statement)
    add(opened(mine), "VIP")
    assert codes(opened(mine)) == ["VIP"]


def test_a_role_that_may_not_use_the_tables_gets_the_statements(
    opened: Open, url: str, backend: Backend
) -> None:
    add(backend, "VIP")
    role = new_role("LOGIN")
    mine = url.replace("postgres@", f"{role}@")
    with pytest.raises(ForbiddenError) as caught:
        codes(opened(mine))
    assert "may not use the schema" in caught.value.message
    server().sql(caught.value.detail[0])
    with pytest.raises(ForbiddenError) as caught:
        codes(opened(mine))
    for statement in caught.value.detail:
        server().sql(statement)
    add(opened(mine), "STAFF")
    assert codes(opened(mine)) == ["VIP", "STAFF"]


@pytest.mark.parametrize(
    ("number", "expected"), [(99, StoreNewerError), (1, StoreError), (0, StoreCorruptError)]
)
def test_another_format_is_refused(
    opened: Open, url: str, backend: Backend, number: int, expected: type[SegcliError]
) -> None:
    add(backend, "VIP")
    server().sql(f"UPDATE {schema_of(url)}.segcli_format SET number = {number}")
    for use in (codes, lambda each: add(each, "STAFF"), lambda each: each.get_segment(1)):
        with pytest.raises(expected) as caught:
            use(opened())
        assert caught.value.exit_code == 7
    for again in (  # by a connection that has used it
        lambda: add(backend, "STAFF"),
        lambda: backend.get_segments(SegmentQuery()),
        lambda: backend.get_segment(1),
    ):
        with pytest.raises(expected):
            again()


def test_a_store_that_was_deleted_is_empty(url: str, backend: Backend) -> None:
    add(backend, "VIP")
    assert backend.get_segments(SegmentQuery()).total_count == 1
    server().sql(f"DROP SCHEMA {schema_of(url)} CASCADE")
    assert backend.get_segments(SegmentQuery()).total_count == 0
    with pytest.raises(NotFoundError):
        backend.get_segment(1)
    add(backend, "STAFF")
    assert codes(backend) == ["STAFF"]


def test_a_server_that_is_read_only_is_read_and_not_written(opened: Open, url: str, backend: Backend) -> None:
    add(backend, "VIP")
    standby = opened(f"{url}%20-cdefault_transaction_read_only=on")
    assert codes(standby) == ["VIP"]
    with pytest.raises(UnavailableError, match=r"cannot be written.*nothing was changed"):
        standby.add_segment(SegmentDraft("NEW"))


def test_without_the_driver_the_error_says_how_to_install_it(segments: Segments) -> None:
    """As if it were not installed: a folder before all others has a package without it."""
    missing = segments.home / "missing" / "psycopg2"
    missing.mkdir(parents=True)
    (missing / "__init__.py").write_text("raise ImportError")
    done = segments("list", "--backend", "postgresql://h/db", PYTHONPATH=str(missing.parent))
    assert done.code == 2
    assert "pip install '.[postgres]'" in done.stderr


def test_a_writer_waits_for_another_one_until_the_timeout(opened: Open, backend: Backend) -> None:
    vip, staff = add(backend, "VIP", "STAFF")
    with backend.transaction():
        backend.update_segment(vip.id, SegmentDraft("GOLD"))
        other = opened(timeout=0.2)
        with pytest.raises(StoreLockedError) as caught:
            other.update_segment(vip.id, SegmentDraft("SILVER"))
        assert "another process has been writing for 0.2 s" in caught.value.message
        other.update_segment(staff.id, SegmentDraft("CREW"))
    assert codes(backend) == ["GOLD", "CREW"]


@pytest.mark.parametrize(
    "damage",
    [
        "DROP TABLE {0}.membership",
        "UPDATE {0}.membership SET checksum = 1",
        "UPDATE {0}.membership SET accounts = '\\x00'",
        "DELETE FROM {0}.membership_size",
        "UPDATE {0}.membership_size SET accounts = 5",
    ],
)
def test_damage_is_reported(opened: Open, url: str, backend: Backend, damage: str) -> None:
    (vip,) = add(backend, "VIP")
    backend.add_segment_accounts(vip.id, AccountSet([1, 2]))
    server().sql(damage.format(schema_of(url)))
    with pytest.raises(StoreCorruptError, match="is damaged"):
        members(opened(), vip)
    with pytest.raises(StoreCorruptError, match="is damaged"):
        opened().checks()[1].run()
