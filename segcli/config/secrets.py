"""The shared secret, fetched from where it is kept only when a ticket has to be had."""

import subprocess
from collections.abc import Callable
from typing import Any

from segcli.config.settings import Settings
from segcli.errors import UnauthorizedError

_SERVICE = "segcli"
_COMMAND_TIMEOUT = 60.0  # seconds; a command may ask for a finger on a key


def read_secret(settings: Settings, ask: Callable[[str], str | None]) -> str:
    """The secret of the connection's client. `ask` puts a question on the terminal, if there is one.

    Raises UnauthorizedError where the place in question does not give it.
    """
    found = settings.connection.get("shared_secret")
    profile = settings.profile
    client = settings.connection["client_id"].value
    secret: str | None
    if found is None:
        secret = ask(f"Shared secret of {client}: ")
    elif found.value:
        secret = found.value
    elif profile and profile.secret_command:
        secret = _from_command(profile.secret_command)
    else:
        secret = from_keyring(client)
    if not secret:
        raise UnauthorizedError(
            f"there is no shared secret for the client {client}",
            hint="set KIBO_SHARED_SECRET, or: segments profile add NAME --secret-command COMMAND",
        )
    return secret


def _from_command(command: str) -> str:
    """The first line that the command writes. What it writes is never told to anyone."""
    import shlex

    try:
        done = subprocess.run(  # noqa: S603 - the user's own command, and no shell reads it
            shlex.split(command), stdout=subprocess.PIPE, check=True, timeout=_COMMAND_TIMEOUT
        )
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        if isinstance(error, subprocess.CalledProcessError):
            reason = f"it ended with {error.returncode}"
        raise UnauthorizedError(f"the secret_command did not give the secret: {reason}") from None
    lines = done.stdout.decode(errors="replace").splitlines()
    return lines[0].strip() if lines else ""


def from_keyring(client_id: str) -> str | None:
    """The secret that the system's keyring holds. Raises UnauthorizedError where there is no keyring."""
    keyring = _keyring()
    try:
        secret: str | None = keyring.get_password(_SERVICE, client_id)
    except keyring.errors.KeyringError as error:
        raise UnauthorizedError(f"the system's keyring does not answer: {error}") from None
    return secret


def to_keyring(client_id: str, secret: str | None) -> None:
    """Keeps the secret in the system's keyring, or forgets it. Raises UnauthorizedError."""
    keyring = _keyring()
    try:
        if secret is not None:
            keyring.set_password(_SERVICE, client_id, secret)
        elif keyring.get_password(_SERVICE, client_id) is not None:
            keyring.delete_password(_SERVICE, client_id)
    except keyring.errors.KeyringError as error:
        raise UnauthorizedError(f"the system's keyring does not answer: {error}") from None


def _keyring() -> Any:
    """The module itself, which is an extra."""
    try:
        import keyring
        import keyring.errors
    except ImportError:
        raise UnauthorizedError(
            "the system's keyring needs an extra", hint="pip install 'segcli[keyring]'"
        ) from None
    return keyring
