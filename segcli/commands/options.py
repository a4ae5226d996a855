"""The arguments and options that several commands share, and the common options of all of them."""

from typing import Annotated, Literal

from segcli.backends import SCHEMES
from segcli.config.settings import DEFAULT_TIMEOUT
from segcli.output import FORMATS
from segcli.query.tree import OPERATORS
from segcli.session import Session
from segcli.spec import Argument, Complete, Option, Parameter

SegmentArgument = Annotated[
    str,
    Argument(metavar="SEGMENT", complete="segment", help="Id or code; id:12 and code:123 are explicit."),
]
SegmentsArgument = Annotated[
    list[str],
    Argument(
        metavar="SEGMENT",
        complete="segment",
        help="Ids or codes; id:12 and code:123 are explicit; - is stdin.",
    ),
]
ACCOUNT_HELP = "Ids, or email:, external: or user:TEXT; - is stdin."
AccountsArgument = Annotated[list[str], Argument(metavar="ACCOUNT", help=ACCOUNT_HELP)]
CustomerSetOption = Annotated[str | None, Option(metavar="CODE", help="Consider only customers of this set.")]
FilterOption = Annotated[
    str | None,
    Option(
        metavar="FILTER",
        complete="filter",
        help=f"FIELD OP VALUE [and ...]; OP: {' '.join(OPERATORS)}.",
    ),
]
SortOption = Annotated[
    str | None,
    Option(metavar="SORT", complete="sort", help="FIELD [asc|desc], comma-separated (default: by id)."),
]
FieldsOption = Annotated[
    str | None,
    Option(metavar="FIELDS", complete="fields", help="Show only these fields: id,code,name or -description."),
]
WithOption = Annotated[
    str | None,
    Option(
        "--with",
        metavar="FIELDS",
        complete="customer-fields",
        help="Print these fields of each customer: email,externalId.",
    ),
]
CustomerFieldsOption = Annotated[
    str | None,
    Option(
        metavar="FIELDS",
        complete="customer-fields",
        help="Show only these fields: id,emailAddress or -userName.",
    ),
]
CustomerFilterOption = Annotated[
    str | None,
    Option(
        metavar="FILTER",
        complete="customer-filter",
        help=f"FIELD OP VALUE [and ...]; OP: {' '.join(OPERATORS)}.",
    ),
]
WideOption = Annotated[bool, Option("--wide", help="Show every column of a table in full.")]
NameOption = Annotated[str | None, Option(metavar="TEXT", help="Display name.")]
DescriptionOption = Annotated[str | None, Option(metavar="TEXT", help="What the segment is for.")]
DryRunOption = Annotated[bool, Option("--dry-run", help="Print what would change; change nothing.")]
ReasonOption = Annotated[
    str | None, Option(metavar="TEXT", help="Why, for the history (default: $SEGMENTS_REASON).")
]
AtOption = Annotated[
    str | None, Option(metavar="MOMENT", help="The state at a date, a date and time, or -7d, -2h, -30m.")
]
YesOption = Annotated[bool, Option("--yes", "-y", help="Skip the confirmation prompt.")]
SourceArgument = Annotated[
    str,
    Argument(
        metavar="SOURCE",
        complete="file",
        help="Manifest, saved plan, URL or profile:NAME.",
    ),
]
PruneOption = Annotated[bool, Option("--prune", help="Delete segments that SOURCE does not have.")]
PruneExceptOption = Annotated[
    str | None, Option(metavar="GLOB", help="With --prune, keep segments whose code matches.")
]
AccountsOption = Annotated[bool, Option("--accounts", help="If SOURCE is a backend: memberships too.")]
MatchOption = Annotated[
    Literal["email", "external-id", "user-name"] | None,
    Option(metavar="KIND", help="With --accounts, find each account by email, external-id or user-name."),
]
MinMatchSourceOption = Annotated[
    str | None, Option("--min-match", metavar="P%", help="Refuse if fewer accounts match (default 100%).")
]
AllowEmptySourceOption = Annotated[
    bool, Option("--allow-empty", help="Accept empty files, and with --prune no segments.")
]

_FORMS = " or ".join(scheme.form for scheme in SCHEMES.values() if scheme.listed)


def _common(
    name: str,
    kind: type,
    *names: str,
    help: str,
    metavar: str | None = None,
    complete: Complete = "text",
    choices: tuple[str, ...] = (),
) -> Parameter:
    option = Option(*names, help=help, metavar=metavar, complete=complete, choices=choices)
    return Parameter(name, kind, option, None)


# Accepted by every command, before or after its word; their values go to the session.
COMMON = (
    _common(
        "profile", str, metavar="NAME", complete="profile", help="Use a saved backend with its credentials."
    ),
    _common("backend", str, metavar="URL", complete="backend", help=f"Backend to use: {_FORMS}."),
    _common(
        "output",
        str,
        "--output",
        "-o",
        metavar="FORMAT",
        choices=tuple(FORMATS),
        help=f"Format: {', '.join(FORMATS)}.",
    ),
    _common("query", str, metavar="JMESPATH", help="Reshape the JSON form of the result."),
    _common("quiet", bool, "--quiet", "-q", help="Print only the result and errors."),
    _common("verbose", bool, "--verbose", "-v", help="Log each request or SQL statement to stderr."),
    _common(
        "timeout",
        str,
        metavar="SECONDS",
        help=f"Limit for a request or a database lock (default {DEFAULT_TIMEOUT:g}).",
    ),
    _common("rps", str, metavar="N", help="Send at most N requests per second."),
    _common(
        "ca_bundle", str, metavar="FILE", complete="file", help="Trust the certificate authorities in FILE."
    ),
    _common("no_color", bool, help="Disable color, as NO_COLOR does."),
)
# Handled by the parser itself.
VERSION = _common("version", bool, help="Print the version.")
HELP = _common("help", bool, "--help", "-h", help="Show this help.")


def set_of(session: Session, customer_set: str | None = None) -> str | None:
    """The given customer set, or that of the profile."""
    saved = session.settings.connection.get("customer_set")
    return saved.value if customer_set is None and saved is not None else customer_set
