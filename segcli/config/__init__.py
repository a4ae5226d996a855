"""What a run is told: a flag beats a variable, a variable the profile, the profile the default."""

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from segcli.errors import ConfigError, UsageError
from segcli.output import FORMATS
from segcli.places import user_folder

if TYPE_CHECKING:
    from segcli.config.files import ConfigFile, Profile
else:
    Profile = object  # a class evaluates its annotations, and to compile a quoted one takes a millisecond

DEFAULT_TIMEOUT = 30.0
# A timeout of a day at most: SQLite counts it in milliseconds, and has 31 bits for them.
_MOST = {"timeout": 86_400.0, "rps": 1_000_000.0}

# A setting that is an option: the variable that says the same (cli.md, "Common options").
VARIABLES = {
    "profile": "SEGMENTS_PROFILE",
    "backend": "SEGMENTS_BACKEND",
    "output": "SEGMENTS_OUTPUT",
    "query": "SEGMENTS_QUERY",
    "quiet": "SEGMENTS_QUIET",
    "verbose": "SEGMENTS_VERBOSE",
    "timeout": "SEGMENTS_TIMEOUT",
    "rps": "SEGMENTS_RPS",
    "ca_bundle": "SEGMENTS_CA_BUNDLE",
    "no_color": "SEGMENTS_NO_COLOR",
}
# A setting of a connection: the vendor's variables for it (contract, "Hosts, authentication, headers").
VENDOR_VARIABLES = {
    "backend": ("KIBO_API_HOST",),
    "client_id": ("KIBO_CLIENT_ID",),
    "shared_secret": ("KIBO_SHARED_SECRET",),
    "auth_host": ("KIBO_AUTH_HOST",),
    "tenant": ("KIBO_TENANT",),
    "site": ("KIBO_SITE_ID", "KIBO_SITE"),
}
_YES = ("1", "true", "yes", "on")
_NO = ("0", "false", "no", "off")


class Found(NamedTuple):
    """A value, and where it comes from: `--backend`, `KIBO_SITE_ID`, `profile sandbox`, `default`."""

    value: str
    source: str


class Settings(NamedTuple):
    """The common options, resolved. `output`, `query` and `rps` are None where nobody chose.

    `connection` holds what reaching the backend takes, by the names of a profile's settings, and
    `chosen` the options that somebody has set, with their sources; `profile` is the one whose
    connection it may be, `config` the file's path.
    """

    output: str | None
    query: Found | None
    quiet: bool
    verbose: bool
    no_color: bool
    timeout: float
    rps: float | None
    backend: Found
    connection: Mapping[str, Found]
    chosen: Mapping[str, Found]
    profile: Profile | None
    config: str


def resolve(flags: Mapping[str, object], environ: Mapping[str, str]) -> Settings:
    """The settings from flags, environment and file. Raises UsageError and ConfigError, naming the source."""
    path = config_path()
    config = None
    if os.path.lexists(path):  # else nothing is loaded to read it
        from segcli.config.files import read_config

        config = read_config(path)
    return _Resolver(flags, environ, path, config).resolve()


