"""JSON Schemas of the commands that change the history."""

from segcli.schemas.parts import count, items, object_of, or_null, value

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
                    "string", "where the accounts were", enum=["memberships", "history", "journals"]
                ),
                "count": count("how many segments or changes had some of them"),
                "detail": value("string", "what was counted"),
            }
        ),
        "the places",
    )
)
