"""What a look-up finds at a tenant, compared with a plain model, whether or not the tenant's filter works."""

from collections.abc import Iterator
from typing import Any, cast, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segcli.backends.customers import Wanted
from segcli.backends.tenant.backend import TenantBackend
from segcli.customer import KINDS, Customer
from tests.support.account_server import AccountServer, Filtering, folded, opened, serving

# Texts that differ, and texts that differ only in case, form or surrounding space.
TEXTS = (
    "a@x.example", "A@X.EXAMPLE", " a@x.example", "o'neil@x.example", "O'NEIL@x.example", 'say"hi"',
    "'\"both\"'", "straße", "STRASSE", "jörg", "jo\u0308rg", "ΣΑΣ", "σας", "C-7", "c-7", "7", "07", "null",
)  # fmt: skip
NEVER = ("", " ", "a\x00", "\ud800", "x" * 1900)
MEMBERS = {"external-id": "externalId", "user-name": "userName", "email": "emailAddress"}

text = st.sampled_from(TEXTS).map(lambda text: text.strip()) | st.none()
account = st.fixed_dictionaries(
    {"emailAddress": text, "userName": text, "externalId": text},
    optional={
        "customerSet": st.sampled_from(("default", "b2b")),
        "isAnonymous": st.booleans() | st.none(),
        "isActive": st.booleans(),
    },
)
wanted = st.dictionaries(st.sampled_from(KINDS), st.lists(st.sampled_from(TEXTS + NEVER), max_size=12))


@pytest.fixture(scope="module")
def tenant() -> Iterator[tuple[AccountServer, TenantBackend]]:
    with serving([]) as server, opened(server) as backend:
        yield server, backend


@settings(max_examples=150, deadline=None)
@given(
    members=st.dictionaries(st.integers(1, 30), account, max_size=15),
    wanted=wanted,
    filtering=st.sampled_from(get_args(Filtering)),
)
def test_a_look_up_finds_what_the_model_finds(
    tenant: tuple[AccountServer, TenantBackend],
    members: dict[int, dict[str, Any]],
    wanted: Wanted,
    filtering: Filtering,
) -> None:
    server, backend = tenant
    server.accounts = [{"id": number, **each} for number, each in members.items()]
    server.filtering = filtering
    if filtering == "off by one" and not members:  # it finds nothing, and there is nothing
        server.filtering = "applied"
    assert backend.customers.find(wanted) == expected(server.accounts, wanted)


def expected(accounts: list[dict[str, Any]], wanted: Wanted) -> dict[str, dict[str, list[Customer]]]:
    found: dict[str, dict[str, list[Customer]]] = {}
    for kind, texts in wanted.items():
        for each in texts:
            key = each.lstrip("0") if kind == "id" else cast(str, folded(each))
            for account in sorted(accounts, key=lambda account: cast(int, account["id"])):
                own = str(account["id"]) if kind == "id" else folded(account[MEMBERS[kind]])
                matches = found.setdefault(kind, {}).setdefault(key, [])
                if own == key and customer(account) not in matches:
                    matches.append(customer(account))
    full = {kind: {key: each for key, each in keys.items() if each} for kind, keys in found.items()}
    return {kind: keys for kind, keys in full.items() if keys}


def customer(account: dict[str, Any]) -> Customer:
    return Customer(
        account["id"],
        account["emailAddress"],
        account["userName"],
        account["externalId"],
        account.get("customerSet"),
        account.get("isAnonymous") or False,
        account.get("isActive", True),
    )
