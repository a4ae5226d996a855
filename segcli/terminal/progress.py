"""How far a long run is, on stderr: a bar on a terminal, elsewhere a line now and then."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from segcli.terminal.streams import Terminal

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

_QUIET_FOR = 1.0  # seconds: what is over sooner needs no bar
_REDRAWN = 0.1  # seconds between two pictures of the bar
_LINE_EVERY = 10.0  # seconds between two lines


class Progress:
    """One run's progress, told of often and drawn seldom; with --quiet never.

    `doing` says what happens to the accounts, such as `adding`; `retries` how many requests had to be
    sent again. Times are seconds of `clock`.
    """

    def __init__(
        self,
        terminal: Terminal,
        doing: str,
        *,
        retries: Callable[[], int] = lambda: 0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._terminal = terminal
        self._doing = doing
        self._retries = retries
        self._clock = clock
        self._begun = clock()
        self._next = self._begun + (_QUIET_FOR if terminal.stderr_is_tty else _LINE_EVERY)
        self._first: int | None = None
        self._bar: Bar | None = None
        self._waiting: str | None = None

    def __enter__(self) -> "Progress":
        if not self._terminal.quiet and self._terminal.stderr_is_tty:
            self._terminal.wait_listener = self._wait
        return self

    def __exit__(self, *_: object) -> None:
        self._terminal.wait_listener = None
        if self._bar is not None:
            self._bar.stop()

    def update(self, done: int, total: int | None) -> None:
        """`done` accounts of `total` are through; None where nobody knows yet how many there are."""
        if self._first is None:
            self._first = done
        now = self._clock()
        if now < self._next or self._terminal.quiet:
            return
        if self._terminal.stderr_is_tty:
            self._next = now + _REDRAWN
            self._draw(done, total)
        else:
            self._next = now + _LINE_EVERY
            self._terminal.info(self._line(done, total, now - self._begun))

    def _wait(self, text: str | None) -> None:
        self._waiting = text

    def _line(self, done: int, total: int | None, seconds: float) -> str:
        of_all = "" if total is None else f" of {total:,}"
        parts = [f"{self._doing}: {done:,}{of_all} accounts"]
        rate = (done - (self._first or 0)) / seconds
        if rate > 0:
            parts.append(f"{rate:,.0f} a second")
            if total is not None:
                parts.append(f"{_duration((total - done) / rate)} left")
        return ", ".join([*parts, *self._troubles()])

    def _troubles(self) -> list[str]:
        retries = self._retries()
        told = [f"{retries:,} {'retry' if retries == 1 else 'retries'}"] if retries else []
        return [*told, self._waiting] if self._waiting else told

    def _draw(self, done: int, total: int | None) -> None:
        if self._bar is None:
            self._bar = _bar(self._terminal)
            self._bar.add_task(self._doing, total=total, completed=self._first or 0, troubles="")
            self._bar.start()
        task = self._bar.tasks[0]
        self._bar.update(
            task.id, completed=done, total=total, refresh=True, troubles=", ".join(self._troubles())
        )


def _bar(terminal: Terminal) -> "Bar":
    """Rich is loaded here, by a run that has lasted a second already."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        ProgressColumn,
        TextColumn,
        TimeRemainingColumn,
    )
    from rich.text import Text

    class RateColumn(ProgressColumn):
        def render(self, task: Any) -> Text:
            return Text(f"{task.speed:,.0f}/s" if task.speed else "")

    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        RateColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[troubles]}", markup=False),
        console=Console(stderr=True, no_color=not terminal.stderr_color),
        auto_refresh=False,
        redirect_stdout=False,
        transient=True,
    )


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
