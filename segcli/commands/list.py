"""segments list"""

from typing import Annotated

import typer

from segcli.commands.declare import (
    FieldsOption,
    FilterOption,
    SortOption,
    command,
    new_app,
    session_of,
)
from segcli.model import INT32_MAX
from segcli.operations import segments

app = new_app()


@command(
    app,
    "list",
    "segments list --filter \"name cont 'vip' and id gt 9\" --sort 'name desc'",
    "segments list --all -o csv > segments.csv",
    "segments list --all --query 'items[?description==null].code' -o tsv",
)
def list_segments(
    context: typer.Context,
    filter: FilterOption = None,
    sort: SortOption = None,
    start_index: Annotated[
        int, typer.Option(metavar="N", help="How many to pass over.", show_default=True)
    ] = 0,
    page_size: Annotated[
        int | None, typer.Option(metavar="N", help="How many a page holds, 1 to 200; 20 or, with --all, 200.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every page, streamed.")] = False,
    limit: Annotated[
        int | None, typer.Option(min=1, max=INT32_MAX, metavar="N", help="This many at most, over pages.")
    ] = None,
    fields: FieldsOption = None,
) -> int:
    """List segments: one page, or all of them."""
    return session_of(context).run(
        segments.list_segments,
        filter=filter,
        sort=sort,
        start_index=start_index,
        page_size=page_size,
        everything=everything,
        limit=limit,
        fields=fields,
    )
