"""Progress of a long run on stderr: a bar on a terminal, otherwise a line every ten seconds."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from segcli.terminal.streams import Terminal

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

_BAR_AFTER = 1.0  # seconds; a shorter run needs no bar
_REDRAW_EVERY = 0.1  # seconds
_LINE_EVERY = 10.0  # seconds


class Progress:
    """The progress of one run: updated often, drawn rarely, and not at all with --quiet.

    `label` is what happens to the accounts, such as "adding"; `retries` returns the number of retries so
    far; `clock` returns seconds.
    """

    def __init__(
        self,
        terminal: Terminal,
        label: str,
        *,
        retries: Callable[[], int] = lambda: 0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._terminal = terminal
        self._label = label
        self._retries = retries
        self._clock = clock
        self._start = clock()
        self._next = self._start + (_BAR_AFTER if terminal.stderr_is_tty else _LINE_EVERY)
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
        """`done` accounts of `total` are processed; None if the total is not known yet."""
        if self._first is None:
            self._first = done
        now = self._clock()
        if now < self._next or self._terminal.quiet:
            return
        if self._terminal.stderr_is_tty:
            self._next = now + _REDRAW_EVERY
            self._draw(done, total)
        else:
            self._next = now + _LINE_EVERY
            self._terminal.info(self._line(done, total, now - self._start))

    def _wait(self, text: str | None) -> None:
        self._waiting = text

    def _line(self, done: int, total: int | None, seconds: float) -> str:
        of_total = "" if total is None else f" of {total:,}"
        parts = [f"{self._label}: {done:,}{of_total} accounts"]
        rate = (done - (self._first or 0)) / seconds
        if rate > 0:
            parts.append(f"{rate:,.0f}/s")
            if total is not None:
                parts.append(f"{_duration((total - done) / rate)} left")
        return ", ".join([*parts, *self._notes()])

    def _notes(self) -> list[str]:
        retries = self._retries()
        counted = [f"{retries:,} {'retry' if retries == 1 else 'retries'}"] if retries else []
        return [*counted, self._waiting] if self._waiting else counted

    def _draw(self, done: int, total: int | None) -> None:
        if self._bar is None:
            self._bar = _bar(self._terminal)
            self._bar.add_task(self._label, total=total, completed=self._first or 0, notes="")
            self._bar.start()
        task = self._bar.tasks[0]
        self._bar.update(task.id, completed=done, total=total, refresh=True, notes=", ".join(self._notes()))


def _bar(terminal: Terminal) -> "Bar":
    """Imports rich, which a run that already lasts a second can afford."""
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
        TextColumn("{task.fields[notes]}", markup=False),
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
