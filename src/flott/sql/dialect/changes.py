"""INSERT, statement sets, and the statements that change rows in place."""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from flott.sql.dialect.alter import AlterParser
from flott.sql.dialect.calls import table_of
from flott.sql.dialect.statements import (
    Call,
    Delete,
    Insert,
    Statement,
    StatementSet,
    TruncateTable,
    Unsupported,
    Update,
)
from flott.sql.dialect.tokens import TokenKind


class ChangeParser(AlterParser):
    """Reads statements that write."""

    def insert(self) -> Insert:
        """Read ``INSERT INTO|OVERWRITE ...``."""
        first = self.expect("INSERT")
        is_overwrite = self.accept("OVERWRITE")
        if not is_overwrite:
            self.expect("INTO")
        at = self.token
        target = self.marked(table_of(self.path("a table")), at)
        place = self.place_since(at)
        parts: dict[str, Any] = {"is_overwrite": is_overwrite, "place": place}
        if self.token.kind is TokenKind.HINT:
            parts["hints"] = tuple(self.hints())
        if self.accept("PARTITION"):
            parts["static_partition"] = self._partition()
        if self.looks_at("(") and not self._query_in_parentheses():
            parts["columns"] = tuple(self.names_in_parentheses())
        query = self.query()
        if self.accept("ON", "CONFLICT"):
            parts["conflict"] = self._conflict()
        return Insert(target, query, text=self.text[first.start : self.last.end], **parts)

    def _query_in_parentheses(self) -> bool:
        count = 0
        while self.ahead(count).upper == "(":
            count += 1
        return self.ahead(count).upper in ("SELECT", "WITH", "VALUES", "TABLE")

    def _partition(self) -> tuple[tuple[exp.Identifier, exp.Expression], ...]:
        self.expect("(")
        found: list[tuple[exp.Identifier, exp.Expression]] = []
        while True:
            name = self.identifier("a partition column")
            self.expect("=")
            at = self.token
            is_negative = self.accept("-")
            value = self.literal()
            if value is None:
                self.unexpected("a literal")
            if isinstance(value, exp.Null):
                self.invalid_later("The value of a partition is a literal, not NULL", at)
            if any(str(each.this) == str(name.this) for each, _ in found):
                self.invalid_later(f"Partition column '{name.this}' is set twice", at)
            found.append((name, self.marked(exp.Neg(this=value), at) if is_negative else value))
            if not self.accept(","):
                break
        self.expect(")")
        return tuple(found)

    def _conflict(self) -> str:
        self.expect("DO")
        word = self.accept_any("NOTHING", "ERROR", "DEDUPLICATE")
        if word is None:
            self.unexpected("NOTHING, ERROR or DEDUPLICATE")
        return word

    def statement_set(self) -> StatementSet:
        """Read ``STATEMENT SET BEGIN insert; ... END``."""
        self.expect("STATEMENT", "SET", "BEGIN")
        inserts: list[Insert] = []
        while not self.looks_at("END"):
            if not self.looks_at("INSERT"):
                self.unexpected("INSERT or END")
            inserts.append(self.insert())
            self.expect(";")
        if not inserts:
            self.unexpected("INSERT")
        self.expect("END")
        return StatementSet(tuple(inserts))

    def delete(self) -> Statement:
        """Read ``DELETE FROM t WHERE ...``."""
        self.expect("DELETE", "FROM")
        name, place = self.object_path("a table")
        where = self.expression() if self.accept("WHERE") else None
        return Delete(name, where, place=place)

    def update(self) -> Statement:
        """Read ``UPDATE t SET a = 1 WHERE ...``."""
        self.expect("UPDATE")
        name, place = self.object_path("a table")
        self.expect("SET")
        assignments = self.separated(self._assignment)
        where = self.expression() if self.accept("WHERE") else None
        return Update(name, tuple(assignments), where, place=place)

    def _assignment(self) -> tuple[exp.Identifier, exp.Expression]:
        name = self.identifier("a column")
        self.expect("=")
        return name, self.expression()

    def truncate(self) -> Statement:
        """Read ``TRUNCATE TABLE t``."""
        self.expect("TRUNCATE", "TABLE")
        name, place = self.object_path("a table")
        return TruncateTable(name, place=place)

    def call_procedure(self) -> Statement:
        """Read ``CALL p(...)``."""
        self.expect("CALL")
        name, place = self.object_path("a procedure")
        self.expect("(")
        items: list[exp.Expression] = []
        if not self.looks_at(")"):
            items = self.separated(self.argument)
        self.expect(")")
        return Call(name, tuple(items), place=place)

    def compile_plan(self) -> Statement:
        """Read ``COMPILE [AND EXECUTE] PLAN 'file' [IF NOT EXISTS] FOR statement``."""
        self.expect("COMPILE")
        feature = "COMPILE AND EXECUTE PLAN" if self.accept("AND", "EXECUTE") else "COMPILE PLAN"
        self.expect("PLAN")
        self.string()
        self.accept("IF", "NOT", "EXISTS")
        if self.accept("FOR"):
            if self.looks_at("STATEMENT"):
                self.statement_set()
            else:
                self.insert()
        return Unsupported(feature, "Run the statement itself: operator ids come from its meaning.")
