"""The commands on profiles: read, change and explain config.yaml."""

import os
import re
from collections.abc import Mapping
from typing import Any

from segcli.backends import SCHEMES, normalize_auth_host, normalize_url
from segcli.config.edit import remove_profile, save_profile, use_profile
from segcli.config.files import Profile, read_config
from segcli.config.settings import Setting, Settings, check_format, parse_number, resolve
from segcli.errors import AlreadyExistsError, NotFoundError, UsageError
from segcli.result import Result, columns_of
from segcli.terminal.streams import Terminal

MASK = "********"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_LISTED = columns_of(("name", "backend", "clientId", "current"))
_SHOWN = columns_of(("setting", "value", "source"))


def add(
    terminal: Terminal,
    path: str,
    profile: Profile,
    *,
    secret_from_stdin: bool,
) -> Result:
    """Saves a profile, and its secret where the profile says; returns what `show` does.

    Raises UsageError for an invalid name or backend, AlreadyExistsError.
    """
    if not _NAME.fullmatch(profile.name):
        raise UsageError(
            f"'{profile.name}' is not a valid profile name: use letters, digits, dots, dashes and underscores"
        )
    if profile.name in read_config(path).profiles:
        raise AlreadyExistsError(
            f"the profile {profile.name} already exists",
            hint=f"remove it first with: segments profile remove {profile.name}",
        )
    profile = _checked(profile)
    profile = _with_secret(terminal, profile, secret_from_stdin)
    save_profile(path, profile)
    if profile.shared_secret:
        terminal.info(
            f"the shared secret is stored in {path} in plain text, readable only by you;"
            " --keyring or --secret-command are safer"
        )
    return show(path, {"profile": profile.name}, {})


def list_profiles(path: str) -> Result:
    """Every profile, and which is the default."""
    config = read_config(path)
    items = [
        {
            "name": profile.name,
            "backend": profile.backend,
            "clientId": profile.client_id,
            "current": profile.name == config.current,
        }
        for profile in config.profiles.values()
    ]
    return Result(items, _LISTED)


def use(path: str, name: str) -> Result:
    """Sets the default profile. Raises NotFoundError."""
    _find(path, name)
    use_profile(path, name)
    return list_profiles(path)


def show(path: str, flags: Mapping[str, object], environ: Mapping[str, str]) -> Result:
    """Every effective setting and where it comes from; secrets are masked."""
    name = flags.get("profile")
    if name is not None:
        _find(path, str(name))
    return Result(_settings(resolve(flags, environ)), _SHOWN)


def remove(terminal: Terminal, path: str, name: str, *, yes: bool) -> Result:
    """Removes a profile and its secret in the keyring, after confirmation. Raises NotFoundError."""
    terminal.require_yes(yes, f"remove the profile {name}")
    profile = _find(path, name)
    terminal.confirm(f"Remove the profile {name} ({profile.backend})?", yes=yes)
    remove_profile(path, name)
    if profile.keyring and profile.client_id:
        from segcli.config.secrets import to_keyring

        to_keyring(profile.client_id, None)
    return list_profiles(path)


def _find(path: str, name: str) -> Profile:
    profile = read_config(path).profiles.get(name)
    if profile is None:
        raise NotFoundError(
            f"there is no profile {name}", hint="list the profiles with: segments profile list"
        )
    return profile


def _checked(profile: Profile) -> Profile:
    """The profile as it will be read back. Raises UsageError for an invalid setting."""
    numbers: dict[str, Any] = {
        name: parse_number(name, Setting(str(value), f"--{name}"))
        for name, value in (("timeout", profile.timeout), ("rps", profile.rps))
        if value is not None
    }
    if profile.output is not None:
        check_format(Setting(profile.output, "--output"))
    if profile.auth_host is not None:
        normalize_auth_host(profile.auth_host)
    return profile._replace(backend=_checked_backend(profile.backend), **numbers)


def _checked_backend(url: str | None) -> str:
    if not url:
        forms = ", or ".join(f"--backend {scheme.form}" for scheme in SCHEMES.values() if scheme.listed)
        raise UsageError("a profile needs a backend", hint=forms)
    return normalize_url(url)


def _with_secret(terminal: Terminal, profile: Profile, from_stdin: bool) -> Profile:
    """The profile after its secret was stored in the keyring, or with the secret to store in the file."""
    if profile.client_id is None or profile.secret_command:
        return profile
    question = "Shared secret (Enter to be asked each time): "
    secret = terminal.read_secret() if from_stdin else terminal.prompt_secret(question)
    if not secret:
        return profile._replace(keyring=False)
    if not profile.keyring:
        return profile._replace(shared_secret=secret)
    from segcli.config.secrets import to_keyring

    to_keyring(profile.client_id, secret)
    return profile


def _settings(settings: Settings) -> list[dict[str, Any]]:
    rows = [{"setting": "config", "value": settings.config, "source": _exists(settings.config)}]
    if settings.profile:
        rows.append({"setting": "profile", "value": settings.profile.name, "source": "config.yaml"})
    rows.append(_row("backend", *settings.backend))
    for name, (value, origin) in settings.connection.items():
        rows.append(_row(name, MASK if name == "shared_secret" else value, origin))
    for name in ("output", "timeout", "rps"):
        setting = settings.chosen.get(name)
        if setting:
            rows.append(_row(name, *setting))
    return rows


def _row(setting: str, value: str, origin: str) -> dict[str, Any]:
    return {"setting": setting, "value": value, "source": origin}


def _exists(path: str) -> str:
    return "file" if os.path.exists(path) else "no such file"
