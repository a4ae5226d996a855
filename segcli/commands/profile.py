"""segments profile"""

import os
from typing import Annotated, Any

from segcli.commands.options import YesOption
from segcli.config.settings import config_path
from segcli.operations import profile_changes, profiles
from segcli.session import Session
from segcli.spec import Argument, Group, Option, command

NewNameArgument = Annotated[str, Argument(metavar="NAME", help="Name of the profile.")]
NameArgument = Annotated[str, Argument(metavar="NAME", complete="profile", help="Name of the profile.")]
ClientIdOption = Annotated[str | None, Option(metavar="ID", help="Client id of the application.")]
AuthHostOption = Annotated[
    str | None, Option(metavar="URL", help="Authentication host (default: the vendor's).")
]
TenantOption = Annotated[str | None, Option(metavar="ID", help="Tenant, if not part of the host name.")]
SiteOption = Annotated[str | None, Option(metavar="ID", help="Site, if not part of the host name.")]
CustomerSetOption = Annotated[
    str | None, Option(metavar="CODE", help="Customer set whose accounts are read (default: all).")
]
SecretCommandOption = Annotated[
    str | None, Option(metavar="CMD", help="Command that prints the shared secret.")
]
KeyringOption = Annotated[bool, Option("--keyring", help="Store the shared secret in the system keyring.")]
SecretStdinOption = Annotated[
    bool, Option("--secret-stdin", help="Read the shared secret from stdin, without a prompt.")
]
KeepHistoryOption = Annotated[
    str | None, Option(metavar="DURATION", help="What prune-history keeps by default, such as 365d.")
]
UseOption = Annotated[bool, Option("--use", help="Make it the default profile.")]
CheckOption = Annotated[bool, Option("--check", help="Save only if a ticket can be fetched with it.")]


@command(
    "profile add",
    "segments profile add sandbox --backend https://t123-s456.sandbox.mozu.com --client-id acme.segcli"
    " --secret-command 'pass show kibo'",
    "segments profile add here --backend sqlite:shop.db",
)
def add(
    session: Session,
    name: NewNameArgument,
    client_id: ClientIdOption = None,
    auth_host: AuthHostOption = None,
    tenant: TenantOption = None,
    site: SiteOption = None,
    customer_set: CustomerSetOption = None,
    secret_command: SecretCommandOption = None,
    keyring: KeyringOption = False,
    secret_stdin: SecretStdinOption = False,
    keep_history: KeepHistoryOption = None,
    use: UseOption = False,
    check: CheckOption = False,
) -> int:
    """Save a backend and its credentials as a profile.

    Also saves --timeout, --rps, --ca-bundle and -o. Prompts for the shared secret.
    """
    given = (client_id, auth_host, tenant, site, customer_set, secret_command, keyring, keep_history)
    values = _values(session, *given)
    saving = profile_changes.Saving(secret_stdin, use, check)
    return session.run_local(profile_changes.add, session.terminal, config_path(), name, values, saving)


@command(
    "profile set",
    "segments profile set sandbox --rps 20",
    "segments profile set sandbox --secret-command 'pass show kibo'",
)
def change(
    session: Session,
    name: NameArgument,
    client_id: ClientIdOption = None,
    auth_host: AuthHostOption = None,
    tenant: TenantOption = None,
    site: SiteOption = None,
    customer_set: CustomerSetOption = None,
    secret_command: SecretCommandOption = None,
    keyring: KeyringOption = False,
    secret_stdin: SecretStdinOption = False,
    keep_history: KeepHistoryOption = None,
    use: UseOption = False,
    check: CheckOption = False,
) -> int:
    """Change the given settings of a profile; "" clears one.

    Also changes --backend, --timeout, --rps, --ca-bundle and -o. A stored secret is dropped if the client
    id or the authentication host changes.
    """
    given = (client_id, auth_host, tenant, site, customer_set, secret_command, keyring, keep_history)
    values = _values(session, *given)
    saving = profile_changes.Saving(secret_stdin, use, check)
    return session.run_local(profile_changes.change, session.terminal, config_path(), name, values, saving)


@command("profile list", "segments profile list")
def list_profiles(session: Session) -> int:
    """List the profiles."""
    return session.run_local(profiles.list_profiles, config_path())


@command("profile use", "segments profile use sandbox", "segments profile use --none")
def use(
    session: Session,
    name: Annotated[
        str | None, Argument(metavar="NAME", complete="profile", help="Name of the profile.")
    ] = None,
    none: Annotated[bool, Option("--none", help="Use no profile by default.")] = False,
) -> int:
    """Set the default profile."""
    return session.run_local(profiles.use, config_path(), name, none=none)


@command("profile show", "segments profile show", "segments profile show sandbox -o json")
def show(
    session: Session,
    name: Annotated[
        str | None, Argument(metavar="NAME", complete="profile", help="Profile (default: the active one).")
    ] = None,
) -> int:
    """Show the active settings and where each comes from.

    Secrets are masked.
    """
    return session.run_local(profiles.show, config_path(), session.flags, os.environ, name)


@command("profile remove", "segments profile remove sandbox")
def remove(
    session: Session,
    name: NameArgument,
    none: Annotated[bool, Option("--none", help="Have no default profile afterwards.")] = False,
    use: Annotated[
        str | None,
        Option("--use", metavar="OTHER", complete="profile", help="Default profile afterwards."),
    ] = None,
    yes: YesOption = False,
) -> int:
    """Remove a profile, its secret in the keyring and its tickets (asks first).

    If it is the default profile, --none or --use is required.
    """
    return session.run_local(
        profiles.remove, session.terminal, config_path(), name, yes=yes, none=none, use_instead=use
    )


def _values(
    session: Session,
    client_id: str | None,
    auth_host: str | None,
    tenant: str | None,
    site: str | None,
    customer_set: str | None,
    secret_command: str | None,
    keyring: bool,
    keep_history: str | None,
) -> dict[str, Any]:
    """The settings that were given, also those of common options, which then do not apply to this run."""
    values: dict[str, Any] = {
        "client_id": client_id,
        "auth_host": auth_host,
        "tenant": tenant,
        "site": site,
        "customer_set": customer_set,
        "secret_command": secret_command,
        "keyring": keyring or None,
        "keep_history": keep_history,
    }
    for option in ("backend", "timeout", "rps", "ca_bundle", "output"):
        values[option] = session.flags.pop(option, None)
    return {name: value for name, value in values.items() if value is not None}


entry = Group(
    ("profile",),
    "Manage profiles: backends and their credentials, by name.",
    (
        "segments profile add sandbox --backend https://t123-s456.sandbox.mozu.com --client-id acme.segcli",
        "segments profile use sandbox",
        "segments profile show",
    ),
    (add, change, list_profiles, use, show, remove),
)
