"""Java's regular expressions in the two dialects at hand: Rust's (in Polars) and Python's.

Java's ``\\w``, ``\\d`` and ``\\s`` mean ASCII. Rust's engine is fast and has neither look-around
nor back-references; a pattern with these runs in Python, once for each distinct text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

_CLASSES: Final = {"w": "A-Za-z0-9_", "d": "0-9", "s": " \\t\\n\\x0B\\f\\r"}
_SPECIAL: Final = frozenset("\\.^$|?*+()[]{}")


@dataclass(frozen=True, slots=True)
class JavaRegex:
    """A pattern in both dialects.

    Attributes:
        rust: For Polars; ``None`` if it needs what Rust has not.
        python: For ``re``.
    """

    rust: str | None
    python: str

    @property
    def compiled(self) -> re.Pattern[str]:
        """The Python pattern, compiled.

        Raises:
            re.error: The pattern is wrong.
        """
        return _compile(self.python)


@lru_cache(maxsize=512)
def _compile(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


@lru_cache(maxsize=512)
def translate(pattern: str) -> JavaRegex:
    """``pattern`` as the two engines know it; whether it is right shows when it is compiled.

    >>> translate("(?<a>\\\\w+)").python
    '(?P<a>[A-Za-z0-9_]+)'
    """
    writer = _Writer(pattern)
    writer.run()
    rust: str | None = "".join(writer.rust)
    if writer.needs_python:
        rust = None
    return JavaRegex(rust, "".join(writer.python))


class _Writer:
    """Walks over a pattern and writes both translations."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._at = 0
        self._depth = 0
        self.rust: list[str] = []
        self.python: list[str] = []
        self.needs_python = False

    def run(self) -> None:
        pattern = self._pattern
        while self._at < len(pattern):
            char = pattern[self._at]
            if char == "\\" and self._at + 1 < len(pattern):
                self._escape(pattern[self._at + 1])
            elif self._depth:
                self._in_class(char)
            elif char == "[":
                self._depth = 1
                self._both("[")
                self._at += 1
            elif char == "(" and pattern.startswith("(?", self._at):
                self._group()
            elif char in "*+?}" and pattern.startswith("+", self._at + 1):
                # Possessive: Python has it from 3.11 on.
                self.needs_python = True
                self._both(char + "+")
                self._at += 2
            else:
                self._both(char)
                self._at += 1

    def _both(self, text: str) -> None:
        self.rust.append(text)
        self.python.append(text)

    def _in_class(self, char: str) -> None:
        if char == "[":
            self._depth += 1
        elif char == "]":
            self._depth -= 1
        self.rust.append(char)
        self.python.append("\\[" if char == "[" else char)
        self._at += 1

    def _group(self) -> None:
        ahead = self._pattern[self._at :]
        named = re.match(r"\(\?<([A-Za-z]\w*)>", ahead)
        if named:
            self.rust.append(f"(?P<{named.group(1)}>")
            self.python.append(f"(?P<{named.group(1)}>")
            self._at += named.end()
            return
        if ahead[:3] in ("(?=", "(?!", "(?>") or ahead[:4] in ("(?<=", "(?<!"):
            self.needs_python = True
        self._both("(?")
        self._at += 2

    def _escape(self, char: str) -> None:
        self._at += 2
        lower = char.lower()
        if char == "Q":
            end = self._pattern.find("\\E", self._at)
            stop = len(self._pattern) if end < 0 else end
            for each in self._pattern[self._at : stop]:
                self._both("\\" + each if each in _SPECIAL else each)
            self._at = stop + (0 if end < 0 else 2)
        elif lower in _CLASSES:
            inner = _CLASSES[lower]
            if char.isupper():
                self.rust.append(f"[^{inner}]")
                self.python.append(f"[^{inner}]" if not self._depth else f"\\{char}")
            else:
                self._both(inner if self._depth else f"[{inner}]")
        elif char.isdigit() and char != "0":
            self.needs_python = True
            self.python.append("\\" + char)
        elif char == "z":
            self.rust.append("\\z")
            self.python.append("\\Z")
        elif char == "Z":
            self.needs_python = True
            self.python.append("(?=\\n?\\Z)")
        else:
            self._both("\\" + char)
