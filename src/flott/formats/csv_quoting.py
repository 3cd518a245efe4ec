"""Texts as fields of CSV, as Jackson writes them for Flink.

A text stands in quotes if it is long, or if one of its characters is a backslash or comes before
the letters and digits, as delimiters, quotes and blanks do. Quotes are doubled, whether there is an
escape character or not.
"""

from __future__ import annotations

from typing import Final

from flott.common.errors import SinkError

#: Longer texts are quoted without a look at what is in them.
_LOOKED_AT_MAX: Final = 24


class CsvQuoting:
    """Writes texts as fields.

    Args:
        delimiter: Stands between fields.
        quote: Stands around fields; ``None`` if nothing does.
        escape: Stands before characters that mean themselves; ``None`` if nothing does.

    >>> [CsvQuoting(",", '"', None).write(each) for each in ("ada", "a,b", 'say "hi"', "two words")]
    ['ada', '"a,b"', '"say ""hi\"""', '"two words"']
    """

    def __init__(self, delimiter: str, quote: str | None, escape: str | None) -> None:
        self._delimiter = delimiter
        self._quote = quote
        self._escape = escape
        self._safe = max(delimiter, quote or "", "\n")

    def write(self, text: str) -> str:
        """The field of a text.

        Raises:
            SinkError: It needs quotes, and there are none.
        """
        quote, escape = self._quote, self._escape
        if quote is None:
            return self._unquoted(text)
        safe = self._safe
        if _java_length(text) <= _LOOKED_AT_MAX and not any(
            char <= safe or char == "\\" or char == escape for char in text
        ):
            return text
        if escape is not None and escape != quote:
            text = text.replace(escape, escape * 2)
        return f"{quote}{text.replace(quote, quote * 2)}{quote}"

    def _unquoted(self, text: str) -> str:
        escape, delimiter = self._escape, self._delimiter
        if escape is not None:
            for char in (escape, delimiter):
                text = text.replace(char, escape + char)
        elif delimiter in text or "\n" in text or "\r" in text:
            raise SinkError(
                f"Cannot write CSV without quotes: {text[:80]!r} holds a delimiter or a line end. "
                "Allow quotes or set an escape character."
            )
        return text


def _java_length(text: str) -> int:
    """Units of UTF-16, which Java counts."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2
