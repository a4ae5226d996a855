"""Progress of a long run on stderr: a bar on a terminal, otherwise a line every ten seconds."""

import time
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, TypeVar

from segcli.terminal.streams import Terminal

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

T = TypeVar("T")
_SHOWN_AFTER = 1.0  # seconds; a shorter run needs no sign of life on a terminal
_REDRAW_EVERY = 0.1  # seconds
_LINE_EVERY = 10.0  # seconds
_WIDTH_OF_BAR = 20  # columns
_ROOM_FOR_BAR = 60  # columns; a narrower terminal shows only the numbers


class Progress:
    """The progress of one run: updated often, drawn rarely, and not at all with --quiet.

    `label` is what happens to the items, such as "adding", and `unit` what they are called; `share` returns
    how much is done, from 0 to 1, if the total of `update` is not known; `retries` returns the number of
    retries so far; `clock` returns seconds.
    """

    def __init__(
        self,
        terminal: Terminal,
        label: str,
        *,
        unit: str = "accounts",
        share: Callable[[], float | None] = lambda: None,
        retries: Callable[[], int] = lambda: 0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._terminal = terminal
        self._label = label
        self._unit = unit
        self._share = share
        self._retries = retries
        self._clock = clock
        self._start = clock()
        self._next = self._start + (_SHOWN_AFTER if terminal.stderr_is_tty else _LINE_EVERY)
        self._first: int | None = None
        self._done = 0
        self._total: int | None = None
        self._bar: Bar | None = None
        self._waiting: str | None = None

    def __enter__(self) -> "Progress":
        if not self._terminal.quiet and self._terminal.stderr_is_live:
            self._terminal.wait_listener = self._wait
            self._terminal.erase_progress = self._stop
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()

    def update(self, done: int, total: int | None) -> None:
        """`done` items of `total` are processed; None if the total is not known yet."""
        if self._first is None:
            self._first = done
        self._done, self._total = done, total
        now = self._clock()
        if now < self._next or self._terminal.quiet:
            return
        if self._terminal.stderr_is_live:
            self._next = now + _REDRAW_EVERY
            self._draw()
        else:
            self._next = now + _LINE_EVERY
            self._terminal.info(f"{self._label}: {', '.join(self._parts(f' {self._unit}', ' of '))}")

    def watch(self, items: Iterable[T], total: int) -> Iterator[T]:
        """The items, each counted when it is taken."""
        with self:
            for count, item in enumerate(items):
                self.update(count, total)
                yield item

    def _stop(self) -> None:
        """Erases the bar, and leaves waits to the terminal again."""
        self._terminal.wait_listener = self._terminal.erase_progress = None
        if self._bar is not None:
            self._bar.stop()
            self._bar = None
        elif self._waiting:
            self._terminal.show_wait(None)
        self._waiting = None

    def _wait(self, text: str | None) -> None:
        """Shows a wait; called from any thread, also before there is a bar."""
        self._waiting = text
        if self._bar is None:
            self._terminal.put_wait(text)
        else:
            self._redraw(self._bar)

    def _parts(self, unit: str, of: str) -> list[str]:
        """What is known, the most important first."""
        done, total = self._done, self._total
        parts = [f"{done:,}{unit}" if total is None else f"{done:,}{of}{total:,}{unit}"]
        seconds = max(self._clock() - self._start, 1e-9)
        rate = (done - (self._first or 0)) / seconds
        share = self._share() if total is None else None
        retries = self._retries()
        if self._waiting:
            parts.append(self._waiting)
        if share is not None or (total and of == "/"):
            parts.append(f"{min(done / total if total else share or 0.0, 1):.0%}")
        if rate > 0:
            parts.append(f"{rate:,.0f}/s")
            if total is not None:
                parts.append(f"{_duration(max(total - done, 0) / rate)} left")
            elif share:
                parts.append(f"{_duration(seconds * max(1 / share - 1, 0))} left")
        if retries:
            parts.append(f"{retries:,} {'retry' if retries == 1 else 'retries'}")
        return parts

    def _draw(self) -> None:
        if self._bar is None:
            if self._waiting:
                self._terminal.put_wait(None)
            self._bar = _bar(self._terminal)
            self._bar.add_task(self._label, total=self._total, text="")
            self._bar.start()
        self._redraw(self._bar)

    def _redraw(self, bar: "Bar") -> None:
        room = bar.console.width - 1
        if room >= _ROOM_FOR_BAR:
            room -= _WIDTH_OF_BAR + 1
        parts = [self._label, *self._parts("", "/")]
        while len(parts) > 2 and len(" ".join(parts)) > room:
            parts.pop()
        text = " ".join(parts)
        if len(text) > room:  # the numbers are kept, not what they are called
            text = parts[1][:room]
        share = self._share() if self._total is None else None
        done, total = (self._done, self._total) if share is None else (share, 1)
        bar.update(bar.tasks[0].id, completed=done, total=total, text=text, refresh=True)


def _bar(terminal: Terminal) -> "Bar":
    """Imports rich, which a run that already lasts a second can afford."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    console = Console(stderr=True, no_color=not terminal.stderr_color)
    text = TextColumn("{task.fields[text]}", markup=False)
    wide = console.width - 1 >= _ROOM_FOR_BAR
    return Progress(
        *([BarColumn(_WIDTH_OF_BAR)] if wide else []),
        text,
        console=console,
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
