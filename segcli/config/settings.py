"""The settings of a run. Precedence: flag, variable, profile, default."""

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from segcli.backends import default_url, url_of_host
from segcli.backends.target import BackendTarget, ClientCredentials
from segcli.errors import ConfigError, UsageError
from segcli.output import FORMATS
from segcli.paths import user_folder

if TYPE_CHECKING:  # loaded only if there is a config.yaml
    from segcli.config.files import ConfigFile, Profile

DEFAULT_TIMEOUT = 30.0
# SQLite keeps its timeout in milliseconds, in 31 bits.
_MAX = {"timeout": 86_400.0, "rps": 1_000_000.0}

# The variable of each common option (cli.md, "Common options").
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
# The vendor's variables for a connection (contract, "Hosts, authentication, headers").
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


class Setting(NamedTuple):
    """A value and its origin: `--backend`, `KIBO_SITE_ID`, `profile sandbox`, `default`."""

    value: str
    origin: str


class Settings:
    """The resolved common options; `output`, `query` and `rps` are None if nobody chose one.

    `connection` holds what is needed to reach the backend, under the names of a profile's settings;
    `chosen` holds the options that were set, with their origins. `profile` is the active profile, whose
    credentials the connection may use, and `config` the path of config.yaml.
    """

    def __init__(
        self,
        *,
        output: str | None,
        query: Setting | None,
        quiet: bool,
        verbose: bool,
        no_color: bool,
        timeout: float,
        rps: float | None,
        backend: Setting,
        connection: Mapping[str, Setting],
        chosen: Mapping[str, Setting],
        profile: "Profile | None",
        config: str,
    ) -> None:
        self.output = output
        self.query = query
        self.quiet = quiet
        self.verbose = verbose
        self.no_color = no_color
        self.timeout = timeout
        self.rps = rps
        self.backend = backend
        self.connection = connection
        self.chosen = chosen
        self.profile = profile
        self.config = config

    def target(
        self,
        read_secret: Callable[[], str],
        *,
        timeout: float | None = None,
        trace: Callable[[str], None] | None = None,
        on_wait: Callable[[str | None], None] = lambda _: None,
    ) -> BackendTarget:
        """The backend as these settings reach it; `read_secret` is called only to fetch a ticket."""
        connection = {name: setting.value for name, setting in self.connection.items()}
        credentials = None
        if "client_id" in connection:
            owner = self.connection["client_id"].origin
            credentials = ClientCredentials(connection["client_id"], read_secret, owner)
        return BackendTarget(
            self.backend.value,
            self.timeout if timeout is None else timeout,
            trace=trace,
            on_wait=on_wait,
            credentials=credentials,
            auth_host=connection.get("auth_host"),
            tenant=connection.get("tenant"),
            site=connection.get("site"),
            ca_bundle=connection.get("ca_bundle"),
            rps=self.rps,
        )


