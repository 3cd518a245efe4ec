"""Reads statements from the terminal: several lines, colours, completion, history."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from prompt_toolkit import PromptSession
from prompt_toolkit.auto_suggest import AutoSuggestFromHistory
from prompt_toolkit.filters import completion_is_selected
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from prompt_toolkit.input import Input
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.output import Output

from flott.cli.shell.completion import SqlCompleter
from flott.cli.shell.highlighting import SqlLexer
from flott.cli.shell.words import COMMANDS
from flott.common.sql_errors import SqlParserError
from flott.sql.dialect.tokens import TokenKind, statement_tokens, tokenize
from flott.table import TableEnvironment

_PROMPT = "flott> "
_CONTINUED = "     > "


def is_complete(text: str) -> bool:
    """Whether ``text`` is to be run when Enter is pressed.

    >>> is_complete("SELECT 1"), is_complete("SELECT 1;"), is_complete("SELECT ';"), is_complete("")
    (False, True, False, True)
    """
    stripped = text.strip()
    if not stripped or stripped.rstrip(";").strip().upper() in (*COMMANDS, "EXIT"):
        return True
    try:
        tokens = tokenize(text)
    except SqlParserError:
        return False  # a string or comment goes on
    if len(tokens) < 2 or tokens[-2].upper != ";":
        return tokens[-1].kind is TokenKind.END and len(tokens) == 1
    # Of an unfinished statement set nothing has been read: its ';' separate no statements.
    last = statement_tokens(tokens)[-1]
    is_set = [token.upper for token in last[:4]] == ["EXECUTE", "STATEMENT", "SET", "BEGIN"]
    return not is_set or last[-1].upper == "END"


class StatementReader:
    """Reads statements one after the other.

    Args:
        environment: whose catalog is completed from.
        history: where lines are kept; none for this session only.
        input: in place of the terminal.
        output: in place of the terminal.
    """

    def __init__(
        self,
        environment: TableEnvironment,
        history: Path | None = None,
        input: Input | None = None,
        output: Output | None = None,
    ) -> None:
        kept: History = InMemoryHistory() if history is None else FileHistory(str(history))
        self._session: PromptSession[str] = PromptSession(
            lexer=SqlLexer(),
            completer=SqlCompleter(environment),
            complete_while_typing=True,
            history=kept,
            auto_suggest=AutoSuggestFromHistory(),
            multiline=True,
            prompt_continuation=lambda width, number, soft: _CONTINUED,
            key_bindings=_keys(),
            enable_open_in_editor=True,
            input=input,
            output=output,
        )

    def __iter__(self) -> Iterator[str]:
        """The texts typed, until the end of input."""
        while True:
            try:
                text = self._session.prompt(_PROMPT)
            except KeyboardInterrupt:
                continue
            except EOFError:
                return
            if text.strip():
                yield text


def _keys() -> KeyBindings:
    keys = KeyBindings()

    @keys.add("enter", filter=~completion_is_selected)
    def _(event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        if is_complete(buffer.text):
            buffer.validate_and_handle()
        else:
            buffer.insert_text("\n")

    @keys.add("enter", filter=completion_is_selected)
    def _(event: KeyPressEvent) -> None:
        event.current_buffer.complete_state = None

    @keys.add("escape", "enter")
    def _(event: KeyPressEvent) -> None:
        event.current_buffer.insert_text("\n")

    return keys


def history_path() -> Path:
    """Where the shell keeps what was typed."""
    folder = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "flott"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / "sql_history"
