"""JSON Schemas of what each command prints with `-o json`, and of the errors it prints on stderr.

They describe a result as it is without --fields and --query. The manual page segments-json(7) is generated
from them.
"""

from collections.abc import Sequence

from segcli.schemas.customers import ACCOUNTS, CUSTOMER, CUSTOMERS, CUSTOMERS_FOUND, IMPORTED
from segcli.schemas.history import FORGOTTEN, PRUNED, UNDONE, changes
from segcli.schemas.parts import Schema
from segcli.schemas.parts import count as _count
from segcli.schemas.parts import items as _items
from segcli.schemas.parts import object_of as _object
from segcli.schemas.parts import or_null as _or_null
from segcli.schemas.parts import value as _value
from segcli.schemas.plans import ASSERTION, MOVED, PLAN
from segcli.schemas.reports import RESOLVED, report

_DIALECT = "https://json-schema.org/draft/2020-12/schema"

_AUDIT_INFO = _object(
    {
        "createDate": _or_null("string", "when the segment was created, RFC 3339 in UTC"),
        "updateDate": _or_null("string", "when it was last changed"),
        "createBy": _or_null("string", "who created it"),
        "updateBy": _or_null("string", "who changed it last"),
    }
)
_SEGMENT_MEMBERS: dict[str, Schema] = {
    "id": _value("integer", "the id, unique and never reused"),
    "code": _value("string", "the code, unique"),
    "name": _or_null("string", "the display name"),
    "description": _or_null("string", "what the segment is for"),
    "auditInfo": {**_AUDIT_INFO, "description": "when and by whom it was created and last changed"},
}
# A tenant can send members that segcli does not know; they are printed.
SEGMENT = _object(_SEGMENT_MEMBERS, extra=True)
_PLANNED_ID = _or_null("integer", "the id, unique and never reused; null for one that a dry run would create")
_ADDED = _object({**_SEGMENT_MEMBERS, "id": _PLANNED_ID}, extra=True)
_PAGE: dict[str, Schema] = {
    "startIndex": _count("how many segments were skipped"),
    "pageSize": _count("the size of a page"),
    "pageCount": _count("how many pages there are"),
    "totalCount": _count("how many segments match"),
}
_SEGMENTS = _object({**_PAGE, **_items(SEGMENT, "the segments")})
_COUNTED = _object(
    {**_SEGMENT_MEMBERS, "accounts": _count("how many accounts it has; only with --counts")},
    optional=["accounts"],
    extra=True,
)
_LISTED = _object(
    {
        **_PAGE,
        **_items(_COUNTED, "the segments; with --counts, each has accounts, the number of its accounts"),
    }
)
_SEGMENTS_FOUND = _object(_items(SEGMENT, "the segments that exist"))
_MEMBERSHIP = _object(
    {"accountId": _value("integer", "the account"), **_SEGMENT_MEMBERS},
    extra=True,
)
_DELETED = _object(
    {
        "id": _SEGMENT_MEMBERS["id"],
        "code": _SEGMENT_MEMBERS["code"],
        "accounts": _or_null("integer", "how many accounts it had; null if a tenant's were not read"),
        "result": _value("string", "what was done", enum=["deleted", "would be deleted"]),
    }
)
_ACCOUNT_IDS = _object(
    {
        "totalCount": _count("how many accounts there are, without --limit and --after"),
        **_items({"type": "integer"}, "their ids in ascending order"),
    }
)
_COUNTS = _object(
    _items(
        _object(
            {
                "expression": _value("string", "the expression as it was given"),
                "accounts": _count("how many accounts it has"),
            }
        ),
        "the expressions in the order of the arguments",
    )
)
_MEMBERS = _object(
    _items(
        _object(
            {
                "accountId": _value("integer", "the account"),
                "member": _value("boolean", "whether it is in the segment"),
            }
        ),
        "the accounts in the order of the arguments, each once",
    )
)
_PARTS = _object(
    _items(
        _object(
            {
                "id": _PLANNED_ID,
                "code": _SEGMENT_MEMBERS["code"],
                "share": _value("string", "its share as it was given: a percentage, or rest"),
                "accounts": _count("how many accounts its part has"),
                "added": _count("accounts added to it"),
                "removed": _count("accounts removed from it"),
                "unchanged": _count("accounts that are still members"),
            }
        ),
        "the segments in the order of the arguments; after an error, those that were reached",
    )
)
_ADDED_COUNT = _count("accounts added; on a tenant, those it acknowledged, members included")
_REMOVED_COUNT = _count("accounts removed")
_PROFILES = _object(
    _items(
        _object(
            {
                "name": _value("string", "the name"),
                "backend": _or_null("string", "its backend"),
                "clientId": _or_null("string", "its client id"),
                "current": _value("boolean", "whether it is the default"),
            }
        ),
        "the profiles",
    )
)
_SETTINGS = _object(
    _items(
        _object(
            {
                "setting": _value("string", "the name"),
                "value": {"description": "the value; secrets are masked"},
                "source": _or_null("string", "where it comes from"),
            }
        ),
        "the settings",
    )
)
_PAIR = _object(
    {
        "a": _value("string", "the code of one segment"),
        "b": _value("string", "the code of the other"),
        "both": _count("how many accounts are in both"),
        "onlyA": _count("how many are only in a"),
        "onlyB": _count("how many are only in b"),
        "jaccard": _value(
            ["number", "null"], "both divided by the accounts of either, from 0 to 1; null if both are empty"
        ),
    }
)
_FINDING = _object(
    {
        "kind": _value(
            "string",
            "equal: these have the same accounts; contained: the first is a part of the second, with none of"
            " the given segments in between; empty: these have no accounts; disjoint: each of these has"
            " accounts, and shares none with any other of the given segments",
            enum=["equal", "contained", "empty", "disjoint"],
        ),
        "segments": _value("array", "their codes", items={"type": "string"}),
    }
)
_CHECKS = _object(
    _items(
        _object(
            {
                "check": _value("string", "what was checked"),
                "ok": _or_null("boolean", "whether it passed; null if it was skipped after a failure"),
                "detail": _value("string", "what was found"),
            }
        ),
        "the checks, in order",
    )
)
_INSTALLED = _object(
    {
        "shell": _value("string", "the shell"),
        "path": _value("string", "the file that was written"),
        "next": _value("string", "what is left to do"),
    }
)

