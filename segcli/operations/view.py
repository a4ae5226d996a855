"""How much of a segment is shown. Without --fields that is all of it, and nothing has to be loaded."""

from typing import TYPE_CHECKING, NamedTuple

from segcli.model import Segment
from segcli.result import SEGMENT_COLUMNS, Column, Json

if TYPE_CHECKING:
    from segcli.query.response_fields import Mask


class View(NamedTuple):
    """Masks over a segment and over the members beside `items`, and the segment's columns.

    A mask is None where all is shown; `items` is False where no segment is shown at all.
    """

    segment: "Mask | None" = None
    columns: tuple[Column, ...] = SEGMENT_COLUMNS
    head: "Mask | None" = None
    items: bool = True
    note: str | None = None

    @property
    def fields(self) -> "Mask | None":
        """What to ask a backend for, as a mask over a collection."""
        if self.segment is None:
            return None
        from segcli.query.response_fields import Mask

        return Mask({"totalCount": None, "items": self.segment})

    def show(self, segment: Segment) -> Json:
        """The JSON form of `segment`, as far as it is shown."""
        document = segment.to_json()
        return self.segment.apply(document) if self.segment else document


def segment_view(text: str | None) -> View:
    """What `text` lets through of a segment. Raises UsageError where it names no field of one."""
    if not text:
        return View()
    from segcli.operations.fields import parse_segment_view

    return parse_segment_view(text)


def collection_view(text: str | None) -> View:
    """What `text` lets through of a collection; it may name a segment's fields without `items(…)`."""
    if not text:
        return View()
    from segcli.operations.fields import parse_collection_view

    return parse_collection_view(text)
