"""JSON Schemas of changes of memberships, and of the rows of files that name customers."""

from segcli.schemas.parts import Schema, count, items, object_of, value

_FAILURE = object_of(
    {
        "accountId": value("integer", "the account"),
        "reason": value("string", "why it was rejected"),
    }
)


# The rows of a file that names customers by e-mail, external id or user name; with `invalid`, all of them.
_OUTCOMES: dict[str, Schema] = {
    "resolved": count("rows with an account; this and the next five only if customers are looked up"),
    "duplicate": count("rows with the account of an earlier row"),
    "inactive": count("rows with an account that is not active"),
    "notFound": count("rows that were skipped because no account matches"),
    "ambiguous": count("rows that were skipped because several accounts match"),
    "conflict": count("rows that were skipped because their identifiers are of different accounts"),
}
_RESOLVED_COUNTS: dict[str, Schema] = {
    "resolved": count("rows with an account"),
    "duplicate": _OUTCOMES["duplicate"],
    "inactive": _OUTCOMES["inactive"],
    "notFound": count("rows that no account matches"),
    "ambiguous": count("rows that several accounts match"),
    "conflict": count("rows whose identifiers are of different accounts"),
    "invalid": count("rows without a valid identifier"),
}
_WORDS = ["resolved", "duplicate", "inactive", "not_found", "ambiguous", "conflict", "invalid"]
_ROW = object_of(
    {
        "accountId": {
            "type": ["integer", "string", "null"],
            "description": "the account if it is certain, otherwise the account id that the row has",
        },
        "outcome": value("string", "what was found", enum=_WORDS),
    },
    extra=True,
)
RESOLVED = object_of(
    {**items(_ROW, "the rows, with the columns of the file as further members"), **_RESOLVED_COUNTS}
)


def report(**counts: Schema) -> Schema:
    """The report of a change of memberships, or of its dry run."""
    given: dict[str, Schema] = {
        "id": value("integer", "the id of the segment"),
        "code": value("string", "the code of the segment"),
        "requested": count("how many accounts were given"),
        "unique": count("how many of them are different"),
        **counts,
        "invalid": count("values that were skipped because they are not valid"),
        **_OUTCOMES,
    }
    planned = {
        **given,
        "dryRun": value("boolean", "only in a dry run, which has no member below", const=True),
    }
    done: dict[str, Schema] = {
        **given,
        "failed": count("accounts that the backend rejected"),
        "resumed": count("accounts that an earlier run had done"),
        "chunks": count("requests or transactions"),
        "retries": count("requests that were sent again"),
        "seconds": value("number", "how long it took, without reading the accounts"),
        "accountsPerSecond": count("accounts done in a second"),
        **{"failures": items(_FAILURE, "only if there are any: each rejected account")["items"]},
    }
    return {
        "oneOf": [
            object_of(planned, optional=list(_OUTCOMES)),
            object_of(done, optional=["failures", *_OUTCOMES]),
        ]
    }
