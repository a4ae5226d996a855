"""What an operation returns: a value that every output format can write, and that knows its exit code."""

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from segcli.errors import ANSWER_IS_NO, SegcliError

if TYPE_CHECKING:
    from segcli.heat_map import HeatMap
else:
    HeatMap = object  # only one command needs the module; a quoted annotation would be compiled

Json = Any  # a value as json.loads returns it
Shape = Literal["object", "list", "collection"]


class Column(NamedTuple):
    """A column of the flat form: its name, and the path of its value in an item.

    A step of the path is the name of a member, or the place in a list as digits. A table of several items
    omits the `detail` columns to save width. The values of a `date` are RFC 3339.
    """

    name: str
    path: tuple[str, ...]
    detail: bool = False
    date: bool = False

    def value(self, item: Json) -> Json:
        for step in self.path:
            item = item.get(step) if isinstance(item, dict) else _element(item, step)
        return item


def _element(item: Json, place: str) -> Json:
    """None if `item` is not a list with that place."""
    return item[int(place)] if isinstance(item, list) and place.isdigit() and int(place) < len(item) else None


ACCOUNT_ID = Column("accountId", ())
SEGMENT_COLUMNS: tuple[Column, ...] = (
    Column("id", ("id",)),
    Column("code", ("code",)),
    Column("name", ("name",)),
    Column("description", ("description",)),
    Column("createDate", ("auditInfo", "createDate"), detail=True, date=True),
    Column("updateDate", ("auditInfo", "updateDate"), date=True),
    Column("createBy", ("auditInfo", "createBy"), detail=True),
    Column("updateBy", ("auditInfo", "updateBy"), detail=True),
)
# Only with --counts: no backend returns it as a part of a segment.
ACCOUNT_COUNT = Column("accounts", ("accounts",))


class Result(NamedTuple):
    """Items in their JSON form, streamed and read once, and their shape.

    An `object` is its only item; a `collection` is an object of its `head`, the items, and the `tail`,
    which is known after the items were read; a `list` is its items, as only a query returns them. `error`
    is what ended the operation early or decides its exit code, `failures` are the parts of it that
    failed, `note` is a message for people. `summary` is a sentence that says it all: people see it
    instead of a table, unless they asked for one. `id_blocks` is another way to read items that are account
    ids: as text, many lines at a time with one id each. A `short` table has one line per row: it cuts long
    values and leaves out columns that do not fit, until the user passes --wide. `answer` is that of a
    command that asks something; no is an exit code, but no error. A table shows the `heat_map`, if there is
    one, instead of the items; in the same way, it shows `changes`, the lines of a plan. `text`, in pieces, is
    written as it is instead of a format.
    """

    items: Iterable[Json]
    columns: tuple[Column, ...]
    shape: Shape = "collection"
    head: dict[str, Json] | None = None
    tail: Callable[[], dict[str, Json]] | None = None
    error: SegcliError | None = None
    failures: Sequence[SegcliError] = ()
    note: str | None = None
    id_blocks: Iterable[str] | None = None
    short: bool = False
    answer: bool = True
    heat_map: HeatMap | None = None
    summary: str | None = None
    changes: Sequence[str] | None = None
    text: Generator[str, None, None] | None = None

    @property
    def errors(self) -> list[SegcliError]:
        """Everything to report, in order."""
        return [*([self.error] if self.error else []), *self.failures]

    @property
    def exit_code(self) -> int:
        """That of the error that ended the operation; of failed parts, that of any failure.

        Without either, ANSWER_IS_NO if the answer is no.
        """
        if self.error is not None:
            return self.error.exit_code
        if self.failures:
            return SegcliError.exit_code
        return 0 if self.answer else ANSWER_IS_NO

    def with_note(self, text: str) -> "Result":
        """The same result with a further note."""
        return self._replace(note=f"{self.note}; {text}" if self.note else text)

    def rows(self) -> Iterator[tuple[Json, ...]]:
        """The flat form: one row per item, one value per column; no rows if there are no columns."""
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


def record(item: dict[str, Json]) -> Result:
    """One object; its members are the columns."""
    return Result([item], columns_of(item), "object")


def columns_of(names: Iterable[str]) -> tuple[Column, ...]:
    """A column for each name, which is also its path."""
    return tuple(Column(name, (name,)) for name in names)


def result_of(document: Json) -> Result:
    """Any JSON value as a result: a list by its items, anything else as one object.

    A list of lists without lists and objects in them is a table; its columns have numbers.
    """
    items = document if isinstance(document, list) else [document]
    shape: Shape = "list" if isinstance(document, list) else "object"
    if items and all(isinstance(item, dict) for item in items):
        return Result(items, columns_of(dict.fromkeys(name for item in items for name in item)), shape)
    if items == [None]:
        return Result(items, (), shape)
    if shape == "list" and items and all(map(_is_row, items)):
        longest = max(map(len, items))
        return Result(items, tuple(Column(f"value{n + 1}", (str(n),)) for n in range(longest)), shape)
    return Result(items, (Column("value", ()),), shape)


def _is_row(item: Json) -> bool:
    return isinstance(item, list) and item != [] and not any(isinstance(each, list | dict) for each in item)
