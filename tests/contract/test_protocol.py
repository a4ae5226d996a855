"""Every backend is a Backend: to mypy by its type, and at run time by its methods and their parameters."""

import inspect
from importlib import import_module

import pytest

from segcli.account_set import AccountSet
from segcli.backends import SCHEMES, Package
from segcli.backends.base import Backend
from segcli.backends.store.backend import StoreBackend
from segcli.backends.tenant.backend import TenantBackend
from segcli.query.tree import SegmentQuery
from tests.contract.helpers import add, codes, members

# What is checked here is checked by mypy: a class that lacks a method or differs in a type fails it.
CLASSES: tuple[type[Backend], ...] = (StoreBackend, TenantBackend)
METHODS = [name for name, _ in inspect.getmembers(Backend, inspect.isfunction) if not name.startswith("_")]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: str(kind.__name__))
def test_a_method_has_the_signature_of_the_protocol(kind: type[Backend], method: str) -> None:
    """By name too, and with the same defaults."""
    promised = inspect.signature(getattr(Backend, method)).parameters.values()
    offered = inspect.signature(getattr(kind, method)).parameters.values()
    assert [(p.name, p.kind, p.default) for p in offered] == [(p.name, p.kind, p.default) for p in promised]


def test_closing_an_unused_backend_twice_changes_nothing(backend: Backend, another: Backend) -> None:
    add(another, "VIP")
    backend.close()
    backend.close()
    assert codes(another) == ["VIP"]


def test_writes_survive_closing_the_backend(backend: Backend, another: Backend) -> None:
    (vip,) = add(backend, "VIP")
    backend.add_segment_accounts(vip.id, AccountSet([1, 2]))
    backend.close()
    assert another.get_segments(SegmentQuery()).items == (vip,)
    assert members(another, vip) == [1, 2]


def test_a_healthy_backend_passes_its_own_checks(backend: Backend) -> None:
    for held in ([], ["VIP"]):
        add(backend, *held)
        checks = backend.checks()
        assert all(check.run() for check in checks)
        names = [check.name for check in checks]
        assert names
        assert len(set(names)) == len(names)


def test_checks_write_nothing(backend: Backend) -> None:
    for check in backend.checks():
        check.run()
    assert codes(backend) == []


def test_what_a_backend_can_do_is_known_before_its_first_use(backend: Backend) -> None:
    assert isinstance(backend.atomic, bool)
    assert isinstance(backend.reads_are_local, bool)
    assert backend.retries == 0
    assert backend.place


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_package_of_each_scheme_defines_what_a_package_must(scheme: str) -> None:
    package = import_module(SCHEMES[scheme].package)
    for name in ("open_backend", "normalize_url"):
        expected = inspect.signature(getattr(Package, name)).parameters
        assert list(inspect.signature(getattr(package, name)).parameters) == list(expected)[1:]
