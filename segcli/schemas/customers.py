"""The JSON Schemas of customers, and of what imports them."""

from segcli.schemas.parts import Schema, count, items, object_of, or_null, value

_IDENTIFIERS: dict[str, Schema] = {
    "emailAddress": or_null("string", "the e-mail address"),
    "userName": or_null("string", "the name for the login; a guest has none"),
    "externalId": or_null("string", "the id in another system"),
    "customerSet": or_null("string", "the code of the customer set"),
}
CUSTOMER = object_of(
    {
        "id": value("integer", "the account id"),
        **_IDENTIFIERS,
        "isAnonymous": value("boolean", "whether it is a guest"),
        "isActive": value("boolean", "whether it is active"),
    }
)
CUSTOMERS = object_of(
    {
        "totalCount": count("how many customers match, without --limit"),
        **items(CUSTOMER, "the customers by ascending id"),
    }
)
CUSTOMERS_FOUND = object_of(items(CUSTOMER, "the customers that are known"))
_IDENTIFIED = {
    **object_of(
        {
            "accountId": value("integer", "the account"),
            **_IDENTIFIERS,
            "isAnonymous": or_null("boolean", "whether it is a guest"),
            "isActive": or_null("boolean", "whether it is active"),
        },
        optional=(*_IDENTIFIERS, "isAnonymous", "isActive"),
    ),
    "minProperties": 2,
}
ACCOUNTS = object_of(
    {
        "totalCount": count("how many accounts there are, without --limit and --after"),
        **items(
            {"oneOf": [{"type": "integer"}, _IDENTIFIED]},
            "their ids in ascending order; with --with, each as an object of its id and the named fields,"
            " which are null if the customer is not known",
        ),
    }
)
_COUNTS: dict[str, Schema] = {
    "requested": count("how many rows or customers the source has"),
    "added": count("customers that were not known"),
    "updated": count("customers that were known with other values"),
    "unchanged": count("customers that were known as they are"),
    "duplicates": count("rows for a customer of another row; the last of them counts"),
    "invalid": count("rows that were skipped because they are not valid"),
}
IMPORTED = object_of(
    {
        "dryRun": value("boolean", "only in a dry run", const=True),
        **_COUNTS,
    },
    optional=["dryRun"],
)
