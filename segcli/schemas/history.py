"""JSON Schemas of the commands that change the history."""

from segcli.schemas.parts import Schema, count, items, object_of, or_null, value

UNDONE = object_of(
    items(
        object_of(
            {
                "change": value("integer", "the change that was undone"),
                "run": value("integer", "the run that it was part of"),
                "segmentId": value("integer", "the segment that it changed"),
                "id": or_null(
                    "integer",
                    "the segment's id now: null if it was deleted, a new one if a tenant restored it",
                ),
                "code": value("string", "the code of the segment"),
                "action": value(
                    "string",
                    "what undoing it does to the segment",
                    enum=["delete", "restore", "update", "accounts"],
                ),
                "joined": count("accounts that joined again"),
                "left": count("accounts that left"),
            }
        ),
        "the changes in the order in which they were undone",
    )
)
PRUNED = object_of(
    {
        "before": value("string", "the moment, RFC 3339 in UTC"),
        "changes": count("changes that were removed; in a dry run, that would be"),
        "baselines": count("baselines that took their place"),
    }
)
FORGOTTEN = object_of(
    items(
        object_of(
            {
                "place": value(
                    "string",
                    "where the accounts were",
                    enum=["memberships", "history", "customers", "journals"],
                ),
                "count": count("how many segments or changes had some of them"),
                "detail": value("string", "what was counted"),
            }
        ),
        "the places",
    )
)


def changes(segment: Schema) -> tuple[Schema, Schema]:
    """A list of changes, and one change; `segment` is the schema of a segment."""
    change = object_of(
        {
            "id": value("integer", "the id of the change"),
            "run": value("integer", "the first change of the same transaction"),
            "at": value("string", "when it was made, RFC 3339 in UTC"),
            "by": or_null("string", "who made it: a user, or the client id of a request"),
            "command": or_null("string", "the command line, or the operation of a request"),
            "reason": or_null("string", "why, as --reason said"),
            "segmentId": value("integer", "the id of the segment"),
            "code": value("string", "its code before the change, or after it if it was created"),
            "kind": value(
                "string",
                "what was done; a baseline is where the history of a segment starts",
                enum=["add", "update", "delete", "accounts", "undo", "baseline"],
            ),
            "joined": count("how many accounts joined; those of a baseline were members"),
            "left": count("how many accounts left"),
            "undoes": or_null("integer", "the change that it reverted"),
            "exact": value("boolean", "whether exactly these accounts joined and left, not others of them"),
            "complete": value("boolean", "whether the run that made it ended"),
            "before": {
                "anyOf": [segment, {"type": "null"}],
                "description": "the segment before; null if new",
            },
            "after": {
                "anyOf": [segment, {"type": "null"}],
                "description": "the segment after; null if deleted",
            },
        }
    )
    return object_of(items(change, "the changes, newest first")), change
