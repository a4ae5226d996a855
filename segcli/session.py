"""One run of a command: its settings, its terminal, its backend, and the way of its result out."""

import os
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from itertools import pairwise
from typing import Any

from segcli.backends import Backend, open_backend
from segcli.backends.access import Access, Credentials
from segcli.config import VARIABLES, Found, Settings, resolve
from segcli.errors import SegcliError, UsageError
from segcli.output import write
from segcli.output.presentation import Presentation
from segcli.result import Result, result_of
from segcli.terminal import Terminal, unwritten
from segcli.text import mark, visible


class Session:
    """What a command is given. `flags` are the common options as they were given."""

    def __init__(
        self, terminal: Terminal, arguments: Sequence[str], environ: Mapping[str, str] = os.environ
    ) -> None:
        self.terminal = terminal
        self.flags: dict[str, object] = {}
        self._arguments = arguments
        self._environ = environ
        self._begun = False

    @cached_property
    def settings(self) -> Settings:
        settings = resolve(self.flags, self._environ)
        self.terminal.quiet = settings.quiet
        if settings.no_color:
            self.terminal.no_color()
        return settings

    @property
    def colored(self) -> bool:
        """Whether stdout is coloured; what is wrong with other settings is not asked."""
        try:
            return not self.settings.no_color and self.terminal.stdout_color
        except SegcliError:
            return self.terminal.stdout_color

    def open_backend(self) -> Backend:
        """The backend that the settings name; nothing is read or sent before its first use."""
        try:
            return open_backend(self._access())
        except UsageError as error:
            source = self.settings.backend.source
            raise UsageError(f"{error.message} ({source})", hint=error.hint) from None

    def run(self, operation: Callable[..., Result], *values: Any, **options: Any) -> int:
        """Runs `operation` on the backend, writes its result, and answers the exit code.

        Raises SegcliError.
        """
        self._begun = True
        backend = self.open_backend()
        try:
            return self.show(operation, backend, *values, **options)
        finally:
            backend.close()

    def show(self, operation: Callable[..., Result], *values: Any, **options: Any) -> int:
        """The same for an operation that needs no backend.

        What can be found wrong beforehand is found before the operation begins.
        """
        self._begun = True
        query = self.settings.query
        reshape = _reshaper(query) if query else None
        result = operation(*values, **options)
        self._write(reshape(result) if reshape else result)
        for failure in result.failures:
            self.report(failure)
        if result.failures and result.first_failure_decides:
            return result.failures[0].exit_code
        return 1 if result.failures else 0

    def _access(self) -> Access:
        settings, terminal = self.settings, self.terminal
        connection = {name: found.value for name, found in settings.connection.items()}
        credentials = None
        if "client_id" in connection:
            source = settings.connection["client_id"].source
            credentials = Credentials(connection["client_id"], self._read_secret, source)
        return Access(
            settings.backend.value,
            settings.timeout,
            trace=self._trace if settings.verbose else None,
            waiting=terminal.wait,
            credentials=credentials,
            auth_host=connection.get("auth_host"),
            tenant=connection.get("tenant"),
            site=connection.get("site"),
            ca_bundle=connection.get("ca_bundle"),
            rps=settings.rps,
        )

    def _read_secret(self) -> str:
        from segcli.config.secrets import read_secret  # mostly the ticket at hand is still good

        return read_secret(self.settings, self.terminal.ask_secret)

    def report(self, error: SegcliError) -> None:
        """Tells an error on stderr: as JSON where the output is, else in words."""
        if self._wants_json():
            from segcli.output.json import compact

            self.terminal.tell(compact({"error": error.to_json()}))
        else:
            self.terminal.report(error)

    def _wants_json(self) -> bool:
        """Whether the output is JSON; of a command line that was not understood, what it seems to say."""
        try:
            if self._begun:
                return self.settings.output == "json"
        except SegcliError:
            pass
        words = [*self._arguments, ""]
        wanted = self._environ.get(VARIABLES["output"], "")
        for word, following in pairwise(words):
            if word in ("-o", "--output"):
                wanted = following
            elif word.startswith(("-o", "--output=")):
                wanted = word.removeprefix("--output=").removeprefix("-o")
        return wanted == "json"

    def _write(self, result: Result) -> None:
        terminal = self.terminal
        format = self.settings.output or ("table" if terminal.stdout_is_tty else "tsv")
        presentation = Presentation(
            terminal.say, terminal.stdout_is_tty, terminal.width, terminal.stdout_color
        )
        try:
            write(result, format, terminal.stdout, presentation)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise unwritten(error) from error
        terminal.flush()
        if result.note and format not in ("json", "yaml"):
            terminal.say(result.note)

    def _trace(self, statement: str) -> None:
        self.terminal.tell(visible(" ".join(statement.split())))


def _reshaper(query: Found) -> Callable[[Result], Result]:
    """What `--query` makes of a result. Raises UsageError, the place marked."""
    import jmespath
    from jmespath.exceptions import JMESPathError, ParseError

    try:
        expression = jmespath.compile(query.value)
    except ParseError as error:
        at = min(error.lex_position, len(query.value))
        raise UsageError(
            f"{query.source}, character {at + 1}: this is no JMESPath expression",
            detail=mark(query.value, at, at + 1),
            hint="for example --query 'items[].code'; see https://jmespath.org",
        ) from None
    except JMESPathError as error:
        raise UsageError(f"{query.source}: {error}") from None
    except RecursionError:
        raise UsageError(f"{query.source}: the expression is nested too deep") from None

    def reshape(result: Result) -> Result:
        try:
            document = expression.search(result.document())
        except JMESPathError as error:
            raise UsageError(f"{query.source}: {error}") from None
        return result_of(document)._replace(failures=result.failures, note=result.note)

    return reshape
