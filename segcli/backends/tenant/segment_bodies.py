"""What is sent of a segment, and whether a response has the segment that was sent."""

from unicodedata import normalize

from segcli.backends.tenant.responses import Response, read_segment
from segcli.model import Segment, SegmentDraft
from segcli.text import fold


def body_of(draft: SegmentDraft) -> dict[str, str]:
    """The request body: fields that are None are omitted, which clears them."""
    return {name: value for name, value in draft._asdict().items() if value is not None}


def read_one(response: Response) -> Segment:
    return read_segment(response, response.json())


def read_own(response: Response, segment_id: int) -> Segment:
    """The segment with that id. Raises UnavailableError, also for another segment."""
    segment = read_one(response)
    if segment.id != segment_id:
        raise response.unexpected(f"the segment with id {segment.id}")
    return segment


def require_sent(response: Response, segment: Segment, draft: SegmentDraft) -> Segment:
    """The segment, which has the fields that were sent. Raises UnavailableError."""
    field = difference(segment, draft)
    if field is not None:
        raise response.unexpected(f"a segment that has another {field} than the one that was sent")
    return segment


def difference(segment: Segment, draft: SegmentDraft) -> str | None:
    """The first field in which the segment differs from the draft; None if it has all of its fields.

    A platform may normalize Unicode and white space, store an empty text for a missing one, and change the
    case of a code. Anything else is another value.
    """
    sent = zip(draft._fields, draft, (segment.code, segment.name, segment.description), strict=True)
    return next((name for name, ours, theirs in sent if _plain(name, ours) != _plain(name, theirs)), None)


def _plain(name: str, text: str | None) -> str:
    plain = " ".join(normalize("NFC", text or "").split())
    return fold(plain) if name == "code" else plain
