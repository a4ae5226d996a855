"""The arguments of an operation, parsed from path, query and body (contract, section "Operations")."""

import json
import re
from collections.abc import Mapping
from typing import NamedTuple

from segcli.account_set import AccountSet
from segcli.errors import UsageError
from segcli.model import INT32_MAX, SegmentDraft
from segcli.query.parse import parse_query
from segcli.query.response_fields import in_any_case
from segcli.query.tree import ACCOUNT_FIELDS, Clause, Mask, SegmentQuery
from segcli.query.values import read_value
from segcli.result import Json
from segcli.server.responses import invalid

MAX_ACCOUNTS = 100_000  # ids in one AddSegmentAccounts request
_INTEGER = re.compile(r"-?[0-9]{1,10}")


class Call(NamedTuple):
    """What an operation is called with.

    `path` has the path parameters by name, still as text. `body` is the parsed JSON, not yet validated;
    None if the operation has none. `host` is the host[:port] that the client connected to.
    """

    path: Mapping[str, str]
    query: SegmentQuery
    body: Json
    host: str

    def path_id(self, name: str) -> int:
        """A path parameter as an int32. Raises ProblemError."""
        return _int32(name, self.path[name])

    @property
    def mask(self) -> Mask | None:
        """The fields to respond with (responseFields); None for all."""
        return self.query.fields


def read_query(
    parameters: Mapping[str, str | list[str]], known: tuple[str, ...], *, accounts: bool = False
) -> SegmentQuery:
    """The query parameters of a request; a list has the values of one that was repeated: the last counts.

    Names are matched without case. Parameters that are empty, or not `known`, are ignored. The filter and the
    sort order are those of GetAccounts if it is for `accounts`. Raises ProblemError.
    """
    if not parameters:
        return SegmentQuery()
    values = {
        name.lower(): value[-1] if isinstance(value, list) else value for name, value in parameters.items()
    }
    query = SegmentQuery()
    for name in known:
        text = values.get(name.lower())
        if text:
            query = _with_parameter(query, name, text, accounts)
    return query


def _with_parameter(query: SegmentQuery, name: str, text: str, accounts: bool) -> SegmentQuery:
    try:
        match name:
            case "filter":
                parsed = parse_query(filter=text, accounts=accounts).filter
                return query._replace(filter=(*parsed, *query.filter))
            case "sortBy":
                return query._replace(sort=parse_query(sort_by=text, accounts=accounts).sort)
            case "responseFields":
                mask = parse_query(response_fields=text).fields
                return query._replace(fields=mask and in_any_case(mask))
            case "isAnonymous":
                is_anonymous = Clause(ACCOUNT_FIELDS[name], "eq", read_value("boolean", text))
                return query._replace(filter=(*query.filter, is_anonymous))
            case "startIndex":
                return query._replace(start_index=parse_query(start_index=_int32(name, text)).start_index)
            case _:
                return query._replace(page_size=parse_query(page_size=_int32(name, text)).page_size)
    except UsageError as error:
        raise invalid(error.message, name) from None
    except ValueError as error:
        raise invalid(f"{name}: expected {error}, not '{text}'", name) from None


def read_json(body: bytes) -> Json:
    """A request body as JSON. Raises ProblemError if it is empty or not valid."""
    if not body:
        raise invalid("the request has no body: expected JSON")
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise invalid("the request body is not valid JSON") from None


def read_draft(body: Json) -> SegmentDraft:
    """The segment in a body; missing members are None. Raises ProblemError."""
    return SegmentDraft(*read_texts(body, *SegmentDraft._fields))


def read_account_ids(body: Json) -> AccountSet:
    """The account ids in a body. Raises ProblemError, UsageError for one that is not valid."""
    if not isinstance(body, list):
        raise invalid("the request body is not a list of account ids")
    if len(body) > MAX_ACCOUNTS:
        raise invalid(f"{len(body):,} account ids in one request: the limit is {MAX_ACCOUNTS:,}")
    return AccountSet.of(body)


def read_texts(body: Json, *names: str) -> list[str | None]:
    """The members `names` of an object, in order; None for null or missing. Raises ProblemError."""
    return [_text(body, name) for name in names]


def _text(body: Json, name: str) -> str | None:
    if not isinstance(body, dict):
        raise invalid("the request body is not a JSON object")
    value = body.get(name)
    if value is not None and not isinstance(value, str):
        raise invalid(f"{name} is not a string", name)
    return value


def _int32(name: str, text: str) -> int:
    if not _INTEGER.fullmatch(text) or not -INT32_MAX - 1 <= int(text) <= INT32_MAX:
        raise invalid(f"{name}: '{text}' is not a 32-bit integer", name)
    return int(text)
