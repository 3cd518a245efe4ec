"""A running query in full screen: the table it makes, or its changes, as they come.

One thread takes rows from the job; the screen looks at what is there four times a second.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Sequence
from typing import Any

from prompt_toolkit.application import Application, get_app
from prompt_toolkit.filters import Condition
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.layout import ConditionalContainer, HSplit, Layout, Window
from prompt_toolkit.layout.controls import FormattedTextControl
from prompt_toolkit.layout.dimension import Dimension
from prompt_toolkit.output import Output
from prompt_toolkit.styles import Style

from flott.cli.shell.live_rows import LiveRows
from flott.cli.shell.messages import Messages
from flott.cli.shell.runs import Run
from flott.common.logical_types import NumericType
from flott.common.types import RowKind
from flott.table.printing import text_width
from flott.table.table_result import TableResult
from flott.table.value_text import value_text

_REFRESH_SECONDS = 0.25
_WIDEST = 40
_MESSAGE_LINES = 3
_STYLE = Style.from_dict(
    {
        "title": "reverse",
        "head": "bold",
        "status": "reverse",
        "message": "ansiyellow",
        "added": "ansigreen",
        "removed": "ansired",
        "changed": "ansiyellow",
    }
)
_KIND_STYLES = {"+I": "added", "-D": "removed", "-U": "removed", "+U": "changed"}


class Taking:
    """Takes the rows of a result on a thread of its own.

    Args:
        result: the running query.
        runs: the jobs that it starts, filled by whoever watches them.
    """

    def __init__(self, result: TableResult, runs: Sequence[Run]) -> None:
        self.live = LiveRows()
        schema = result.get_table_schema()
        self.names = schema.get_field_names()
        self.types = schema.get_field_data_types()
        self.error: BaseException | None = None
        self._result = result
        self._runs = runs
        self._stopped = False
        self._thread = threading.Thread(target=self._take, name="flott-sql-rows", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def wait(self, seconds: float | None = None) -> bool:
        """Wait for the end; tells whether it has come."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def stop(self) -> None:
        """End the job, and wait until it has ended."""
        self._stopped = True
        for run in self._runs:
            run.cancel()
        self._thread.join()

    @property
    def run(self) -> Run | None:
        """The job."""
        return self._runs[-1] if self._runs else None

    def _take(self) -> None:
        try:
            with self._result.collect() as rows:
                for row in rows:
                    pairs = zip(row, self.types, strict=True)
                    texts = tuple(value_text(value, each) for value, each in pairs)
                    self.live.add(row.get_row_kind() or RowKind.INSERT, texts)
                    if self._stopped:
                        break
        except BaseException as error:  # shown by whoever waits
            if not self._stopped:
                self.error = error


