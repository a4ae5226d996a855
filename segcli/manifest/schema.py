"""The JSON Schema of a manifest, for editors and other programs."""

from typing import Any


def manifest_schema() -> dict[str, Any]:
    """The schema (draft 2020-12), made of the types that documents are validated against."""
    from msgspec.json import schema_components

    from segcli.manifest.types import Accounts, Item, Manifest

    _, components = schema_components([Manifest], ref_template="#/$defs/{name}")
    accounts = components[Accounts.__name__]
    accounts["oneOf"] = [{"required": [name]} for name in ("file", "ids", "where")]
    accounts["dependentRequired"] = {
        "column": ["file"],
        "sample": ["where"],
        "seed": ["sample"],
    }
    item = components[Item.__name__]
    item["if"] = {"properties": {"absent": {"const": True}}, "required": ["absent"]}
    item["then"] = {
        "properties": {
            "name": {"type": "null"},
            "description": {"type": "null"},
            "was": False,
            "accounts": False,
        }
    }
    root = components.pop(Manifest.__name__)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **root,
        "$defs": components,
    }
