"""The JSON of plans, and of the assertions that belong to them."""

from segcli.schemas.parts import count, items, object_of, or_null, value

ASSERTION = object_of(
    {
        "assertion": value("string", "the assertion as it was given"),
        "accounts": count("how many accounts the expression has"),
        "limit": value("number", "what that is compared with: the number, or the percentage of the whole"),
        "whole": or_null("integer", "how many accounts the expression after 'of' has; null for a number"),
        "holds": value("boolean", "whether the assertion holds, compared exactly"),
    }
)
_CHANGE = object_of(
    {
        "code": value("string", "the code after the change; of a deleted segment, the one it has"),
        "action": value("string", "what happens to it", enum=["add", "update", "delete", "none"]),
        "renamedFrom": or_null("string", "the code that it has before the change, if it is renamed"),
        "fields": {
            "type": "object",
            "description": "the fields that change: name, then old and new value",
            "additionalProperties": {
                "type": "array",
                "items": {"type": ["string", "null"]},
                "minItems": 2,
                "maxItems": 2,
            },
        },
        "accounts": {
            "description": "the accounts that change; null if the membership is not managed",
            "oneOf": [
                {"type": "null"},
                object_of({"joined": count("accounts that are added"), "left": count("that are removed")}),
            ],
        },
    }
)
_REJECTED = object_of(
    {
        "code": value("string", "the segment"),
        "accountId": or_null("integer", "the account; null if the segment itself was rejected"),
        "reason": value("string", "why it was rejected"),
    }
)
PLAN = object_of(
    {
        **items(_CHANGE, "the segments in the order of the SOURCE, then the deleted ones"),
        "summary": {
            **object_of(
                {
                    "add": count("segments that are added"),
                    "update": count("segments that are changed"),
                    "delete": count("segments that are deleted"),
                    "none": count("segments that need no change"),
                    "joined": count("memberships that begin"),
                    "left": count("memberships that end"),
                }
            ),
            "description": "what would change; of a run of apply, what it changed",
        },
        "requests": count("how many requests the plan takes on a tenant; 0 on a store"),
        "checks": {"type": "array", "description": "the checks of the manifest", "items": ASSERTION},
        "warnings": {"type": "array", "description": "what to look at", "items": {"type": "string"}},
        "rejected": {
            "type": "array",
            "description": "what the tenant rejected; only of a run of apply",
            "items": _REJECTED,
        },
    },
    optional=["rejected"],
)
MOVED = object_of(
    {
        "segments": count("with --history: segments that were copied"),
        "accounts": count("their memberships"),
        "changes": count("changes of the history"),
        "customers": count("customers that were copied"),
        "dryRun": value("boolean", "whether nothing was copied"),
    }
)
