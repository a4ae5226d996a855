"""The contract's operations: method and path, parameters, schemas, and the call that executes each."""

from collections.abc import Callable
from typing import Generic, Literal, NamedTuple, TypeVar

from segcli.backends.base import Backend
from segcli.model import Account, Collection, Segment
from segcli.result import Json
from segcli.server.auth_tickets import TicketIssuer
from segcli.server.calls import Call, read_account_ids, read_draft
from segcli.server.tenant import Tenant

Subject = TypeVar("Subject")

_FIELDS = ("responseFields",)
_PAGED = ("startIndex", "pageSize", "sortBy", "filter", "responseFields")


class Operation(NamedTuple, Generic[Subject]):
    """A row of the contract's tables (sections "Operations" and "Hosts, authentication, headers").

    `execute` is called with the subject that has the operation (a backend, the tenant, the issuer of
    tickets) and returns JSON. `parameters` are those of the query. The schemas are names in the OpenAPI
    document; None for no body. `error_statuses` are those that not all operations have. `reads_one_row`:
    one segment by its id, which takes microseconds in a local store. `of_accounts`: the query is that of
    GetAccounts.
    """

    name: str
    method: Literal["GET", "POST", "PUT", "DELETE"]
    path: str
    execute: Callable[[Subject, Call], Json]
    parameters: tuple[str, ...] = ()
    body_schema: str | None = None
    response_schema: str | None = None
    error_statuses: tuple[int, ...] = ()
    reads_one_row: bool = False
    of_accounts: bool = False

    @property
    def status(self) -> int:
        """The HTTP status of a successful response."""
        return 204 if self.response_schema is None else 200

    @property
    def writes(self) -> bool:
        """Whether it may change the backend."""
        return self.method != "GET"


def _page(page: Collection[Segment] | Collection[Account]) -> Json:
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
        response_schema="CustomerSegmentCollection",
    ),
    Operation(
        "AddSegment",
        "POST",
        _SEGMENTS,
        lambda backend, call: backend.add_segment(read_draft(call.body)).to_json(),
        parameters=_FIELDS,
        body_schema="CustomerSegmentDraft",
        response_schema="CustomerSegment",
        error_statuses=(409,),
    ),
    Operation(
        "GetSegment",
        "GET",
        _SEGMENT,
        lambda backend, call: backend.get_segment(call.path_id("id")).to_json(),
        parameters=_FIELDS,
        response_schema="CustomerSegment",
        error_statuses=(404,),
        reads_one_row=True,
    ),
    Operation(
        "UpdateSegment",
        "PUT",
        _SEGMENT,
        lambda backend, call: backend.update_segment(call.path_id("id"), read_draft(call.body)).to_json(),
        parameters=_FIELDS,
        body_schema="CustomerSegmentDraft",
        response_schema="CustomerSegment",
        error_statuses=(404, 409),
    ),
    Operation(
        "DeleteSegment",
        "DELETE",
        _SEGMENT,
        lambda backend, call: backend.delete_segment(call.path_id("id")),
        error_statuses=(404,),
    ),
    Operation(
        "AddSegmentAccounts",
        "POST",
        _SEGMENT + "/accounts",
        lambda backend, call: backend.add_segment_accounts(call.path_id("id"), read_account_ids(call.body)),
        parameters=_FIELDS,
        body_schema="AccountIds",
        error_statuses=(404,),
    ),
    Operation(
        "RemoveSegmentAccount",
        "DELETE",
        _SEGMENT + "/accounts/{accountId}",
        lambda backend, call: backend.remove_segment_account(call.path_id("id"), call.path_id("accountId")),
        error_statuses=(409,),
    ),
    Operation(
        "GetAccountSegments",
        "GET",
        _ACCOUNTS + "/{accountId}/segments",
        lambda backend, call: _page(backend.get_account_segments(call.path_id("accountId"), call.query)),
        parameters=_PAGED,
        response_schema="CustomerSegmentCollection",
    ),
    Operation(
        "GetAccounts",
        "GET",
        _ACCOUNTS,
        lambda backend, call: _page(backend.get_accounts(call.query)),
        parameters=(*_PAGED, "isAnonymous"),
        response_schema="CustomerAccountCollection",
        of_accounts=True,
    ),
    Operation(
        "GetAccount",
        "GET",
        _ACCOUNTS + "/{accountId}",
        lambda backend, call: backend.get_account(call.path_id("accountId")).to_json(),
        parameters=_FIELDS,
        response_schema="CustomerAccount",
        error_statuses=(404,),
        of_accounts=True,
    ),
)

TICKET_OPERATIONS: tuple[Operation[TicketIssuer], ...] = (
    Operation(
        "OauthAuthenticateApp",
        "POST",
        _AUTH_TICKETS + "/oauth",
        TicketIssuer.authenticate_oauth,
        parameters=_FIELDS,
        body_schema="OauthAuthRequest",
        response_schema="OAuthAccessTokenResponse",
        error_statuses=(401,),
    ),
    Operation(
        "AuthenticateApp",
        "POST",
        _AUTH_TICKETS,
        TicketIssuer.authenticate,
        parameters=_FIELDS,
        body_schema="AppAuthInfo",
        response_schema="AuthTicket",
        error_statuses=(401,),
    ),
    Operation(
        "RefreshAppAuthTicket",
        "PUT",
        _AUTH_TICKETS + "/refresh-ticket",
        TicketIssuer.refresh,
        parameters=_FIELDS,
        body_schema="AuthTicketRequest",
        response_schema="AuthTicket",
        error_statuses=(401,),
    ),
    Operation("DeleteAppAuthTicket", "DELETE", _AUTH_TICKETS + "/{refreshToken}", TicketIssuer.delete),
)

TENANT_OPERATIONS: tuple[Operation[Tenant], ...] = (
    Operation(
        "GetTenant", "GET", "/platform/tenants/{tenant}", Tenant.get_tenant, _FIELDS, response_schema="Tenant"
    ),
)
