"""What a command answers: a value that any output format can write, and no format knows more of."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Literal, NamedTuple

from segcli.errors import SegcliError

Json = Any  # a value as json.loads gives it
Shape = Literal["object", "list", "collection"]


class Column(NamedTuple):
    """A column of the flat form: its name, and the path of its value inside an item.

    A `detail` is left out of a table of many, which has little room.
    """

    name: str
    path: tuple[str, ...]
    detail: bool = False

    def value(self, item: Json) -> Json:
        for step in self.path:
            item = item.get(step) if isinstance(item, dict) else None
        return item


ACCOUNT_ID = Column("accountId", ())
SEGMENT_COLUMNS: tuple[Column, ...] = (
    Column("id", ("id",)),
    Column("code", ("code",)),
    Column("name", ("name",)),
    Column("description", ("description",)),
    Column("createDate", ("auditInfo", "createDate"), detail=True),
    Column("updateDate", ("auditInfo", "updateDate")),
    Column("createBy", ("auditInfo", "createBy"), detail=True),
    Column("updateBy", ("auditInfo", "updateBy"), detail=True),
)


class Result(NamedTuple):
    """Items in their JSON form, streamed and read once, and how they hang together.

    An `object` is its only item; a `list` is its items; a `collection` is its `head`, the items,
    and what only reading them has told, its `tail`. `failures` are parts that could not be done
    (the exit code is the first one's where that decides), `note` is for a person.
    """

    items: Iterable[Json]
    columns: tuple[Column, ...]
    shape: Shape = "list"
    head: dict[str, Json] | None = None
    failures: Sequence[SegcliError] = ()
    note: str | None = None
    tail: Callable[[], dict[str, Json]] | None = None
    first_failure_decides: bool = False

    def rows(self) -> Iterator[tuple[Json, ...]]:
        """The flat form: a row an item, a value a column; nothing where there is no column."""
        for item in self.items if self.columns else ():
            yield tuple(column.value(item) for column in self.columns)

    def document(self) -> Json:
        """The JSON form as one value, held in memory."""
        if self.shape == "object":
            return next(iter(self.items), None)
        items = list(self.items)
        if self.shape == "list":
            return items
        return {**(self.head or {}), "items": items, **(self.tail() if self.tail else {})}


def result_of(document: Json) -> Result:
    """Any JSON value as a result: a list by its items, anything else as one object."""
    items = document if isinstance(document, list) else [document]
    shape: Shape = "list" if isinstance(document, list) else "object"
    if items and all(isinstance(item, dict) for item in items):
        names = dict.fromkeys(name for item in items for name in item)
        return Result(items, tuple(Column(name, (name,)) for name in names), shape)
    if items == [None]:
        return Result(items, (), shape)
    return Result(items, (Column("value", ()),), shape)