class _Resolver:
    def __init__(
        self,
        flags: Mapping[str, object],
        environ: Mapping[str, str],
        path: str,
        config: "ConfigFile | None",
    ) -> None:
        self._flags = flags
        self._environ = environ
        self._path = path
        self._config = config
        self._profile, self._chosen = self._choose_profile()

    def resolve(self) -> Settings:
        backend = self._backend()
        connection = self._connection(backend)
        output = self._option("output")
        if output is not None:
            check_format(output)
        return Settings(
            output=output.value if output else None,
            query=self._option("query"),
            quiet=self._switch("quiet"),
            verbose=self._switch("verbose"),
            no_color=self._switch("no_color"),
            timeout=self._number("timeout") or DEFAULT_TIMEOUT,
            rps=self._number("rps"),
            backend=backend,
            connection=connection,
            chosen={name: found for name in ("output", "timeout", "rps") if (found := self._option(name))},
            profile=self._profile,
            config=self._path,
        )

    def _choose_profile(self) -> "tuple[Profile | None, bool]":
        """The profile in force, and whether this run named it; the current one was named before."""
        profiles = self._config.profiles if self._config else {}
        named = self._said("profile")
        if named is None:
            current = self._config.current if self._config else None
            return (profiles[current] if current else None), False
        if named.value not in profiles:
            raise ConfigError(
                f"there is no profile {named.value} ({named.source})",
                hint=f"profiles in {self._path}: {', '.join(profiles) or 'none yet'}",
            )
        return profiles[named.value], True

    def _backend(self) -> Found:
        """The flag; a profile named by flag; the variable; a profile named by variable; the vendor's
        variable; the current profile; the default store."""
        flag, variable = self._flag("backend"), self._variable("backend")
        vendor, profile = self._vendor("backend"), self._of_profile("backend")
        if self._flag("profile"):
            order = [flag, profile, variable, vendor]
        elif self._chosen:
            order = [flag, variable, profile, vendor]
        else:
            order = [flag, variable, vendor, profile]
        return next(filter(None, order), Found(f"sqlite:{default_store()}", "default"))

    def _connection(self, backend: Found) -> dict[str, Found]:
        """What reaching the backend takes. A profile's credentials go to its own backend alone."""
        own = self._profile is not None and self._profile.backend == backend.value
        found: dict[str, Found] = {}
        for name in ("client_id", "auth_host", "tenant", "site"):
            vendor = self._vendor(name)
            profile = self._of_profile(name) if own else None
            value = (profile or vendor) if self._chosen else (vendor or profile)
            if value:
                found[name] = value
        ca_bundle = self._said("ca_bundle") or (self._of_profile("ca_bundle") if own else None)
        if ca_bundle:
            found["ca_bundle"] = ca_bundle
        secret = self._secret(own)
        if secret:
            found["shared_secret"] = secret
        return found

    def _secret(self, own: bool) -> Found | None:
        """Where the shared secret comes from; `value` is the variable's, the file's, or empty."""
        vendor = self._vendor("shared_secret")
        kept: Found | None = None
        if self._profile and own:
            source = f"profile {self._profile.name}"
            if self._profile.secret_command:
                kept = Found("", f"{source}: secret_command")
            elif self._profile.keyring:
                kept = Found("", f"{source}: keyring")
            elif self._profile.shared_secret:
                kept = Found(self._profile.shared_secret, f"{source}: file")
        return (kept or vendor) if self._chosen else (vendor or kept)

    def _option(self, name: str) -> Found | None:
        return self._said(name) or self._of_profile(name)

    def _said(self, name: str) -> Found | None:
        return self._flag(name) or self._variable(name)

    def _flag(self, name: str) -> Found | None:
        value = self._flags.get(name)
        return None if value is None else Found(str(value), f"--{name.replace('_', '-')}")

    def _variable(self, name: str) -> Found | None:
        value = self._environ.get(VARIABLES[name])
        return Found(value, VARIABLES[name]) if value else None

    def _vendor(self, name: str) -> Found | None:
        for variable in VENDOR_VARIABLES[name]:
            value = self._environ.get(variable)
            if value:
                is_host = name in ("backend", "auth_host") and "://" not in value
                return Found(f"https://{value}" if is_host else value, variable)
        return None

    def _of_profile(self, name: str) -> Found | None:
        value = getattr(self._profile, name, None)
        return Found(str(value), f"profile {self._profile.name}") if value and self._profile else None

    def _switch(self, name: str) -> bool:
        if self._flags.get(name):
            return True
        said = self._variable(name)
        if said is None:
            return False
        if said.value.lower() not in _YES + _NO:
            raise UsageError(f"{said.source}={said.value} is neither yes nor no", hint="say 1 or 0")
        return said.value.lower() in _YES

    def _number(self, name: str) -> float | None:
        said = self._option(name)
        return None if said is None else parse_number(name, said)


def parse_number(name: str, said: Found) -> float:
    """The number that a timeout (seconds) or rps is said to be. Raises UsageError, naming the source."""
    try:
        number = float(said.value)
    except ValueError:
        number = 0.0
    if not 0 < number <= _MOST[name]:
        raise UsageError(
            f"{name} {said.value} ({said.source}) is no number more than 0, {_MOST[name]:,.0f} at most"
        )
    return number


def check_format(said: Found) -> None:
    """Raises UsageError, naming the source, where that is no output format."""
    if said.value not in FORMATS:
        raise UsageError(
            f"there is no output format {said.value} ({said.source})",
            hint=f"the formats are {', '.join(FORMATS)}",
        )


def default_store() -> str:
    """The path of the store that is used where none is named."""
    return os.path.join(user_folder("data"), "segments.db")


def config_path() -> str:
    """Where config.yaml is, or would be."""
    return os.path.join(user_folder("config"), "config.yaml")
