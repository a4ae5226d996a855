"""Whether a tenant's segment is the one that was sent."""

from unicodedata import normalize

from segcli.model import Segment, SegmentDraft
from segcli.text import fold


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
