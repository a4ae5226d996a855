"""What a manifest contains, as types: documents are validated against them, and the schema is theirs."""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from segcli.model import INT32_MAX

VERSION = 1
PLAN_KEY = "segmentsPlan"  # the first key of a saved plan, which is not a manifest
AccountId = Annotated[int, Meta(ge=1, le=INT32_MAX)]


class Accounts(Struct, forbid_unknown_fields=True, frozen=True):
    """The accounts of the segment: one of file, ids and where. Omitted: the membership is not managed."""

    file: (
        Annotated[
            str, Meta(description="a file of account ids in the manifest's folder: text, CSV, JSON or YAML")
        ]
        | UnsetType
    ) = UNSET
    column: Annotated[str, Meta(description="the column of a CSV file")] | UnsetType = UNSET
    ids: Annotated[list[AccountId], Meta(description="account ids")] | UnsetType = UNSET
    where: Annotated[str, Meta(description="a set expression, such as VIP and not STAFF")] | UnsetType = UNSET
    sample: (
        Annotated[str | int, Meta(description="only so many of the accounts: a number, or text such as 10%")]
        | UnsetType
    ) = UNSET
    seed: (
        Annotated[str, Meta(description="selects another sample for each text; requires sample")] | UnsetType
    ) = UNSET


class Item(Struct, forbid_unknown_fields=True, frozen=True):
    """A segment. An omitted name or description is cleared."""

    code: Annotated[str, Meta(min_length=1, description="the code, unique")]
    name: Annotated[str | None, Meta(description="the display name")] = None
    description: Annotated[str | None, Meta(description="what the segment is for")] = None
    was: (
        Annotated[str, Meta(min_length=1, description="the code until now, if it is to be renamed")]
        | UnsetType
    ) = UNSET
    absent: Annotated[bool, Meta(description="delete the segment if it exists")] = False
    accounts: Accounts | UnsetType = UNSET


class Manifest(Struct, forbid_unknown_fields=True, frozen=True):
    """A manifest of customer segments, as segments apply reads it and segments export writes it."""

    version: Annotated[Literal[1], Meta(description="the version of the format")]
    segments: Annotated[list[Item], Meta(description="the segments, in any order")]
    checks: Annotated[
        list[str], Meta(description="assertions about the result, such as VIP and STAFF == 0")
    ] = []
