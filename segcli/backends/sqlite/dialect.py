"""How SQLite's SQL differs from that of other databases."""

from collections.abc import Iterable

from segcli.backends.store.dialect import Dialect


def _to_json(ids: Iterable[int]) -> str:
    return f"[{','.join(map(str, ids))}]"


def _to_json_texts(texts: Iterable[str]) -> str:
    import json

    return json.dumps(list(texts))


# BEGIN IMMEDIATE has already locked everything: SQLite has one writer at a time.
SQLITE = Dialect(
    in_list="IN (SELECT value FROM json_each(?))",
    to_list=_to_json,
    in_texts="IN (SELECT value FROM json_each(?))",
    to_texts=_to_json_texts,
    texts="json_each(?) AS given",
    for_update="",
    position="instr",
    rows=256,  # a third less time than one by one
)
