"""The arguments and options that several of the commands share."""

from typing import Annotated, Literal

from segcli.commands.options import ACCOUNT_HELP
from segcli.model import INT32_MAX
from segcli.spec import Argument, Option

AccountsOrFileArgument = Annotated[list[str] | None, Argument(metavar="ACCOUNT", help=ACCOUNT_HELP)]
FILE = Option(
    "--file", "-f", metavar="FILE", complete="file", help="Text, CSV, JSON, JSON lines or YAML; - is stdin."
)
FileOption = Annotated[str | None, FILE]
ExpressionArgument = Annotated[
    str,
    Argument(
        metavar="EXPRESSION",
        complete="expression",
        help="Set expression, such as 'VIP and not (STAFF or TEST)'.",
    ),
]
FromOption = Annotated[
    str | None,
    Option("--from", metavar="EXPRESSION", complete="expression", help="The accounts of a set expression."),
]
MaxRemoveOption = Annotated[
    str | None, Option(metavar="N|P%", help="Refuse to remove more accounts than this.")
]
ColumnOption = Annotated[
    str | None, Option(metavar="NAME", help="Column (default: by name, such as accountId).")
]
SkipInvalidOption = Annotated[
    bool, Option("--skip-invalid", help="Skip and count values that are not accounts.")
]
AllowEmptyOption = Annotated[bool, Option("--allow-empty", help="Accept a file or a set without accounts.")]
RejectsOption = Annotated[
    str | None,
    Option(metavar="FILE", complete="file", help="Write skipped and rejected values to FILE."),
]
ChunkSizeOption = Annotated[
    int | None,
    Option(
        min=1,
        max=INT32_MAX,
        metavar="N",
        help="Accounts per request (default 1000) or transaction.",
    ),
]
ConcurrencyOption = Annotated[int, Option(min=1, max=32, metavar="N", help="Parallel requests to a tenant.")]
ResumeOption = Annotated[bool, Option("--resume", help="Continue this command where it was interrupted.")]
ByOption = Annotated[
    Literal["email", "external-id", "user-name", "id"] | None,
    Option(metavar="KIND", help="What is given: email, external-id, user-name or id."),
]
MinMatchOption = Annotated[
    str | None, Option(metavar="P%", help="Refuse if fewer of the values are accounts.")
]
