"""The parts that the JSON Schemas are made of."""

from collections.abc import Sequence
from typing import Any

Schema = dict[str, Any]  # a JSON Schema, draft 2020-12


def value(kind: str | list[str], description: str, **more: Any) -> Schema:
    return {"type": kind, "description": description, **more}


def or_null(kind: str, description: str) -> Schema:
    return {"type": [kind, "null"], "description": description}


def object_of(properties: dict[str, Schema], *, optional: Sequence[str] = (), extra: bool = False) -> Schema:
    """An object with these members; `extra` allows others."""
    return {
        "type": "object",
        "properties": properties,
        "required": [name for name in properties if name not in optional],
        "additionalProperties": extra,
    }


def items(item: Schema, description: str) -> dict[str, Schema]:
    return {"items": {"type": "array", "description": description, "items": item}}


def count(description: str) -> Schema:
    return value("integer", description, minimum=0)
