"""A request as values: path, parameters and body, read with care (contract, "Operations")."""

import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from segcli.errors import UsageError
from segcli.model import INT32_MAX, SegmentDraft
from segcli.query.parse import parse_query
from segcli.query.tree import Mask, SegmentQuery
from segcli.server.responses import Json, invalid

MAX_ACCOUNTS = 100_000  # ids in one AddSegmentAccounts
_INTEGER = re.compile(r"-?[0-9]{1,10}")


class Call(NamedTuple):
    """What an operation is called with. `body` is JSON as it came, None where none is read; `host` is
    the host[:port] that the client has called."""

    path: Mapping[str, str]
    query: SegmentQuery
    body: Json
    host: str

    def id(self, name: str) -> int:
        """A path's id as int32. Raises ProblemError."""
        return _int32(name, self.path[name])

    @property
    def mask(self) -> Mask | None:
        return self.query.fields


def read_query(said: Mapping[str, Any], known: tuple[str, ...]) -> SegmentQuery:
    """The `known` ones of a request's parameters, matched without case; empty means absent.

    Raises ProblemError.
    """
    if not said:
        return SegmentQuery()
    given = {name.lower(): value[-1] if isinstance(value, list) else value for name, value in said.items()}
    query = SegmentQuery()
    for name in known:
        text = given.get(name.lower())
        if text:
            query = _with_parameter(query, name, text)
    return query


def _with_parameter(query: SegmentQuery, name: str, text: str) -> SegmentQuery:
    try:
        match name:
            case "filter":
                return query._replace(filter=parse_query(filter=text).filter)
            case "sortBy":
                return query._replace(sort=parse_query(sort_by=text).sort)
            case "responseFields":
                return query._replace(fields=parse_query(response_fields=text).fields)
            case "startIndex":
                return query._replace(start_index=parse_query(start_index=_int32(name, text)).start_index)
            case _:
                return query._replace(page_size=parse_query(page_size=_int32(name, text)).page_size)
    except UsageError as error:
        raise invalid(error.message, name) from None


def read_json(raw: bytes) -> Json:
    """A body as JSON. Raises ProblemError where there is none, or it is no JSON."""
    if not raw:
        raise invalid("the request needs a body, and has none")
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        raise invalid("the body is no JSON") from None


def read_draft(body: Json) -> SegmentDraft:
    """The segment that a body describes; what it leaves out is None. Raises ProblemError."""
    return SegmentDraft(*read_texts(body, *SegmentDraft._fields))


def read_account_ids(body: Json) -> list[int]:
    """The list of AddSegmentAccounts, its items still unchecked. Raises ProblemError."""
    if not isinstance(body, list):
        raise invalid("the body is no list of account ids")
    if len(body) > MAX_ACCOUNTS:
        raise invalid(f"the list holds {len(body):,} account ids; {MAX_ACCOUNTS:,} at most are taken at once")
    return body


def read_texts(body: Json, *names: str) -> list[str | None]:
    """Members of an object, each a text or None. Raises ProblemError."""
    return [_text(body, name) for name in names]


def _text(body: Json, name: str) -> str | None:
    if not isinstance(body, dict):
        raise invalid("the body is no JSON object")
    value = body.get(name)
    if value is not None and not isinstance(value, str):
        raise invalid(f"{name} is no text", name)
    return value


def _int32(name: str, text: str) -> int:
    if not _INTEGER.fullmatch(text) or not -INT32_MAX - 1 <= int(text) <= INT32_MAX:
        raise invalid(f"{name} {text} is no 32-bit integer", name)
    return int(text)
