"""segments profile"""

import os
from typing import Annotated, Any

from segcli.commands.declare import Argument, Option, command, new_app
from segcli.config import config_path
from segcli.config.files import Profile
from segcli.operations import profiles
from segcli.session import Session

app = new_app(
    "segments profile add sandbox --backend https://t123-s456.sandbox.mozu.com --client-id acme.segcli",
    "segments profile use sandbox",
    "segments profile show",
    help="Keep backends and their credentials under names.",
)
NameArgument = Annotated[str, Argument(metavar="NAME", help="The profile's name.")]


@command(
    app,
    "add",
    "segments profile add sandbox --backend https://t123-s456.sandbox.mozu.com --client-id acme.segcli"
    " --secret-command 'pass show kibo'",
    "segments profile add here --backend sqlite:shop.db",
)
def add(
    session: Session,
    name: NameArgument,
    client_id: Annotated[str | None, Option(metavar="ID", help="The application's id.")] = None,
    auth_host: Annotated[
        str | None, Option(metavar="URL", help="Where tickets come from, if not the vendor's home.")
    ] = None,
    tenant: Annotated[
        str | None, Option(metavar="ID", help="The tenant, where the host does not say.")
    ] = None,
    site: Annotated[str | None, Option(metavar="ID", help="The site, where the host does not say.")] = None,
    secret_command: Annotated[
        str | None, Option(metavar="COMMAND", help="A command whose first line is the shared secret.")
    ] = None,
    keyring: Annotated[
        bool, Option("--keyring", help="Keep the shared secret in the system's keyring.")
    ] = False,
    secret_stdin: Annotated[
        bool, Option("--secret-stdin", help="Read the shared secret from stdin, not from the terminal.")
    ] = False,
) -> int:
    """Keep a backend under a name; --backend, --timeout, --rps, --ca-bundle and -o are kept with it.

    The shared secret is asked for, or comes from a command; it is never an option's value, which
    everyone on the machine could read.
    """
    kept: dict[str, Any] = {
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
    )._replace(**kept)
    return session.show(
        profiles.add, session.terminal, config_path(), profile, secret_from_stdin=secret_stdin
    )


@command(app, "list", "segments profile list")
def list_profiles(session: Session) -> int:
    """List the profiles."""
    return session.show(profiles.list_profiles, config_path())


@command(app, "use", "segments profile use sandbox")
def use(session: Session, name: NameArgument) -> int:
    """Make a profile the one that is used unasked."""
    return session.show(profiles.use, config_path(), name)


@command(app, "show", "segments profile show", "segments profile show sandbox -o json")
def show(
    session: Session,
    name: Annotated[str | None, Argument(metavar="[NAME]", help="Else the one in force.")] = None,
) -> int:
    """Show the settings in force and where each comes from; secrets are masked."""
    flags = session.flags if name is None else {**session.flags, "profile": name}
    return session.show(profiles.show, config_path(), flags, os.environ)


@command(app, "remove", "segments profile remove sandbox")
def remove(
    session: Session,
    name: NameArgument,
    yes: Annotated[bool, Option("--yes", "-y", help="Do not ask.")] = False,
) -> int:
    """Take a profile out, and its secret out of the keyring."""
    return session.show(profiles.remove, session.terminal, config_path(), name, yes=yes)