ERROR = _object(
    {
        "error": _object(
            {
                "code": _value("string", "the kind of error"),
                "message": _value("string", "what failed and why"),
                "hint": _or_null("string", "what to do"),
                "status": _or_null("integer", "the HTTP status, if there is one"),
                "correlationId": _or_null("string", "the tenant's id of the request"),
            }
        )
    }
)
_HISTORY, _CHANGE = changes(SEGMENT)
SCHEMAS: dict[str, Schema] = {
    "add": _ADDED,
    "get": {"oneOf": [SEGMENT, _SEGMENTS_FOUND]},
    "list": _LISTED,
    "update": SEGMENT,
    "edit": SEGMENT,
    "delete": _object(_items(_DELETED, "the deleted segments")),
    "accounts add": report(
        added=_ADDED_COUNT, alreadyMembers=_or_null("integer", "accounts that were members; null on a tenant")
    ),
    "accounts remove": report(removed=_REMOVED_COUNT, notMembers=_count("accounts that were not members")),
    "accounts set": report(
        added=_ADDED_COUNT, removed=_REMOVED_COUNT, unchanged=_count("accounts that are still members")
    ),
    "accounts list": ACCOUNTS,
    "accounts count": _COUNTS,
    "accounts resolve": RESOLVED,
    "accounts has": _MEMBERS,
    "accounts split": _PARTS,
    "accounts of": {
        "oneOf": [
            _SEGMENTS,
            _object(
                _items(
                    _MEMBERSHIP,
                    "an item for each account and segment: accountId, and the members of the segment",
                )
            ),
        ]
    },
    "history": _HISTORY,
    "change": {"oneOf": [_CHANGE, _ACCOUNT_IDS]},
    "customers import": IMPORTED,
    "customers list": CUSTOMERS,
    "customers get": {"oneOf": [CUSTOMER, CUSTOMERS_FOUND]},
    "overlap": _object(
        {
            **_items(_PAIR, "the pairs of segments, the most overlapping first"),
            "findings": _value("array", "what stands out", items=_FINDING),
        }
    ),
    "diff": PLAN,
    "apply": {"oneOf": [PLAN, MOVED]},
    "check": _object(_items(ASSERTION, "the assertions, in order")),
    "undo": UNDONE,
    "prune-history": PRUNED,
    "forget": FORGOTTEN,
    "profile add": _SETTINGS,
    "profile set": _SETTINGS,
    "profile show": _SETTINGS,
    "profile list": _PROFILES,
    "profile use": _PROFILES,
    "profile remove": _PROFILES,
    "doctor": _CHECKS,
    "completion install": _INSTALLED,
}


def schema_of(words: Sequence[str]) -> Schema | None:
    """The schema of a command's result, such as ("accounts", "add"); None if it prints no JSON."""
    name = " ".join(words)
    if name not in SCHEMAS:
        return None
    return {"$schema": _DIALECT, "title": f"segments {name}", **SCHEMAS[name]}
