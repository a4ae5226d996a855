"""Which credentials are for a backend: the profile's, those of the vendor's variables, or none.

They are taken from one source, and another fills nothing in. Otherwise a variable left over in the shell
could send a profile's secret to another host, or the variables' secret to a host that they were not set for.
"""

from collections.abc import Mapping

from segcli.backends import login_of, same_backend
from segcli.config.files import Profile
from segcli.errors import UsageError

_MAX_ID_DIGITS = 10


def is_for(url: str | None, backend: str) -> bool:
    """Whether a profile with the backend `url` is for `backend`."""
    return url is not None and same_backend(url, backend)


def is_for_vendor(host: str | None, backend: str) -> bool:
    """Whether the vendor's variables are for `backend`: that of KIBO_API_HOST, else the vendor's domains."""
    if host is not None:
        return same_backend(host, backend)
    try:
        login = login_of(backend)
    except UsageError:  # reported, with its origin, when the backend is opened
        return False
    return login is not None and login.vendors


def unused_credentials(client_variable: str, host: str | None, profile: Profile | None) -> str:
    """Why the client id in a variable is not used, as the end of an error message.

    `host` is that of KIBO_API_HOST, `profile` the one that is for the backend.
    """
    if profile is not None:
        return f"profile {profile.name} has no client id, and {client_variable} is not used with a profile"
    if host is not None:
        return f"{client_variable} is only for {host} (KIBO_API_HOST)"
    return f"{client_variable} is only for *.mozu.com and *.kibocommerce.com unless KIBO_API_HOST is set"


def secret_of(profile: Profile) -> tuple[str, str] | None:
    """A profile's secret and where it is kept; the secret is empty if it has to be fetched from there."""
    origin = f"profile {profile.name}"
    if profile.secret_command:
        return "", f"{origin}: secret_command"
    if profile.keyring:
        return "", f"{origin}: keyring"
    return (profile.shared_secret, f"{origin}: file") if profile.shared_secret else None


def secret_identity(secret: str | None, profile: Profile | None) -> str:
    """What tells a secret from others without running a command, reading a keyring or prompting.

    `secret` is None if it is prompted for, and empty if the profile says where to fetch it.
    """
    if secret is None:
        return "prompt"
    if secret:
        return f"secret {secret}"
    return f"command {profile.secret_command}" if profile and profile.secret_command else "keyring"


def check_id(name: str, value: str, origin: str) -> None:
    """Raises UsageError, which names the origin, if the value is not the id of a `tenant` or `site`."""
    if not (value.isascii() and value.isdigit() and len(value) <= _MAX_ID_DIGITS):
        raise UsageError(f"invalid {name} '{value}' ({origin}): expected at most {_MAX_ID_DIGITS} digits")


def scope_of(connection: Mapping[str, tuple[str, str]]) -> str | None:
    """Which tenant and site are requested, and the origins of their ids; None if none is configured.

    `connection` has a value and its origin for each name.
    """
    ids = [(name, *connection[name]) for name in ("tenant", "site") if name in connection]
    return "; ".join(f"{name} {value} comes from {origin}" for name, value, origin in ids) or None
