"""Lines at the bottom of a terminal that give way to whatever else is printed.

They are written to standard error. While they stand, the program's own output goes through
streams that wipe them away first; the next refresh brings them back below it.
"""

from __future__ import annotations

import logging
import os
import shutil
import sys
import threading
from typing import Any, Final, TextIO

from flott.common.configuration import Configuration
from flott.common.options.flott import STATUS_LINE

#: Where hints go in any case.
HINTS_LOG: Final = logging.getLogger("flott.output")
_WIPE_LINE: Final = "\r\x1b[K"
_UP: Final = "\x1b[A"
#: Where lines stay, one in so many refreshes: every ten seconds.
_REFRESHES_PER_LINE: Final = 20


class Screen:
    """The bottom of the terminal that ``stream`` is.

    Args:
        stream: Where to write; standard error unless a test looks.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = sys.stderr if stream is None else stream
        self._lock = threading.RLock()
        self._lines = 0
        self._guards: list[tuple[str, Any, Any]] = []

    @property
    def width(self) -> int:
        """Columns that a line may take without wrapping."""
        return shutil.get_terminal_size().columns - 1

    def show(self, text: str) -> None:
        """Replace what stands at the bottom."""
        with self._lock:
            self._guard()
            self._write(self._wiping() + text)
            self._lines = text.count("\n") + 1

    def say(self, line: str) -> None:
        """Print a line that stays."""
        with self._lock:
            self._write(f"{self._wiping()}{line}\n")
            self._lines = 0

    def wipe(self) -> None:
        """Take away what stands at the bottom."""
        with self._lock:
            if self._lines:
                self._write(self._wiping())
                self._lines = 0

    def leave(self) -> None:
        """Wipe, and give the program its streams back."""
        with self._lock:
            self.wipe()
            for name, stream, guard in self._guards:
                if getattr(sys, name) is guard:
                    setattr(sys, name, stream)
            self._guards.clear()

    def _wiping(self) -> str:
        if not self._lines:
            return ""
        return _WIPE_LINE + (_UP + _WIPE_LINE) * (self._lines - 1)

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()

    def _guard(self) -> None:
        if self._guards:
            return
        for name in ("stdout", "stderr"):
            stream = getattr(sys, name)
            if is_terminal(stream):
                guard = _GivingWay(stream, self)
                setattr(sys, name, guard)
                self._guards.append((name, stream, guard))


class PlainLines(Screen):
    """In place of a screen where there is no terminal: now and then a line that stays."""

    def __init__(self, stream: TextIO | None = None) -> None:
        super().__init__(stream)
        self._refreshes = 0

    @property
    def width(self) -> int:
        return 200

    def show(self, text: str) -> None:
        self._refreshes += 1
        if self._refreshes % _REFRESHES_PER_LINE == 1:
            self.say(text)


class _GivingWay:
    """A stream of the program, for as long as lines stand at the bottom."""

    def __init__(self, stream: Any, screen: Screen) -> None:
        self._stream = stream
        self._screen = screen

    def write(self, text: str) -> int:
        self._screen.wipe()
        written: int = self._stream.write(text)
        return written

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def shows_status(configuration: Configuration) -> bool:
    """Whether a job shows how far it is at the bottom of the terminal."""
    return configuration.get(STATUS_LINE) != "off" and is_terminal(sys.stderr)


def is_watched(configuration: Configuration) -> bool:
    """Whether anybody wants to hear of a running job: in the terminal, in a pipe, in the log."""
    is_plain = configuration.get(STATUS_LINE) == "on"
    return shows_status(configuration) or is_plain or HINTS_LOG.isEnabledFor(logging.INFO)


def is_terminal(stream: Any) -> bool:
    """Whether a stream is a terminal that understands how to wipe a line."""
    try:
        return bool(stream.isatty()) and os.environ.get("TERM", "") != "dumb"
    except (AttributeError, ValueError):  # no stream at all, or a closed one
        return False
