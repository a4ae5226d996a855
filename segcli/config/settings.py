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
    "customer_set": (),  # only a profile has it
}
_CURRENT = "current in config.yaml"
_YES = ("1", "true", "yes", "on")
_NO = ("0", "false", "no", "off")


class Setting(NamedTuple):
    """A value and its origin: `--backend`, `KIBO_SITE_ID`, `profile sandbox`, `default`."""

    value: str
    origin: str


class Settings:
    """The resolved common options; `output`, `query` and `rps` are None if nobody chose one.

    `connection` holds what is needed to reach the backend, under the names of a profile's settings, and
    `unused_credentials` says which credentials are not for it. `chosen` holds the options that were set, with
    their origins. `profile` is the active profile, `profile_origin` what selected it. `config` is the path of
    config.yaml, and `warning` what is wrong with the file's permissions.
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
        unused_credentials: str | None,
        profile: "Profile | None",
        profile_origin: str,
        config: str,
        warning: str | None,
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
        self.unused_credentials = unused_credentials
        self.profile = profile
        self.profile_origin = profile_origin
        self.config = config
        self.warning = warning

    def target(
        self,
        read_secret: Callable[[], str],
        *,
        timeout: float | None = None,
        trace: Callable[[str], None] | None = None,
        on_wait: Callable[[str | None], None] = lambda _: None,
        on_note: Callable[[str], None] = lambda _: None,
        upgrade: bool = True,
    ) -> BackendTarget:
        """The backend as these settings reach it; `read_secret` is called only to fetch a ticket."""
        connection = {name: setting.value for name, setting in self.connection.items()}
        credentials = None
        if "client_id" in connection:
            from segcli.config.connection import scope_of, secret_identity

            credentials = ClientCredentials(
                connection["client_id"],
                read_secret,
                self.connection["client_id"].origin,
                secret_identity=secret_identity(connection.get("shared_secret"), self.profile),
                scope=scope_of(self.connection),
            )
        return BackendTarget(
            self.backend.value,
            self.timeout if timeout is None else timeout,
            trace=trace,
            on_wait=on_wait,
            on_note=on_note,
            credentials=credentials,
            password=read_secret if "shared_secret" in connection else None,
            unused_credentials=self.unused_credentials,
            auth_host=connection.get("auth_host"),
            tenant=connection.get("tenant"),
            site=connection.get("site"),
            customer_set=connection.get("customer_set"),
            ca_bundle=connection.get("ca_bundle"),
            rps=self.rps,
            upgrade=upgrade,
        )


def resolve(
    flags: Mapping[str, object], environ: Mapping[str, str], config: "ConfigFile | None" = None
) -> Settings:
    """The settings from flags, environment and `config`, which is read if it is not passed.

    Raises UsageError and ConfigError, which name the origin of the invalid value.
    """
    path = config_path()
    if config is None and os.path.lexists(path):
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
        self._profile, self._profile_origin = self._choose_profile()

    def resolve(self) -> Settings:
        backend = self._backend()
        connection, unused_credentials = self._connection(backend)
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
            unused_credentials=unused_credentials,
            profile=self._profile,
            profile_origin=self._profile_origin,
            config=self._path,
            warning=self._config.warning if self._config else None,
        )

    def _choose_profile(self) -> "tuple[Profile | None, str]":
        """The active profile, and what selected it: --profile, SEGMENTS_PROFILE, or the file."""
        profiles = self._config.profiles if self._config else {}
        named = self._chosen("profile")
        if named is None:
            current = self._config.current if self._config else None
            return (profiles[current] if current else None), _CURRENT
        if named.value not in profiles:
            raise ConfigError(
                f"there is no profile {named.value or repr('')} ({named.origin})",
                hint=f"profiles in {self._path}: {', '.join(profiles) or 'none'}",
            )
        return profiles[named.value], named.origin

    def _backend(self) -> Setting:
        """In order: the flag; a profile named by flag; the variable; a profile named by variable; the
        vendor's variable; the current profile; the default store."""
        flag, variable = self._flag("backend"), self._variable("backend")
        vendor, profile = self._vendor("backend"), self._of_profile("backend")
        if self._flag("profile"):
            order = [flag, profile, variable, vendor]
        elif self._profile_origin != _CURRENT:
            order = [flag, variable, profile, vendor]
        else:
            order = [flag, variable, vendor, profile]
        return next(filter(None, order), Setting(default_url(), "default"))

    def _connection(self, backend: Setting) -> tuple[dict[str, Setting], str | None]:
        """What is needed to reach the backend, and why the client id of a variable is not used for it."""
        settings: dict[str, Setting] = {}
        bundle = self._chosen("ca_bundle")
        variables = {name: setting for name in VENDOR_VARIABLES if (setting := self._vendor(name))}
        if self._profile or variables:
            from segcli.config.connection import check_id, is_for, is_for_vendor, unused_credentials

            host = variables.pop("backend", None)
            profile = (
                self._profile if self._profile and is_for(self._profile.backend, backend.value) else None
            )
            if profile and backend != host:
                found = {name: self._of_profile(name) for name in VENDOR_VARIABLES if name != "backend"}
                settings = {name: setting for name, setting in found.items() if setting}
                bundle = bundle or self._of_profile("ca_bundle")
            elif is_for_vendor(host.value if host else None, backend.value):
                settings = variables
            for name in ("tenant", "site"):
                if name in settings:
                    check_id(name, *settings[name])
        if bundle:
            settings["ca_bundle"] = bundle
        if "client_id" in settings or "client_id" not in variables:
            return settings, None
        return settings, unused_credentials(variables["client_id"].origin, host and host.value, profile)

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
        if name == "shared_secret":
            from segcli.config.connection import secret_of

            found = secret_of(self._profile) if self._profile else None
            return Setting(*found) if found else None
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
            f"unknown output format '{setting.value}' ({setting.origin})",
            hint=f"use one of {', '.join(FORMATS)}",
        )


def config_path() -> str:
    """Where config.yaml is, or would be."""
    return os.path.join(user_folder("config"), "config.yaml")
