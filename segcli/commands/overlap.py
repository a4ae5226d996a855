"""segments overlap"""

from typing import Annotated

from segcli.heat_map import Measure
from segcli.model import INT32_MAX
from segcli.session import Session
from segcli.spec import Argument, Option, command


@command(
    "overlap",
    "segments overlap VIP STAFF",
    "segments overlap 'SPRING-*' VIP --measure jaccard",
    "segments overlap --top 10 -o csv",
    "segments overlap --svg overlap.svg",
)
def entry(
    session: Session,
    segment: Annotated[
        list[str] | None,
        Argument(
            metavar="SEGMENT",
            complete="segment",
            help="Ids, codes, or patterns of codes with * and ? (default: all segments); - is stdin.",
        ),
    ] = None,
    measure: Annotated[
        Measure,
        Option(metavar="MEASURE", help="count, share (of the row's accounts) or jaccard."),
    ] = "share",
    top: Annotated[
        int | None, Option(min=1, max=INT32_MAX, metavar="N", help="Only the N most overlapping pairs.")
    ] = None,
    svg: Annotated[
        str | None, Option(metavar="FILE", complete="file", help="Write the heat map to FILE as SVG.")
    ] = None,
) -> int:
    """Show how segments overlap, and which are equal or disjoint.

    A table is a heat map; other formats list the pairs, the most overlapping first.
    """
    from segcli.operations.overlap import overlap

    draw = None
    if svg is not None:
        from functools import partial

        from segcli.output.svg import write_svg

        draw = partial(write_svg, svg)
    return session.run(overlap, session.terminal, segment or (), measure=measure, top=top, draw=draw)
