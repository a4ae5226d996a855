"""One run of a command: settings, terminal, backend, and how its result and errors are reported."""

import os
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from functools import cached_property
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TextIO

from segcli.backends import open_backend
from segcli.backends.base import Backend
from segcli.config.settings import VARIABLES, Settings, config_path, resolve
from segcli.errors import SegcliError, UsageError, interruption
from segcli.output import FORMATS, write
from segcli.output.presentation import Presentation
from segcli.result import Result
from segcli.terminal.streams import Terminal
from segcli.text import visible, without_addresses

if TYPE_CHECKING:
    from segcli.backends.origin import Origin

P = ParamSpec("P")


class Session:
    """What a command receives. `flags` are the common options as given on the command line.

    `words` is the command line, as the history records it. `fallback_output` is the output format to report
    errors in while the settings are not known.
    """

    def __init__(
        self,
        terminal: Terminal,
        environ: Mapping[str, str] = os.environ,
        *,
        words: Sequence[str] = (),
        fallback_output: str | None = None,
    ) -> None:
        self.terminal = terminal
        self.flags: dict[str, object] = {}
        self._environ = environ
        self._words = words
        self._origin: Origin | None = None
        self._fallback_output = fallback_output
        self._started = False
        self._warned = False
        self._noted: set[str] = set()

    @cached_property
    def settings(self) -> Settings:
        """The resolved settings. Raises UsageError, ConfigError."""
        return self._applied(resolve(self.flags, self._environ))

    def ignore_config(self) -> None:
        """Takes the settings from the flags and variables alone, without a profile. Raises UsageError."""
        from segcli.config.files import ConfigFile

        flags = {name: value for name, value in self.flags.items() if name != "profile"}
        environ = {name: value for name, value in self._environ.items() if name != VARIABLES["profile"]}
        self.settings = self._applied(resolve(flags, environ, ConfigFile(config_path(), None, {})))

    def _applied(self, settings: Settings) -> Settings:
        self.terminal.quiet = settings.quiet
        if settings.no_color:
            self.terminal.disable_color()
        return settings

    @property
    def colored(self) -> bool:
        """Whether stdout is colored, even if other settings are invalid."""
        try:
            return not self.settings.no_color and self.terminal.stdout_color
        except SegcliError:
            return self.terminal.stdout_color

    def pages(self, stream: TextIO) -> AbstractContextManager[TextIO]:
        """`stream`, which is stdout; on a terminal a pager, once more than a screen was written."""
        if not self.terminal.stdout_is_tty:
            return nullcontext(stream)
        from segcli.terminal.pager import paged

        return paged(self.terminal, stream, self._environ)

    def open_backend(self, timeout: float | None = None) -> Backend:
        """The backend that the settings name; nothing is read or sent before its first use.

        `timeout` in seconds replaces that of the settings. Raises UsageError.
        """
        return self._open(self.settings, timeout)

    def open_source(self, text: str) -> Backend | None:
        """The backend that `text` names, a URL or `profile:NAME`, with its own credentials.

        None if it names none. Raises UsageError, ConfigError.
        """
        from segcli.config.sources import source_settings

        settings = source_settings(text, self.flags, self._environ)
        return None if settings is None else self._open(settings)

    def _open(self, settings: Settings, timeout: float | None = None) -> Backend:
        self._warn()
        try:
            return open_backend(
                settings.target(
                    lambda: self._read_secret(settings),
                    trace=self._trace if settings.verbose else None,
                    on_wait=self.terminal.show_wait,
                    on_note=self._note,
                    timeout=timeout,
                )
            )
        except UsageError as error:
            raise error.with_context(before=settings.backend.origin) from None

    def record(self, reason: str | None) -> "Origin":
        """What the history is to record about the changes of `run`, also returned: the command line, and why.

        $SEGMENTS_REASON is the reason if there is no other. Raises UsageError if it is too long.
        """
        from segcli.backends.origin import Origin
        from segcli.recorded import REASON_VARIABLE, command_text, require_short

        origin = "--reason" if reason is not None else REASON_VARIABLE
        text = self._environ.get(REASON_VARIABLE) if reason is None else reason
        require_short(text or "", origin)
        self._origin = Origin(command=command_text(self._words), reason=text or None)
        return self._origin

    def refuse_keys(self) -> None:
        """Raises UsageError for -o id and -o code, before a change whose result has neither is made."""
        if self.settings.output in ("id", "code"):
            raise UsageError(
                f"the result has no column {self.settings.output!r}; nothing was changed",
                hint="use another --output",
            )

    def run(
        self, operation: Callable[Concatenate[Backend, P], Result], /, *args: P.args, **kwargs: P.kwargs
    ) -> int:
        """Runs `operation` on the backend, writes its result, and returns the exit code.

        Raises SegcliError.
        """
        self._started = True
        return self._run_on(self.open_backend(), lambda backend: operation(backend, *args, **kwargs))

    def run_with_history(
        self, operation: Callable[Concatenate[Backend, P], Result], /, *args: P.args, **kwargs: P.kwargs
    ) -> int:
        """The same for an operation that changes segments, or uses their history.

        A tenant keeps none: what is done to it is recorded in the ledger.
        """
        self._started = True
        backend = self.open_backend()
        if not backend.atomic:
            from segcli.ledger.backend import LedgerBackend

            backend = LedgerBackend(backend, self._note)
        if self._origin is not None:
            backend.record_as(self._origin)
        return self._run_on(backend, lambda backend: operation(backend, *args, **kwargs))

    def run_local(self, operation: Callable[P, Result], /, *args: P.args, **kwargs: P.kwargs) -> int:
        """The same for an operation that needs no backend."""
        self._started = True
        return self._finish(lambda: operation(*args, **kwargs))

    def show(self, result: Result) -> int:
        """Writes a result that is already known, and returns its exit code."""
        return self.run_local(lambda: result)

    def guard(self, action: Callable[[], int]) -> int:
        """Calls `action`, reports whatever it raises, and returns the exit code."""
        try:
            self.terminal.require_stdout()
            try:
                return action()
            except KeyboardInterrupt as signal:
                raise interruption(signal) from None
        except SegcliError as error:
            return self._fail(error)
        except Exception as error:
            if self._environ.get("SEGMENTS_DEBUG") == "1":
                raise
            return self._fail(_unexpected(error))
        finally:
            self.terminal.finish()

    def report(self, error: SegcliError) -> None:
        """Writes an error to stderr, as JSON if the output is JSON."""
        if self._reports_json():
            from segcli.output.json import compact

            self.terminal.write_error(compact({"error": error.to_json()}))
        else:
            self.terminal.report(error)

    def _run_on(self, backend: Backend, act: Callable[[Backend], Result]) -> int:
        try:
            return self._finish(lambda: act(backend))
        finally:
            backend.close()

    def _finish(self, act: Callable[[], Result]) -> int:
        """Writes the result of `act`, which is not called if a setting is invalid."""
        query = self.settings.query
        self._warn()
        reshape = None
        if query:
            from segcli.output.reshape import reshaper

            reshape = reshaper(query.value, query.origin)
        result = act()
        unwritten: SegcliError | None = None
        try:
            self._write(reshape(result) if reshape else result)
        except SegcliError as error:
            unwritten = error
        # What failed is reported whether or not the result could be written.
        errors = [*result.errors, *filter(None, [unwritten])]
        codes = list(map(self._fail, errors))
        return result.exit_code if result.errors or not codes else codes[0]

    def _fail(self, error: SegcliError) -> int:
        """Reports an error below the output so far, and returns its exit code."""
        self.terminal.finish()
        self.report(error)
        return error.exit_code

    def _warn(self) -> None:
        """Prints the warning about config.yaml once. Completion, which prints none, does not get here."""
        if self.settings.warning and not self._warned:
            self.terminal.info(f"warning: {self.settings.warning}")
        self._warned = True

    def _note(self, text: str) -> None:
        """Prints what a backend says about its store, once for all backends of the run."""
        if text not in self._noted:
            self._noted.add(text)
            self.terminal.info(text)

    def _read_secret(self, settings: Settings) -> str:
        from segcli.config.secrets import read_secret  # rarely needed: tickets are cached

        return read_secret(settings, self.terminal.prompt_secret)

    def _reports_json(self) -> bool:
        """Whether errors are JSON; for a line that could not be parsed, what it appears to request."""
        try:
            if self._started:
                return self.settings.output == "json"
        except SegcliError:
            pass
        return (self._fallback_output or self._environ.get(VARIABLES["output"])) == "json"

    def _write(self, result: Result) -> None:
        terminal = self.terminal
        if result.text is not None:
            self._write_text(result.text, result.note)
            return
        format = self.settings.output or ("table" if terminal.stdout_is_tty else "tsv")
        messages: list[str] = []  # printed after the result, which a pager may show
        presentation = Presentation(
            format,
            messages.append,
            terminal=terminal.stdout_is_tty,
            width=terminal.width,
            color=terminal.stdout_color,
        )
        paged = FORMATS[format].for_people and not self.settings.verbose
        with terminal.output() as stream:
            with self.pages(stream) if paged else nullcontext(stream) as pages:
                if result.summary and self.settings.output is None and terminal.stdout_is_tty:
                    pages.write(f"{visible(result.summary)}\n")
                else:
                    write(result, pages, presentation)
            stream.flush()
            for message in (*messages, *filter(None, [result.note])):
                terminal.info(message)

    def _write_text(self, text: Generator[str, None, None], note: str | None) -> None:
        # Closed before the backend is, also if the reader of stdout is gone.
        with closing(text), self.terminal.output() as stream:
            stream.writelines(text)
        if note:
            self.terminal.info(note)

    def _trace(self, text: str) -> None:
        self.terminal.write_error(visible(" ".join(without_addresses(text).split())))


def _unexpected(error: Exception) -> SegcliError:
    """An error that nothing expected: of the machine, such as too many open files, or a bug."""
    if isinstance(error, MemoryError):
        return SegcliError("out of memory")
    if isinstance(error, OSError):
        subject = f"{error.filename}: " if isinstance(error.filename, str) else ""
        return SegcliError(f"{subject}{error.strerror or error}")
    return SegcliError(
        f"a bug in segcli: {type(error).__name__}: {error}",
        hint="please report it; SEGMENTS_DEBUG=1 shows the traceback",
    )
