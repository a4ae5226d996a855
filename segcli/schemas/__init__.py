"""JSON Schemas of what each command prints with `-o json`, and of the errors it prints on stderr.

They describe a result as it is without --fields and --query. The manual page segments-json(7) is generated
from them.
"""

from collections.abc import Sequence

from segcli.schemas.parts import Schema, count_of, items_of, object_of, or_null, value
from segcli.schemas.plans import ASSERTION, PLAN

_DIALECT = "https://json-schema.org/draft/2020-12/schema"

_AUDIT_INFO = object_of(
    {
        "createDate": or_null("string", "when the segment was created, RFC 3339 in UTC"),
        "updateDate": or_null("string", "when it was last changed"),
        "createBy": or_null("string", "who created it"),
        "updateBy": or_null("string", "who changed it last"),
    }
)
_SEGMENT_MEMBERS: dict[str, Schema] = {
    "id": value("integer", "the id, unique and never reused"),
    "code": value("string", "the code, unique"),
    "name": or_null("string", "the display name"),
    "description": or_null("string", "what the segment is for"),
    "auditInfo": {**_AUDIT_INFO, "description": "when and by whom it was created and last changed"},
}
# A tenant can send members that segcli does not know; they are printed.
SEGMENT = object_of(_SEGMENT_MEMBERS, extra=True)
_PLANNED_ID = or_null("integer", "the id, unique and never reused; null for one that a dry run would create")
_ADDED = object_of({**_SEGMENT_MEMBERS, "id": _PLANNED_ID}, extra=True)
_PAGE: dict[str, Schema] = {
    "startIndex": count_of("how many segments were skipped"),
    "pageSize": count_of("the size of a page"),
    "pageCount": count_of("how many pages there are"),
    "totalCount": count_of("how many segments match"),
}
_SEGMENTS = object_of({**_PAGE, **items_of(SEGMENT, "the segments")})
_COUNTED = object_of(
    {**_SEGMENT_MEMBERS, "accounts": count_of("how many accounts it has; only with --counts")},
    optional=["accounts"],
    extra=True,
)
_LISTED = object_of(
    {
        **_PAGE,
        **items_of(_COUNTED, "the segments; with --counts, each has accounts, the number of its accounts"),
    }
)
_SEGMENTS_FOUND = object_of(items_of(SEGMENT, "the segments that exist"))
_MEMBERSHIP = object_of(
    {"accountId": value("integer", "the account"), **_SEGMENT_MEMBERS},
    extra=True,
)
_DELETED = object_of(
    {
        "id": _SEGMENT_MEMBERS["id"],
        "code": _SEGMENT_MEMBERS["code"],
        "accounts": or_null("integer", "how many accounts it had; null on a tenant"),
        "result": value("string", "what was done", enum=["deleted", "would be deleted"]),
    }
)
_ACCOUNT_IDS = object_of(
    {
        "totalCount": count_of("how many accounts there are, without --limit and --after"),
        **items_of({"type": "integer"}, "their ids in ascending order"),
    }
)
_COUNTS = object_of(
    items_of(
        object_of(
            {
                "expression": value("string", "the expression as it was given"),
                "accounts": count_of("how many accounts it has"),
            }
        ),
        "the expressions in the order of the arguments",
    )
)
_MEMBERS = object_of(
    items_of(
        object_of(
            {
                "accountId": value("integer", "the account"),
                "member": value("boolean", "whether it is in the segment"),
            }
        ),
        "the accounts in the order of the arguments, each once",
    )
)
_PARTS = object_of(
    items_of(
        object_of(
            {
                "id": _PLANNED_ID,
                "code": _SEGMENT_MEMBERS["code"],
                "share": value("string", "its share as it was given: a percentage, or rest"),
                "accounts": count_of("how many accounts its part has"),
                "added": count_of("accounts added to it"),
                "removed": count_of("accounts removed from it"),
                "unchanged": count_of("accounts that are still members"),
            }
        ),
        "the segments in the order of the arguments; after an error, those that were reached",
    )
)
_FAILURE = object_of(
    {
        "accountId": value("integer", "the account"),
        "reason": value("string", "why it was rejected"),
    }
)