class Viewer:
    """The screen.

    Args:
        taking: gives the rows.
        shows_changes: whether it begins with the changes.
        is_streaming: whether there are changes at all.
        messages: what the engine has to say meanwhile.
    """

    def __init__(
        self, taking: Taking, messages: Messages, *, shows_changes: bool, is_streaming: bool
    ) -> None:
        self._taking = taking
        self._messages = messages
        self._shows_changes = shows_changes and is_streaming
        self._is_streaming = is_streaming
        self._top: int | None = None
        self._left = 0

    def run(self, output: Output | None = None) -> None:
        """Show until the user leaves."""
        control = FormattedTextControl(self._body, focusable=True, show_cursor=False)
        layout = Layout(
            HSplit(
                [
                    Window(FormattedTextControl(self._title), height=1),
                    Window(control),
                    ConditionalContainer(
                        Window(
                            FormattedTextControl(self._message),
                            height=Dimension(max=_MESSAGE_LINES),
                            wrap_lines=True,
                            dont_extend_height=True,
                        ),
                        Condition(lambda: bool(self._messages.last)),
                    ),
                    Window(FormattedTextControl(self._status), height=1),
                ]
            )
        )
        app: Application[None] = Application(
            layout,
            key_bindings=self._keys(),
            full_screen=True,
            refresh_interval=_REFRESH_SECONDS,
            style=_STYLE,
            output=output,
        )
        app.run()

    @property
    def _length(self) -> int:
        live = self._taking.live
        return live.kept_changes if self._shows_changes else live.row_count

    def _page(self) -> int:
        others = 4 + (_MESSAGE_LINES if self._messages.last else 0)
        return max(1, get_app().output.get_size().rows - others)

    def _first(self) -> int:
        """The row at the top: the last page, unless the user chose another."""
        last = max(0, self._length - self._page())
        if self._top is None:
            return last
        return max(0, min(self._top, last))

    def _move(self, rows: int) -> None:
        top = self._first() + rows
        self._top = None if top >= self._length - self._page() else max(0, top)

    def _keys(self) -> KeyBindings:
        keys = KeyBindings()
        moves = {
            "up": lambda: -1, "k": lambda: -1, "down": lambda: 1, "j": lambda: 1,
            "pageup": lambda: -self._page(), "b": lambda: -self._page(),
            "pagedown": self._page, "space": self._page,
        }  # fmt: skip
        for key, step in moves.items():

            @keys.add(key)
            def _(event: KeyPressEvent, step: Any = step) -> None:
                self._move(step())

        @keys.add("home")
        @keys.add("g")
        def _(event: KeyPressEvent) -> None:
            self._top = 0

        @keys.add("end")
        @keys.add("G")
        def _(event: KeyPressEvent) -> None:
            self._top = None

        @keys.add("left")
        def _(event: KeyPressEvent) -> None:
            self._left = max(0, self._left - 1)

        @keys.add("right")
        def _(event: KeyPressEvent) -> None:
            self._left = min(len(self._taking.names) - 1, self._left + 1)

        @keys.add("m")
        def _(event: KeyPressEvent) -> None:
            if self._is_streaming:
                self._shows_changes = not self._shows_changes
                self._top = None

        @keys.add("q")
        @keys.add("escape")
        @keys.add("c-c")
        @keys.add("c-d")
        def _(event: KeyPressEvent) -> None:
            event.app.exit()

        return keys

    def _title(self) -> StyleAndTextTuples:
        mode = "changes" if self._shows_changes else "table"
        live = self._taking.live
        text = f" {mode} · {live.row_count:,} rows"
        if self._is_streaming:
            text += f" · {live.change_count:,} changes"
        run = self._taking.run
        if run is not None:
            text += f" · {'ended' if run.is_over else 'running'}"
        return [("class:title", _filled(text))]

    def _message(self) -> StyleAndTextTuples:
        return [("class:message", f" {self._messages.last}")]

    def _status(self) -> StyleAndTextTuples:
        width = get_app().output.get_size().columns
        keys = " q leave · m table/changes · ↑↓ PgUp PgDn Home End · ←→ columns "
        run = self._taking.run
        line = "" if run is None else run.line(max(0, width - len(keys) - 1))
        return [("class:status", _filled(keys + line))]

    def _body(self) -> StyleAndTextTuples:
        live, page, start = self._taking.live, self._page(), self._first()
        names = list(self._taking.names)
        if self._shows_changes:
            rows = live.changes(start, page)
            names = ["op", *names]
        else:
            rows = live.table(start, page)
        fixed = 1 if self._shows_changes else 0
        chosen = [*range(fixed), *range(fixed + self._left, len(names))]
        types = self._taking.types
        numbers = {fixed + i for i, each in enumerate(types) if isinstance(each, NumericType)}
        return table_fragments(names, rows, chosen, numbers, styled=self._shows_changes)


def table_fragments(
    names: Sequence[str],
    rows: Sequence[Sequence[str]],
    chosen: Sequence[int],
    numbers: Collection[int] = (),
    styled: bool = False,
) -> StyleAndTextTuples:
    """Head and rows as coloured text.

    Args:
        names: names of the columns.
        rows: their values.
        chosen: which columns are shown.
        numbers: which columns stand at the right.
        styled: whether the first column is the kind of change, which gives the colour.
    """
    is_right = [position in numbers for position in chosen]
    titles = [names[position] for position in chosen]
    cells = [[_cut(row[position]) for position in chosen] for row in rows]
    widths = [
        max(text_width(text) for text in column) for column in zip(titles, *cells, strict=True)
    ]
    fragments: StyleAndTextTuples = [("class:head", _line(titles, widths, is_right))]
    fragments.append(("", "\n" + "─" * (sum(widths) + 2 * len(widths)) + "\n"))
    for row in cells:
        style = f"class:{_KIND_STYLES.get(row[0], '')}" if styled and row else ""
        fragments.append((style, _line(row, widths, is_right) + "\n"))
    return fragments


def _cut(text: str) -> str:
    text = text.replace("\n", "\\n")
    return text if text_width(text) <= _WIDEST else text[: _WIDEST - 1] + "…"


def _line(cells: Sequence[str], widths: Sequence[int], is_right: Sequence[bool]) -> str:
    padded = []
    for cell, width, right in zip(cells, widths, is_right, strict=True):
        room = " " * (width - text_width(cell))
        padded.append(room + cell if right else cell + room)
    return " " + "  ".join(padded)


def _filled(text: str) -> str:
    return text.ljust(get_app().output.get_size().columns)
