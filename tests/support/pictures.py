"""The pictures in README, which the command itself draws.

    python -m tests.support.pictures

draws them again.
"""

import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from segcli.model import SegmentDraft
from tests.support.command import Segments
from tests.support.stores import fill, fill_accounts

OVERLAP = Path(__file__).parents[2] / "man" / "pictures" / "overlap.svg"
SHOP: dict[str, Iterable[int]] = {
    "NEWSLETTER": range(1, 40_001),
    "VIP": range(2_001, 6_001),
    "BLACK-FRIDAY": range(5_001, 17_001),
    "CYBER-WEEK": range(5_001, 17_001),
    "SPRING-26": [*range(15_001, 25_001), *range(60_001, 65_001)],
    "STAFF": range(90_001, 90_121),
}


def draw_overlap(segments: Segments, path: Path) -> None:
    """Fills the command's store with segments that overlap in many ways, and draws them."""
    fill(segments, map(SegmentDraft, SHOP))
    for segment_id, accounts in enumerate(SHOP.values(), 1):
        fill_accounts(segments, segment_id, accounts)
    segments.ok("overlap", "--svg", str(path))


if __name__ == "__main__":
    OVERLAP.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        draw_overlap(Segments(Path(home)), OVERLAP)
    sys.stdout.write(f"{OVERLAP}\n")