def _report(**counts: Schema) -> Schema:
    """The report of a change of memberships, or of its dry run."""
    given: dict[str, Schema] = {
        "id": value("integer", "the id of the segment"),
        "code": value("string", "the code of the segment"),
        "requested": count_of("how many accounts were given"),
        "unique": count_of("how many of them are different"),
        **counts,
        "invalid": count_of("values that were skipped because they are not account ids"),
    }
    planned = {
        **given,
        "dryRun": value("boolean", "only in a dry run, which has no member below", const=True),
    }
    done: dict[str, Schema] = {
        **given,
        "failed": count_of("accounts that the backend rejected"),
        "resumed": count_of("accounts that an earlier run had done"),
        "chunks": count_of("requests or transactions"),
        "retries": count_of("requests that were sent again"),
        "seconds": value("number", "how long it took, without reading the accounts"),
        "accountsPerSecond": count_of("accounts done in a second"),
        **{"failures": items_of(_FAILURE, "only if there are any: each rejected account")["items"]},
    }
    return {"oneOf": [object_of(planned), object_of(done, optional=["failures"])]}


_ADDED_COUNT = count_of("accounts added; on a tenant, those it acknowledged, members included")
_REMOVED_COUNT = count_of("accounts removed")
_PROFILES = object_of(
    items_of(
        object_of(
            {
                "name": value("string", "the name"),
                "backend": or_null("string", "its backend"),
                "clientId": or_null("string", "its client id"),
                "current": value("boolean", "whether it is the default"),
            }
        ),
        "the profiles",
    )
)
_SETTINGS = object_of(
    items_of(
        object_of(
            {
                "setting": value("string", "the name"),
                "value": {"description": "the value; secrets are masked"},
                "source": or_null("string", "where it comes from"),
            }
        ),
        "the settings",
    )
)
_PAIR = object_of(
    {
        "a": value("string", "the code of one segment"),
        "b": value("string", "the code of the other"),
        "both": count_of("how many accounts are in both"),
        "onlyA": count_of("how many are only in a"),
        "onlyB": count_of("how many are only in b"),
        "jaccard": value(
            ["number", "null"], "both divided by the accounts of either, from 0 to 1; null if both are empty"
        ),
    }
)
_FINDING = object_of(
    {
        "kind": value(
            "string",
            "equal: these have the same accounts; contained: the first is a part of the second, with none of"
            " the given segments in between; empty: these have no accounts; disjoint: each of these has"
            " accounts, and shares none with any other of the given segments",
            enum=["equal", "contained", "empty", "disjoint"],
        ),
        "segments": value("array", "their codes", items={"type": "string"}),
    }
)
_CHECKS = object_of(
    items_of(
        object_of(
            {
                "diff": PLAN,
    "apply": PLAN,
    "check": value("string", "what was checked"),
                "ok": or_null("boolean", "whether it passed; null if it was skipped after a failure"),
                "detail": value("string", "what was found"),
            }
        ),
        "the checks, in order",
    )
)
_INSTALLED = object_of(
    {
        "shell": value("string", "the shell"),
        "path": value("string", "the file that was written"),
        "next": value("string", "what is left to do"),
    }
)

ERROR = object_of(
    {
        "error": object_of(
            {
                "code": value("string", "the kind of error"),
                "message": value("string", "what failed and why"),
                "hint": or_null("string", "what to do"),
                "status": or_null("integer", "the HTTP status, if there is one"),
                "correlationId": or_null("string", "the tenant's id of the request"),
            }
        )
    }
)
SCHEMAS: dict[str, Schema] = {
    "add": _ADDED,
    "get": {"oneOf": [SEGMENT, _SEGMENTS_FOUND]},
    "list": _LISTED,
    "update": SEGMENT,
    "edit": SEGMENT,
    "delete": object_of(items_of(_DELETED, "the deleted segments")),
    "accounts add": _report(
        added=_ADDED_COUNT, alreadyMembers=or_null("integer", "accounts that were members; null on a tenant")
    ),
    "accounts remove": _report(removed=_REMOVED_COUNT, notMembers=count_of("accounts that were not members")),
    "accounts set": _report(
        added=_ADDED_COUNT, removed=_REMOVED_COUNT, unchanged=count_of("accounts that are still members")
    ),
    "accounts list": _ACCOUNT_IDS,
    "accounts count": _COUNTS,
    "accounts has": _MEMBERS,
    "accounts split": _PARTS,
    "accounts of": {
        "oneOf": [
            _SEGMENTS,
            object_of(
                items_of(
                    _MEMBERSHIP,
                    "an item for each account and segment: accountId, and the members of the segment",
                )
            ),
        ]
    },
    "overlap": object_of(
        {
            **items_of(_PAIR, "the pairs of segments, the most overlapping first"),
            "findings": value("array", "what stands out", items=_FINDING),
        }
    ),
    "check": object_of(items_of(ASSERTION, "the assertions, in order")),
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
