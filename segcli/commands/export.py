"""segments export"""

from typing import Annotated

from segcli.errors import UsageError
from segcli.session import Session
from segcli.spec import Argument, Option, command

_FORMATS = ("yaml", "json")


@command(
    "export",
    "segments export > segments.yaml",
    "segments export --to backup --accounts",
    "segments export VIP 'SPRING-*' --to spring.json",
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
    to: Annotated[
        str | None,
        Option(
            metavar="FILE",
            complete="file",
            help="Write to a .yaml, .yml or .json file, or to a folder.",
        ),
    ] = None,
    accounts: Annotated[
        bool, Option("--accounts", help="Include memberships, not only definitions.")
    ] = False,
) -> int:
    """Write segments as a manifest, which apply reads.

    Without --to it is written to stdout, as YAML, or as JSON with -o json. The same state gives the same
    bytes. In a folder, a file for each membership is in the folder accounts; files of an earlier export that
    the new manifest does not name are removed.
    """
    from segcli.operations.export import export

    settings = session.settings
    if settings.output not in (None, *_FORMATS):
        raise UsageError(f"a manifest cannot be written as {settings.output}: expected yaml or json")
    if settings.query:
        raise UsageError("--query cannot reshape a manifest")
    as_json = settings.output == "json"
    return session.run(export, session.terminal, segment or (), to=to, accounts=accounts, as_json=as_json)
