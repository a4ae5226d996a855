"""The commands on profiles that read, select, explain and remove them."""

import os
from collections.abc import Mapping
from typing import Any

from segcli.backends import login_of, shown_url
from segcli.config.edit import remove_profile, use_profile
from segcli.config.files import ConfigFile, Profile, read_config
from segcli.config.settings import Settings, resolve
from segcli.errors import NotFoundError, UsageError
from segcli.result import Result, columns_of
from segcli.terminal.streams import Terminal

MASK = "********"
_LISTED = columns_of(("name", "backend", "clientId", "current"))
_SHOWN = columns_of(("setting", "value", "source"))


def list_profiles(path: str) -> Result:
    """Every profile, and which is the default."""
    config = read_config(path)
    items = [
        {
            "name": profile.name,
            "backend": profile.backend and shown_url(profile.backend),
            "clientId": profile.client_id,
            "current": profile.name == config.current,
        }
        for profile in config.profiles.values()
    ]
    return Result(items, _LISTED)


def use(path: str, name: str | None, *, none: bool) -> Result:
    """Sets the default profile, or with `none` that there is none. Raises NotFoundError, UsageError."""
    if (name is not None) == none:
        raise UsageError("expected the name of a profile, or --none")
    if name is not None:
        find(path, name)
    use_profile(path, name)
    return list_profiles(path)


def show(
    path: str, flags: Mapping[str, object], environ: Mapping[str, str], name: str | None = None
) -> Result:
    """Every effective setting and where it comes from, with the profile `name` if there is one.

    Secrets are masked. Raises NotFoundError.
    """
    selected = name if name is not None else flags.get("profile")
    if selected is not None:
        find(path, str(selected))
    if name is None:
        settings = resolve(flags, environ)
        return Result(_settings(settings, settings.profile_origin), _SHOWN)
    return Result(_settings(resolve({**flags, "profile": name}, environ), "argument"), _SHOWN)


def remove(
    terminal: Terminal, path: str, name: str, *, yes: bool, none: bool, use_instead: str | None
) -> Result:
    """Removes a profile, its secret in the keyring and its cached tickets, after confirmation.

    If it is the current one, `none` or `use_instead` says which is current afterwards. Raises
    NotFoundError, UsageError.
    """
    profile = find(path, name)
    config = read_config(path)
    current = _current_after(config, name, none=none, use_instead=use_instead)
    terminal.require_yes(yes, f"remove the profile {name}")
    terminal.confirm(f"Remove the profile {name} ({shown_url(profile.backend or '')})?", yes=yes)
    remove_profile(path, name, current=current)
    forget_tickets_of(profile)
    forget_keyring_entry(profile, [each for each in config.profiles.values() if each.name != name])
    return list_profiles(path)


def find(path: str, name: str) -> Profile:
    """The profile with that name. Raises NotFoundError."""
    profile = read_config(path).profiles.get(name)
    if profile is None:
        raise NotFoundError(
            f"there is no profile {name}", hint="list the profiles with: segments profile list"
        )
    return profile


def login_origin(profile: Profile) -> str | None:
    """Where the profile's client fetches tickets; None if it has no client."""
    try:
        login = login_of(profile.backend or "", profile.auth_host)
    except UsageError:  # the file was edited by hand
        return None
    return login.origin if login and profile.client_id else None


def forget_tickets_of(profile: Profile) -> None:
    """Deletes the cached tickets of the profile's client."""
    origin = login_origin(profile)
    if origin and profile.client_id:
        from segcli.backends.tenant.ticket_files import forget_tickets

        forget_tickets(origin, profile.client_id)


def forget_keyring_entry(profile: Profile, others: list[Profile]) -> None:
    """Deletes the profile's secret from the keyring, unless one of the others uses the same entry.

    Raises UnauthorizedError.
    """
    origin = login_origin(profile)
    if not profile.keyring or not origin or not profile.client_id:
        return
    entry = (origin, profile.client_id)
    if entry not in {(login_origin(each), each.client_id) for each in others if each.keyring}:
        from segcli.config.secrets import to_keyring

        to_keyring(*entry, None)


def _current_after(config: ConfigFile, name: str, *, none: bool, use_instead: str | None) -> str | None:
    """The profile that is current after `name` was removed."""
    if none and use_instead is not None:
        raise UsageError("expected --none or --use, not both")
    if use_instead is not None:
        if use_instead not in config.profiles:
            raise NotFoundError(
                f"there is no profile {use_instead}", hint="list the profiles with: segments profile list"
            )
        if use_instead == name:
            raise UsageError(f"--use {name}: it is the profile to remove")
        return use_instead
    if config.current == name and not none:
        raise UsageError(
            f"{name} is the current profile",
            hint="choose the next one with --use OTHER, or pass --none for the local store",
        )
    return None if none else config.current


def _settings(settings: Settings, profile_origin: str) -> list[dict[str, Any]]:
    rows = [_row("config", settings.config, _exists(settings.config))]
    if settings.profile:
        rows.append(_row("profile", settings.profile.name, profile_origin))
    rows.append(_row("backend", shown_url(settings.backend.value), settings.backend.origin))
    for name, (value, origin) in settings.connection.items():
        rows.append(_row(name, MASK if name == "shared_secret" else value, origin))
    for name in ("output", "timeout", "rps"):
        setting = settings.chosen.get(name)
        if setting:
            rows.append(_row(name, *setting))
    if settings.profile and settings.profile.keep_history:
        rows.append(_row("keep_history", settings.profile.keep_history, f"profile {settings.profile.name}"))
    return rows


def _row(setting: str, value: str, origin: str) -> dict[str, Any]:
    return {"setting": setting, "value": value, "source": origin}


def _exists(path: str) -> str:
    return "file" if os.path.exists(path) else "no such file"
