"""Lines at the bottom of the terminal give way to what else is printed."""

import io
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout

import pytest

from flott.common import Configuration
from flott.deploy.screen import PlainLines, Screen, is_terminal, shows_status


class Terminal(io.StringIO):
    """Remembers what was written, and what of it is seen."""

    def isatty(self) -> bool:
        return True

    @property
    def seen(self) -> list[str]:
        """The lines as they stand: interprets wiping and going up."""
        lines, row = [""], 0
        for piece in re.findall(r"\r\x1b\[K|\x1b\[A|\n|[^\r\n\x1b]+", self.getvalue()):
            if piece == "\r\x1b[K":
                lines[row] = ""
            elif piece == "\x1b[A":
                row -= 1
            elif piece == "\n":
                row += 1
                lines += [""] * (row + 1 - len(lines))
            else:
                lines[row] += piece
        return lines


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.setenv("TERM", "xterm")
    return Terminal()


@contextmanager
def streams_of_the_program(terminal: Terminal) -> Iterator[None]:
    with redirect_stdout(terminal), redirect_stderr(terminal):
        yield


def test_a_line_replaces_the_one_before(terminal: Terminal) -> None:
    screen = Screen(terminal)
    screen.show("one")
    screen.show("two")
    assert terminal.seen == ["two"]


def test_a_table_is_replaced_as_a_whole(terminal: Terminal) -> None:
    screen = Screen(terminal)
    screen.show("a\nb\nc")
    screen.show("d")
    assert terminal.seen == ["d", "", ""]


def test_what_the_program_prints_stands_above(terminal: Terminal) -> None:
    screen = Screen(terminal)
    with streams_of_the_program(terminal):
        screen.show("status")
        print("hello")
        screen.show("status")
        screen_lines = terminal.seen
    assert screen_lines == ["hello", "status"]


def test_a_line_that_is_said_stays(terminal: Terminal) -> None:
    screen = Screen(terminal)
    screen.show("status")
    screen.say("look here")
    screen.show("status")
    assert terminal.seen == ["look here", "status"]


def test_leaving_gives_the_streams_back(terminal: Terminal) -> None:
    screen = Screen(terminal)
    with streams_of_the_program(terminal):
        screen.show("status")
        assert sys.stdout is not terminal
        screen.leave()
        assert sys.stdout is terminal
    assert terminal.seen == [""]


def test_a_stream_the_program_put_in_place_stays(terminal: Terminal) -> None:
    screen = Screen(terminal)
    with streams_of_the_program(terminal):
        screen.show("status")
        mine = sys.stdout = io.StringIO()
        screen.leave()
        assert sys.stdout is mine


def test_without_a_terminal_a_line_comes_now_and_then() -> None:
    stream = io.StringIO()
    lines = PlainLines(stream)
    for number in range(41):
        lines.show(f"line {number}")
    assert stream.getvalue() == "line 0\nline 20\nline 40\n"


def test_a_file_is_no_terminal() -> None:
    assert not is_terminal(io.StringIO())
    assert not is_terminal(None)


def test_a_dumb_terminal_is_left_alone(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    assert is_terminal(terminal)
    monkeypatch.setenv("TERM", "dumb")
    assert not is_terminal(terminal)


@pytest.mark.parametrize(("choice", "is_shown"), [("auto", True), ("off", False), ("table", True)])
def test_an_option_says_whether_anything_is_shown(
    terminal: Terminal, choice: str, is_shown: bool
) -> None:
    configuration = Configuration.from_dict({"flott.status-line": choice})
    with streams_of_the_program(terminal):
        assert shows_status(configuration) is is_shown
