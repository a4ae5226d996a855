"""segments list"""

from typing import Annotated

from segcli.commands.options import AtOption, FieldsOption, FilterOption, SortOption, WideOption
from segcli.model import INT32_MAX
from segcli.operations import segments
from segcli.session import Session
from segcli.spec import Option, command


@command(
    "list",
    "segments list --filter \"name cont 'vip' and id gt 9\" --sort 'name desc'",
    "segments list --all -o csv > segments.csv",
    "segments list --counts --fields code,accounts",
    "segments list --all --query 'items[?description==null].code' -o tsv",
)
def entry(
    session: Session,
    filter: FilterOption = None,
    sort: SortOption = None,
    start_index: Annotated[int, Option(metavar="N", help="Number of segments to skip.")] = 0,
    page_size: Annotated[
        int | None, Option(metavar="N", help="Segments per page, 1 to 200 (default 20; with --all 200).")
    ] = None,
    everything: Annotated[bool, Option("--all", help="List every page, streamed.")] = False,
    limit: Annotated[
        int | None,
        Option(min=1, max=INT32_MAX, metavar="N", help="Maximum number of segments, across pages."),
    ] = None,
    fields: FieldsOption = None,
    counts: Annotated[bool, Option("--counts", help="Add how many accounts each segment has.")] = False,
    at: AtOption = None,
    wide: WideOption = False,
) -> int:
    """List segments: one page, or all of them."""
    return session.run(
        segments.list_segments,
        session.terminal,
        filter=filter,
        sort=sort,
        start_index=start_index,
        page_size=page_size,
        everything=everything,
        limit=limit,
        fields=fields,
        counts=counts,
        wide=wide,
        at=at,
    )
