"""Java's regular expressions in the two dialects at hand: Rust's (in Polars) and Python's.

Java's ``\\w``, ``\\d`` and ``\\s`` mean ASCII. Rust's engine is fast and has neither look-around
nor back-references; a pattern with these runs in Python, once for each distinct text.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

_CLASSES: Final = {
    "w": "A-Za-z0-9_", "d": "0-9", "s": " \\t\\n\\x0B\\f\\r",
    "h": " \\t\\u00a0\\u1680\\u180e\\u2000-\\u200a\\u202f\\u205f\\u3000",
    "v": "\\n\\x0B\\f\\r\\u0085\\u2028\\u2029",
}  # fmt: skip
#: What ends a line: ``\R``.
_LINE_END: Final = "(?:\\r\\n|[\\n\\x0B\\f\\r\\u0085\\u2028\\u2029])"
_REPETITION: Final = re.compile(r"\{\d+(,\d*)?\}")
#: A pattern that is wrong in both dialects.
_WRONG: Final = "("
#: Properties by what the categories of Unicode are called.
_PROPERTIES: Final = {
    "Alphabetic": "L", "Letter": "L", "Digit": "Nd", "Uppercase": "Lu", "Lowercase": "Ll",
    "Punctuation": "P", "Control": "Cc", "Titlecase": "Lt",
}  # fmt: skip
#: Scripts by how the names of their characters begin.
_SCRIPTS: Final = {
    "Latin": "LATIN ", "Greek": "GREEK ", "Cyrillic": "CYRILLIC ", "Han": "CJK UNIFIED",
    "Hiragana": "HIRAGANA ", "Katakana": "KATAKANA ", "Hangul": "HANGUL ", "Arabic": "ARABIC ",
    "Hebrew": "HEBREW ", "Thai": "THAI ", "Devanagari": "DEVANAGARI ",
}  # fmt: skip
#: Classes of POSIX; in Java they are of ASCII.
_POSIX: Final = {
    "Lower": "a-z", "Upper": "A-Z", "Alpha": "A-Za-z", "Digit": "0-9", "Alnum": "A-Za-z0-9",
    "ASCII": "\\x00-\\x7f", "XDigit": "0-9A-Fa-f", "Space": " \\t\\n\\x0B\\f\\r", "Blank": " \\t",
    "Punct": "!-/:-@\\[-`{-~", "Graph": "!-~", "Print": " -~", "Cntrl": "\\x00-\\x1f\\x7f",
}  # fmt: skip
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


def java_split(text: str, pattern: str, limit: int = 0) -> list[str]:
    """``String.split``: no part before an empty match at the start; without a limit, no empty
    parts at the end.

    >>> java_split("abc", ""), java_split("a,b,,", ","), java_split("a=b=c", "=", 2)
    (['a', 'b', 'c'], ['a', 'b'], ['a', 'b=c'])
    """
    parts: list[str] = []
    start = 0
    for found in translate(pattern).compiled.finditer(text):
        if limit and len(parts) == limit - 1:
            break
        if found.end():
            parts.append(text[start : found.start()])
            start = found.end()
    parts.append(text[start:])
    while not limit and len(parts) > 1 and not parts[-1]:
        parts.pop()
    return parts


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
        #: Of each open class whether its brackets are written.
        self._classes: list[bool] = []
        self.rust: list[str] = []
        self.python: list[str] = []
        self.needs_python = False

    def run(self) -> None:
        pattern = self._pattern
        while self._at < len(pattern):
            char = pattern[self._at]
            if char == "\\" and self._at + 1 < len(pattern):
                self._escape(pattern[self._at + 1])
            elif self._classes:
                self._in_class(char)
            elif char == "[":
                self._classes.append(True)
                self._both("[")
                self._at += 1
            elif char == "{" and not _REPETITION.match(pattern, self._at):
                self.rust, self.python = [_WRONG], [_WRONG]
                return
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
        """A class in a class is a union, which needs no brackets unless it is negated or meets
        others (``&&``)."""
        is_shown = True
        if char == "[":
            is_shown = self._pattern.startswith("[^", self._at)
            is_shown = is_shown or self._pattern.endswith("&&", 0, self._at)
            self._classes.append(is_shown)
        elif char == "]":
            is_shown = self._classes.pop()
        if is_shown:
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
                self.python.append(f"[^{inner}]" if not self._classes else f"\\{char}")
            else:
                self._both(inner if self._classes else f"[{inner}]")
        elif char == "R" and not self._classes:
            self._both(_LINE_END)
        elif lower == "p":
            self._property(char == "P")
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

    def _property(self, is_negated: bool) -> None:
        """``\\p{Lu}``: Rust knows the categories of Unicode, Python neither them nor POSIX's."""
        found = re.compile(r"\{(\w+)\}|(\w)").match(self._pattern, self._at)
        name = (found[1] or found[2]) if found else ""
        inner = _POSIX.get(name) or _ranges(name.removeprefix("Is"))
        if found is None or not inner or (is_negated and self._classes):
            # Wrong for Python, too, which then says so.
            self._both("\\" + ("P" if is_negated else "p"))
            return
        self._at = found.end()
        self._both(inner if self._classes else f"[{'^' if is_negated else ''}{inner}]")


def _ranges(name: str) -> str:
    script = _SCRIPTS.get(name)
    return script_ranges(script) if script else category_ranges(_PROPERTIES.get(name, name))


@lru_cache(maxsize=32)
def script_ranges(start: str) -> str:
    """The characters whose names begin with ``start``, as the inside of a class."""
    return _joined(lambda char: unicodedata.name(char, "").startswith(start))


@lru_cache(maxsize=32)
def category_ranges(name: str) -> str:
    """The characters of a category of Unicode (``L``, ``Lu``, ...), as the inside of a class.

    >>> category_ranges("Zl")
    '\\\\u2028-\\\\u2028'
    """
    if not re.fullmatch(r"[CLMNPSZ][a-z]?", name):
        return ""
    return _joined(lambda char: unicodedata.category(char).startswith(name))


def _joined(holds: Callable[[str], bool]) -> str:
    """The characters of which something holds, as ranges."""
    ranges: list[list[int]] = []
    for code in range(sys.maxunicode + 1):
        if 0xD800 <= code < 0xE000 or not holds(chr(code)):
            continue
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return "".join(f"{_coded(low)}-{_coded(high)}" for low, high in ranges)


def _coded(code: int) -> str:
    return f"\\u{code:04x}" if code < 1 << 16 else f"\\U{code:08x}"
