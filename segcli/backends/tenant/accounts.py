"""GetAccounts and GetAccount of a tenant, with the segments of each account."""

from typing import Any

from segcli.backends.tenant.client import ACCOUNTS, Client
from segcli.backends.tenant.parameters import parameters
from segcli.backends.tenant.responses import (
    IDENTIFIERS,
    Response,
    read_account,
    read_customer,
    read_items,
    read_segment,
)
from segcli.errors import NotFoundError
from segcli.model import Account, Collection
from segcli.query.tree import SegmentQuery

_HEAD = "startIndex,pageSize,pageCount,totalCount"
# An account has many members that are never needed, some of them large and personal.
_FIELDS = f"id,{','.join(IDENTIFIERS)},segments"


def get_accounts(client: Client, query: SegmentQuery) -> Collection[Account]:
    """One page of the accounts that match. Raises UnavailableError."""
    params = {**parameters(query), "responseFields": f"{_HEAD},items({_FIELDS})"}
    response = client.read_collection(ACCOUNTS, params)
    total, items = read_items(response)
    accounts = tuple(_read(response, item) for item in items)
    return Collection(query.start_index, query.page_size, total, accounts)


def get_account(client: Client, account_id: int) -> Account:
    """The account with that id. Raises NotFoundError, UnavailableError."""
    response = read_one(client, account_id, _FIELDS)
    account = _read(response, response.json())
    if account.id != account_id:
        raise response.unexpected("another account", quote=False)
    return account


def read_one(client: Client, account_id: int, fields: str) -> Response:
    """The response to GetAccount. Raises NotFoundError."""
    try:
        return client.read(f"{ACCOUNTS}/{account_id}", {"responseFields": fields})
    except NotFoundError as error:
        raise NotFoundError(
            f"there is no account with id {account_id}",
            code=error.code,
            status=error.status,
            correlation_id=error.correlation_id,
        ) from error


def _read(response: Response, document: Any) -> Account:
    """An account with those of its identifiers that the tenant sent."""
    account_id, _ = read_account(response, document)
    segments = [read_segment(response, segment) for segment in document.get("segments") or []]
    customer = read_customer(response, document).to_json()
    sent = {name: customer[name] for name in IDENTIFIERS if name in document}
    ordered = tuple(sorted(segments, key=lambda segment: segment.id))
    return Account(account_id, ordered, {"id": account_id, **sent} if sent else None)
