"""Reads the shared secret from where it is stored, only when a ticket has to be fetched."""

import subprocess
from collections.abc import Callable
from typing import Any

from segcli.config.settings import Settings
from segcli.errors import UnauthorizedError

_SERVICE = "segcli"
_COMMAND_TIMEOUT = 60.0  # seconds; the command may wait for a touch on a hardware key


def read_secret(settings: Settings, prompt: Callable[[str], str | None]) -> str:
    """The secret of the connection's client. `prompt` asks on the terminal, if there is one.

    Raises UnauthorizedError if there is no secret, or it cannot be read.
    """
    setting = settings.connection.get("shared_secret")
    profile = settings.profile
    client = settings.connection["client_id"].value
    secret: str | None
    if setting is None:
        secret = prompt(f"Shared secret of {client}: ")
    elif setting.value:
        secret = setting.value
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
    """The first line of the command's output, which is never shown."""
    import shlex

    try:
        done = subprocess.run(  # noqa: S603 - the user's own command, run without a shell
            shlex.split(command), stdout=subprocess.PIPE, check=True, timeout=_COMMAND_TIMEOUT
        )
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        raise UnauthorizedError(
            f"the secret_command failed: {_reason(error)}",
            hint="it must print the secret on its first line; it is run without a shell",
        ) from None
    lines = done.stdout.decode(errors="replace").splitlines()
    return lines[0].strip() if lines else ""


def _reason(error: Exception) -> str:
    if isinstance(error, subprocess.CalledProcessError):
        return f"exit status {error.returncode}"
    if isinstance(error, subprocess.TimeoutExpired):
        return f"no result after {_COMMAND_TIMEOUT:.0f} s"
    return getattr(error, "strerror", None) or str(error)


def from_keyring(client_id: str) -> str | None:
    """The secret in the system's keyring, if there is one. Raises UnauthorizedError without a keyring."""
    keyring = _keyring()
    try:
        secret: str | None = keyring.get_password(_SERVICE, client_id)
    except keyring.errors.KeyringError as error:
        raise UnauthorizedError(f"the system keyring failed: {error}") from None
    return secret


def to_keyring(client_id: str, secret: str | None) -> None:
    """Stores the secret in the system's keyring; None deletes it. Raises UnauthorizedError."""
    keyring = _keyring()
    try:
        if secret is not None:
            keyring.set_password(_SERVICE, client_id, secret)
        elif keyring.get_password(_SERVICE, client_id) is not None:
            keyring.delete_password(_SERVICE, client_id)
    except keyring.errors.KeyringError as error:
        raise UnauthorizedError(f"the system keyring failed: {error}") from None


def _keyring() -> Any:
    """The keyring module, which is an optional dependency."""
    try:
        import keyring
        import keyring.errors
    except ImportError:
        raise UnauthorizedError(
            "the keyring package is not installed", hint="install it with: pip install 'segcli[keyring]'"
        ) from None
    return keyring
