"""segments profile"""

import os
from typing import Annotated, Any

from segcli.commands.options import YesOption
from segcli.config.files import Profile
from segcli.config.settings import config_path
from segcli.operations import profiles
from segcli.session import Session
from segcli.spec import Argument, Group, Option, command

NewNameArgument = Annotated[str, Argument(metavar="NAME", help="Name of the profile.")]
NameArgument = Annotated[str, Argument(metavar="NAME", complete="profile", help="Name of the profile.")]


@command(
    "profile add",
    "segments profile add sandbox --backend https://t123-s456.sandbox.mozu.com --client-id acme.segcli"
    " --secret-command 'pass show kibo'",
    "segments profile add here --backend sqlite:shop.db",
)
def add(
    session: Session,
    name: NewNameArgument,
    client_id: Annotated[str | None, Option(metavar="ID", help="Client id of the application.")] = None,
    auth_host: Annotated[
        str | None, Option(metavar="URL", help="Authentication host (default: the vendor's).")
    ] = None,
    tenant: Annotated[str | None, Option(metavar="ID", help="Tenant, if not part of the host name.")] = None,
    site: Annotated[str | None, Option(metavar="ID", help="Site, if not part of the host name.")] = None,
    secret_command: Annotated[
        str | None, Option(metavar="CMD", help="Command that prints the shared secret.")
    ] = None,
    keyring: Annotated[
        bool, Option("--keyring", help="Store the shared secret in the system keyring.")
    ] = False,
    secret_stdin: Annotated[
        bool, Option("--secret-stdin", help="Read the shared secret from stdin, without a prompt.")
    ] = False,
) -> int:
    """Save a backend and its credentials as a profile.

    Also saves --timeout, --rps, --ca-bundle and -o if given. Prompts for the shared secret, because
    other users of the machine could read the value of an option.
    """
    saved: dict[str, Any] = {
        option: session.flags.pop(option, None)
        for option in ("backend", "timeout", "rps", "ca_bundle", "output")
    }
    profile = Profile(
        name,
        client_id=client_id,
        auth_host=auth_host,
        tenant=tenant,
        site=site,
        secret_command=secret_command,
        keyring=keyring,
    )._replace(**saved)
    return session.run_local(
        profiles.add, session.terminal, config_path(), profile, secret_from_stdin=secret_stdin
    )


@command("profile list", "segments profile list")
def list_profiles(session: Session) -> int:
    """List the profiles."""
    return session.run_local(profiles.list_profiles, config_path())


@command("profile use", "segments profile use sandbox")
def use(session: Session, name: NameArgument) -> int:
    """Set the default profile."""
    return session.run_local(profiles.use, config_path(), name)


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
    flags = session.flags if name is None else {**session.flags, "profile": name}
    return session.run_local(profiles.show, config_path(), flags, os.environ)


@command("profile remove", "segments profile remove sandbox")
def remove(session: Session, name: NameArgument, yes: YesOption = False) -> int:
    """Remove a profile, and its secret from the keyring (asks first)."""
    return session.run_local(profiles.remove, session.terminal, config_path(), name, yes=yes)


entry = Group(
    ("profile",),
    "Manage profiles: backends and their credentials, by name.",
    (
        "segments profile add sandbox --backend https://t123-s456.sandbox.mozu.com --client-id acme.segcli",
        "segments profile use sandbox",
        "segments profile show",
    ),
    (add, list_profiles, use, show, remove),
)
