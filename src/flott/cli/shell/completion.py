"""What could come next: tables after FROM, columns of the tables named, functions, keywords; in
CREATE TABLE options and their values, topics, and the columns of a topic."""

from __future__ import annotations

import re
from collections.abc import Iterator

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

from flott.cli.shell.outside import Outside
from flott.cli.shell.proposals import Proposal, matching
from flott.cli.shell.table_options import in_columns, propose_columns, propose_options
from flott.cli.shell.words import BEGINNINGS, COMMANDS, KEYWORDS
from flott.common.errors import FlottError
from flott.common.options import all_options
from flott.sql.dialect.keywords import RESERVED
from flott.sql.dialect.rendering import quote_name
from flott.sql.functions import function_names
from flott.table import TableEnvironment

_BEFORE_TABLE = re.compile(
    r"\b(?:FROM|JOIN|INTO|OVERWRITE|TABLE|VIEW|DESCRIBE|DESC|UPDATE|COLUMNS\s+(?:FROM|IN))\s+$",
    re.IGNORECASE,
)
_LIST_OF_TABLES = re.compile(r"\bFROM\s+[\w`., ]*,\s*$", re.IGNORECASE)
_TABLES = re.compile(
    r"\b(?:FROM|JOIN|INTO|UPDATE|TABLE)\s+([\w`.$]+)(?:\s+(?:AS\s+)?(\w+))?", re.IGNORECASE
)
_OPTION = re.compile(r"\b(?:SET|RESET)\s+'([^']*)$", re.IGNORECASE)
_WORD = re.compile(r"[\w$]*$")
_QUALIFIED = re.compile(r"([\w$]+)\.([\w$]*)$")
_PLAIN_NAME = re.compile(r"[^\W\d][\w$]*\Z")


def propose(
    before: str, whole: str, environment: TableEnvironment, outside: Outside | None = None
) -> Iterator[Proposal]:
    """Ways to go on.

    Args:
        before: the statement up to the cursor.
        whole: the whole statement.
        environment: whose catalog counts.
        outside: knows topics; without it none are proposed.
    """
    if option := _OPTION.search(before):
        yield from matching(option[1], _option_keys(), "option")
        return
    if before.count("'") % 2:
        yield from propose_options(before, whole, outside)
        return
    if outside is not None and in_columns(before):
        yield from propose_columns(before, whole, outside)
    word = _word_before(before)
    head = before[: len(before) - len(word)]
    if qualified := _QUALIFIED.search(before):
        yield from _of_qualifier(qualified[1], qualified[2], whole, environment)
        return
    if not head.strip():
        yield from matching(word, (*BEGINNINGS, *COMMANDS), "")
        return
    if _BEFORE_TABLE.search(head) or _LIST_OF_TABLES.search(head):
        yield from matching(word, _object_names(environment), "table")
        return
    if word:
        yield from matching(word, _columns(whole, environment), "column")
        functions = (f"{name}(" for name in function_names())
        yield from matching(word, functions, "function", follows_case=True)
        yield from matching(word, sorted(KEYWORDS), "keyword", follows_case=True)


def _word_before(before: str) -> str:
    match = _WORD.search(before)
    return match.group() if match else ""


def _option_keys() -> list[str]:
    return sorted(option.key for option in all_options())


def _object_names(environment: TableEnvironment) -> list[str]:
    names = [_written(name) for name in environment.list_tables()]
    return [*names, *(f"{_written(name)}." for name in environment.list_databases())]


def _written(name: str) -> str:
    """A name as it must be written: between back-ticks if it is not a plain one."""
    plain = _PLAIN_NAME.match(name) and name.upper() not in RESERVED
    return name if plain else quote_name(name)


def _tables_named(whole: str) -> dict[str, str]:
    """The tables that a statement names, by their aliases and by themselves."""
    found: dict[str, str] = {}
    for path, alias in _TABLES.findall(whole):
        found[path.rpartition(".")[2].strip("`")] = path
        if alias and alias.upper() not in KEYWORDS:
            found[alias] = path
    return found


def _columns_of(path: str, environment: TableEnvironment) -> list[str]:
    try:
        return environment.from_path(path).get_schema().get_field_names()
    except FlottError:  # half a name, or a table whose connector is not there
        return []


def _columns(whole: str, environment: TableEnvironment) -> list[str]:
    paths = dict.fromkeys(_tables_named(whole).values())
    return [_written(name) for path in paths for name in _columns_of(path, environment)]


def _of_qualifier(
    qualifier: str, word: str, whole: str, environment: TableEnvironment
) -> Iterator[Proposal]:
    path = _tables_named(whole).get(qualifier)
    if path is not None:
        columns = [_written(name) for name in _columns_of(path, environment)]
        yield from matching(word, columns, "column")
    if qualifier in environment.list_databases():
        catalog = environment._context.catalog
        names = catalog.object_names(catalog.current_catalog, qualifier)
        yield from matching(word, map(_written, names), "table")


class SqlCompleter(Completer):
    """Completes what is typed in the shell."""

    def __init__(self, environment: TableEnvironment) -> None:
        self._environment = environment
        self._outside = Outside()

    def get_completions(
        self, document: Document, complete_event: CompleteEvent
    ) -> Iterator[Completion]:
        """The completions at the cursor."""
        before = document.text_before_cursor
        for each in propose(before, document.text, self._environment, self._outside):
            yield Completion(each.text, -each.length, display_meta=each.kind)
