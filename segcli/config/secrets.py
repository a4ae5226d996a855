"""Reads the shared secret from where it is stored, only when a ticket has to be fetched."""

import subprocess
from collections.abc import Callable
from typing import Any

from segcli.backends import login_of
from segcli.config.settings import Settings
from segcli.errors import UnauthorizedError
from segcli.text import quoted

_SERVICE = "segcli"
_COMMAND_TIMEOUT = 60.0  # seconds; the command may wait for a touch on a hardware key


def read_secret(settings: Settings, prompt: Callable[[str], str | None]) -> str:
    """The secret of the connection's client, or the password of its user.

    `prompt` asks on the terminal, if there is one.
    Raises UnauthorizedError if there is no secret, or it cannot be read.
    """
    setting = settings.connection.get("shared_secret")
    profile = settings.profile
    found = settings.connection.get("client_id")
    client = found.value if found else "the user of the database"
    secret: str | None
    if setting is None:
        secret = prompt(f"Shared secret of {client}: ")
    elif setting.value:
        secret = setting.value
    elif profile and profile.secret_command:
        secret = _from_command(profile.secret_command)
    else:
        auth_host = settings.connection.get("auth_host")
        login = login_of(settings.backend.value, auth_host.value if auth_host else None)
        secret = from_keyring(login.origin, client) if login else None
    if not secret:
        origin = found.origin if found else f"profile {profile.name}" if profile else ""
        by_profile = profile is not None and origin == f"profile {profile.name}"
        raise UnauthorizedError(
            f"there is no shared secret for the client {client}",
            hint=f"store it with: segments profile set {quoted(profile.name)} --secret-stdin"
            if profile and by_profile
            else "set KIBO_SHARED_SECRET, or save a profile with: segments profile add",
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


def from_keyring(origin: str, client_id: str) -> str | None:
    """The client's secret for the authentication host `origin` in the system's keyring, if there is one.

    Raises UnauthorizedError without a keyring.
    """
    keyring = _keyring()
    try:
        secret: str | None = keyring.get_password(_SERVICE, _entry(origin, client_id))
    except keyring.errors.KeyringError as error:
        raise UnauthorizedError(f"the system keyring failed: {error}") from None
    return secret


def to_keyring(origin: str, client_id: str, secret: str | None) -> None:
    """Stores the secret in the system's keyring; None deletes it. Raises UnauthorizedError."""
    keyring = _keyring()
    entry = _entry(origin, client_id)
    try:
        if secret is not None:
            keyring.set_password(_SERVICE, entry, secret)
        elif keyring.get_password(_SERVICE, entry) is not None:
            keyring.delete_password(_SERVICE, entry)
    except keyring.errors.KeyringError as error:
        raise UnauthorizedError(f"the system keyring failed: {error}") from None


def require_keyring() -> None:
    """Raises UnauthorizedError if the keyring package is not installed."""
    _keyring()


def _entry(origin: str, client_id: str) -> str:
    """The name of an entry. It has the host, because clients of two hosts can have the same id.

    Entries of 0.1.0 have only the client id. They are not read: the secret could be another host's.
    """
    return f"{client_id} @ {origin}"


def _keyring() -> Any:
    """The keyring module, which is an optional dependency."""
    try:
        import keyring
        import keyring.errors
    except ImportError:
        raise UnauthorizedError(
            "the keyring package is not installed", hint="install it, or use --secret-command"
        ) from None
    return keyring