def resolve(flags: Mapping[str, object], environ: Mapping[str, str]) -> Settings:
    """The settings from flags, environment and file.

    Raises UsageError and ConfigError, which name the origin of the invalid value.
    """
    path = config_path()
    config = None
    if os.path.lexists(path):
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
        self._profile, self._named = self._choose_profile()

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
            chosen={
                name: setting for name in ("output", "timeout", "rps") if (setting := self._option(name))
            },
            profile=self._profile,
            config=self._path,
        )

    def _choose_profile(self) -> "tuple[Profile | None, bool]":
        """The active profile, and whether --profile or SEGMENTS_PROFILE named it."""
        profiles = self._config.profiles if self._config else {}
        named = self._chosen("profile")
        if named is None:
            current = self._config.current if self._config else None
            return (profiles[current] if current else None), False
        if named.value not in profiles:
            raise ConfigError(
                f"there is no profile {named.value} ({named.origin})",
                hint=f"profiles in {self._path}: {', '.join(profiles) or 'none'}",
            )
        return profiles[named.value], True

    def _backend(self) -> Setting:
        """In order: the flag; a profile named by flag; the variable; a profile named by variable; the
        vendor's variable; the current profile; the default store."""
        flag, variable = self._flag("backend"), self._variable("backend")
        vendor, profile = self._vendor("backend"), self._of_profile("backend")
        if self._flag("profile"):
            order = [flag, profile, variable, vendor]
        elif self._named:
            order = [flag, variable, profile, vendor]
        else:
            order = [flag, variable, vendor, profile]
        return next(filter(None, order), Setting(default_url(), "default"))

    def _connection(self, backend: Setting) -> dict[str, Setting]:
        """What is needed to reach the backend. A profile's credentials go only to its own backend."""
        own = self._profile is not None and self._profile.backend == backend.value
        settings: dict[str, Setting] = {}
        for name in ("client_id", "auth_host", "tenant", "site"):
            vendor = self._vendor(name)
            profile = self._of_profile(name) if own else None
            setting = (profile or vendor) if self._named else (vendor or profile)
            if setting:
                settings[name] = setting
        ca_bundle = self._chosen("ca_bundle") or (self._of_profile("ca_bundle") if own else None)
        if ca_bundle:
            settings["ca_bundle"] = ca_bundle
        secret = self._secret(own)
        if secret:
            settings["shared_secret"] = secret
        return settings

    def _secret(self, own: bool) -> Setting | None:
        """Where the shared secret comes from; the value is empty if it has to be fetched from there."""
        vendor = self._vendor("shared_secret")
        saved: Setting | None = None
        if self._profile and own:
            origin = f"profile {self._profile.name}"
            if self._profile.secret_command:
                saved = Setting("", f"{origin}: secret_command")
            elif self._profile.keyring:
                saved = Setting("", f"{origin}: keyring")
            elif self._profile.shared_secret:
                saved = Setting(self._profile.shared_secret, f"{origin}: file")
        return (saved or vendor) if self._named else (vendor or saved)

    def _option(self, name: str) -> Setting | None:
        return self._chosen(name) or self._of_profile(name)

    def _chosen(self, name: str) -> Setting | None:
        return self._flag(name) or self._variable(name)

    def _flag(self, name: str) -> Setting | None:
        value = self._flags.get(name)
        return None if value is None else Setting(str(value), f"--{name.replace('_', '-')}")

    def _variable(self, name: str) -> Setting | None:
        value = self._environ.get(VARIABLES[name])
        return Setting(value, VARIABLES[name]) if value else None

    def _vendor(self, name: str) -> Setting | None:
        for variable in VENDOR_VARIABLES[name]:
            value = self._environ.get(variable)
            if value:
                is_host = name in ("backend", "auth_host")
                return Setting(url_of_host(value) if is_host else value, variable)
        return None

    def _of_profile(self, name: str) -> Setting | None:
        value = getattr(self._profile, name, None)
        return Setting(str(value), f"profile {self._profile.name}") if value and self._profile else None

    def _switch(self, name: str) -> bool:
        if self._flags.get(name):
            return True
        setting = self._variable(name)
        if setting is None:
            return False
        value = setting.value.lower()
        if value not in _YES + _NO:
            raise UsageError(f"{setting.origin}={setting.value}: expected yes or no", hint="use 1 or 0")
        return value in _YES

    def _number(self, name: str) -> float | None:
        setting = self._option(name)
        return None if setting is None else parse_number(name, setting)


def parse_number(name: str, setting: Setting) -> float:
    """The value of `timeout` (seconds) or `rps`. Raises UsageError, which names the origin."""
    try:
        number = float(setting.value)
    except ValueError:
        number = 0.0
    if not 0 < number <= _MAX[name]:
        raise UsageError(
            f"invalid {name} '{setting.value}' ({setting.origin}):"
            f" expected a number greater than 0, at most {_MAX[name]:,.0f}"
        )
    return number


def check_format(setting: Setting) -> None:
    """Raises UsageError, which names the origin, if the value is not an output format."""
    if setting.value not in FORMATS:
        raise UsageError(
            f"there is no output format {setting.value} ({setting.origin})",
            hint=f"use one of {', '.join(FORMATS)}",
        )


def config_path() -> str:
    """Where config.yaml is, or would be."""
    return os.path.join(user_folder("config"), "config.yaml")
