"""The contract's operations: where each is found, what it takes and answers, and the call it is."""

from collections.abc import Callable
from typing import Generic, Literal, NamedTuple, TypeVar

from segcli.backends.base import Backend
from segcli.model import AccountCollection, SegmentCollection
from segcli.server.calls import Call, read_account_ids, read_draft
from segcli.server.responses import Json
from segcli.server.tenant import Tenant
from segcli.server.tickets import Tickets

Subject = TypeVar("Subject")

_MASKED = ("responseFields",)
_PAGED = ("startIndex", "pageSize", "sortBy", "filter", "responseFields")
_PAGED_BY_ID = ("startIndex", "pageSize", "filter", "responseFields")


class Operation(NamedTuple, Generic[Subject]):
    """One of the contract's tables, "Operations" and "Hosts, authentication, headers".

    `act` is carried out on its subject. `body` and `answer` name schemas of the OpenAPI document
    (None: no body), `statuses` are those of its errors that others do not share. A `brief` one reads a
    single row by its key.
    """

    name: str
    method: Literal["GET", "POST", "PUT", "DELETE"]
    path: str
    act: Callable[[Subject, Call], Json]
    parameters: tuple[str, ...] = ()
    body: str | None = None
    answer: str | None = None
    statuses: tuple[int, ...] = ()
    brief: bool = False

    @property
    def status(self) -> int:
        return 204 if self.answer is None else 200

    @property
    def writes(self) -> bool:
        return self.method != "GET"


def _page(page: SegmentCollection | AccountCollection) -> Json:
    return {**page.head(), "items": [item.to_json() for item in page.items]}


_SEGMENTS = "/commerce/customer/segments"
_SEGMENT = _SEGMENTS + "/{id}"
_ACCOUNTS = "/commerce/customer/accounts"
_AUTH_TICKETS = "/platform/applications/authtickets"

SEGMENT_OPERATIONS: tuple[Operation[Backend], ...] = (
    Operation(
        "GetSegments",
        "GET",
        _SEGMENTS,
        lambda backend, call: _page(backend.get_segments(call.query)),
        parameters=_PAGED,
        answer="CustomerSegmentCollection",
    ),
    Operation(
        "AddSegment",
        "POST",
        _SEGMENTS,
        lambda backend, call: backend.add_segment(read_draft(call.body)).to_json(),
        parameters=_MASKED,
        body="CustomerSegmentDraft",
        answer="CustomerSegment",
        statuses=(409,),
    ),
    Operation(
        "GetSegment",
        "GET",
        _SEGMENT,
        lambda backend, call: backend.get_segment(call.id("id")).to_json(),
        parameters=_MASKED,
        answer="CustomerSegment",
        statuses=(404,),
        brief=True,
    ),
    Operation(
        "UpdateSegment",
        "PUT",
        _SEGMENT,
        lambda backend, call: backend.update_segment(call.id("id"), read_draft(call.body)).to_json(),
        parameters=_MASKED,
        body="CustomerSegmentDraft",
        answer="CustomerSegment",
        statuses=(404, 409),
    ),
    Operation(
        "DeleteSegment",
        "DELETE",
        _SEGMENT,
        lambda backend, call: backend.delete_segment(call.id("id")),
        statuses=(404,),
    ),
    Operation(
        "AddSegmentAccounts",
        "POST",
        _SEGMENT + "/accounts",
        lambda backend, call: backend.add_segment_accounts(call.id("id"), read_account_ids(call.body)),
        parameters=_MASKED,
        body="AccountIds",
        statuses=(404,),
    ),
    Operation(
        "RemoveSegmentAccount",
        "DELETE",
        _SEGMENT + "/accounts/{accountId}",
        lambda backend, call: backend.remove_segment_account(call.id("id"), call.id("accountId")),
        statuses=(409,),
    ),
    Operation(
        "GetAccountSegments",
        "GET",
        _ACCOUNTS + "/{accountId}/segments",
        lambda backend, call: _page(backend.get_account_segments(call.id("accountId"), call.query)),
        parameters=_PAGED,
        answer="CustomerSegmentCollection",
    ),
    Operation(
        "GetAccounts",
        "GET",
        _ACCOUNTS,
        lambda backend, call: _page(backend.get_accounts(call.query)),
        parameters=_PAGED_BY_ID,
        answer="CustomerAccountCollection",
    ),
)

TICKET_OPERATIONS: tuple[Operation[Tickets], ...] = (
    Operation(
        "OauthAuthenticateApp",
        "POST",
        _AUTH_TICKETS + "/oauth",
        Tickets.oauth,
        parameters=_MASKED,
        body="OauthAuthRequest",
        answer="OAuthAccessTokenResponse",
        statuses=(401,),
    ),
    Operation(
        "AuthenticateApp",
        "POST",
        _AUTH_TICKETS,
        Tickets.authenticate,
        parameters=_MASKED,
        body="AppAuthInfo",
        answer="AuthTicket",
        statuses=(401,),
    ),
    Operation(
        "RefreshAppAuthTicket",
        "PUT",
        _AUTH_TICKETS + "/refresh-ticket",
        Tickets.refresh,
        parameters=_MASKED,
        body="AuthTicketRequest",
        answer="AuthTicket",
        statuses=(401,),
    ),
    Operation("DeleteAppAuthTicket", "DELETE", _AUTH_TICKETS + "/{refreshToken}", Tickets.delete),
)

TENANT_OPERATIONS: tuple[Operation[Tenant], ...] = (
    Operation("GetTenant", "GET", "/platform/tenants/{tenant}", Tenant.look_up, _MASKED, answer="Tenant"),
)
