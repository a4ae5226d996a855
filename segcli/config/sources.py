"""The settings of a second backend: a SOURCE that is a URL or a profile."""

import os
from collections.abc import Mapping

from segcli.backends import is_url, missing_file, normalize_url
from segcli.config.settings import VARIABLES, Settings, resolve
from segcli.errors import ConfigError, UsageError

_PROFILE = "profile:"
_OWN = ("profile", "backend")


def source_settings(text: str, flags: Mapping[str, object], environ: Mapping[str, str]) -> Settings | None:
    """The settings for the backend that `text` names; None if it is neither a URL nor `profile:NAME`.

    Only credentials that are for that backend are in them. Raises UsageError for a URL that is not valid, or
    a store that does not exist; ConfigError for an unknown profile, or one without a backend.
    """
    name = text.removeprefix(_PROFILE)
    if name == text and not is_url(text):
        if "://" in text and not os.path.lexists(text):
            normalize_url(text)  # raises: it is of no backend, and not the name of a file
        return None
    flags = {key: value for key, value in flags.items() if key not in _OWN}
    environ = {key: value for key, value in environ.items() if key not in {VARIABLES[each] for each in _OWN}}
    if name == text:
        settings = resolve({**flags, "backend": text}, environ)
    else:
        settings = resolve({**flags, "profile": name}, environ)
        if settings.profile is None or settings.profile.backend is None:
            raise ConfigError(
                f"profile {name} has no backend",
                hint=f"set it with: segments profile set {name} --backend URL",
            )
    missing = missing_file(settings.backend.value)
    if missing is not None:
        raise UsageError(f"{missing} does not exist: expected a store to read from")
    return settings
