"""What stands in the parentheses of CREATE TABLE: columns, watermark, primary key."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from flott.sql.catalog.objects import (
    ColumnDefinition,
    ColumnKind,
    Distribution,
    WatermarkDefinition,
)
from flott.sql.dialect.positions import text_of
from flott.sql.dialect.queries import QueryParser
from flott.sql.dialect.statements import (
    ColumnChange,
    Path,
    Place,
    PrimaryKey,
    TableElements,
    WatermarkChange,
)
from flott.sql.dialect.tokens import Token, TokenKind
from flott.sql.dialect.types import data_type_of


class _Elements:
    """Collects the elements as they come."""

    def __init__(self) -> None:
        self.columns: list[ColumnChange] = []
        self.names: list[str] = []
        self.watermark: WatermarkChange | None = None
        self.key: PrimaryKey | None = None
        self.distribution: Distribution | None = None

    def done(self) -> TableElements:
        return TableElements(
            tuple(self.columns), self.watermark, self.key, tuple(self.names), self.distribution
        )


class ElementParser(QueryParser):
    """Reads the elements of tables."""

    def object_path(self, what: str = "a name") -> tuple[Path, Place]:
        """Read the name of an object, and tell where it stands."""
        first = self.token
        parts = self.path(what)
        place = Place(first.line, first.column, self.last.end - first.start)
        return tuple(str(part.this) for part in parts), place

    def place_since(self, first: Token) -> Place:
        """From ``first`` to where the cursor stands."""
        return Place(first.line, first.column, self.last.end - first.start)

    def options(self) -> dict[str, str]:
        """Read ``('key' = 'value', ...)``."""
        self.expect("(")
        found: dict[str, str] = {}
        while not self.looks_at(")"):
            key = self.string("an option's name in single quotes")
            self.expect("=")
            found[key] = self.string("the option's value in single quotes")
            if not self.accept(","):
                break
            if self.looks_at(")"):
                self.unexpected("an option's name in single quotes")
        self.expect(")")
        return found

    def option_names(self) -> tuple[str, ...]:
        """Read ``('key', ...)``."""
        self.expect("(")
        found: list[str] = []
        if not self.looks_at(")"):
            found = self.separated(self.string)
        self.expect(")")
        return tuple(found)

    def table_elements(
        self, allows_names: bool = False, takes_position: bool = False
    ) -> TableElements:
        """Read ``(column, ..., PRIMARY KEY ..., WATERMARK FOR ...)``.

        Args:
            allows_names: whether a column may come without a type (CREATE TABLE ... AS).
            takes_position: whether FIRST or AFTER may follow a column (ALTER TABLE).
        """
        found = _Elements()
        self.expect("(")
        while True:
            self._element(found, allows_names, takes_position)
            if not self.accept(","):
                break
        self.expect(")")
        return found.done()

    def one_element(self) -> TableElements:
        """Read one element without parentheses, or several in them (ALTER TABLE)."""
        if self.looks_at("("):
            return self.table_elements(takes_position=True)
        found = _Elements()
        self._element(found, allows_names=False, takes_position=True)
        return found.done()

    def _element(self, found: _Elements, allows_names: bool, takes_position: bool = False) -> None:
        first = self.token
        if self.looks_at_any("PRIMARY", "CONSTRAINT", "UNIQUE"):
            if found.key is not None:
                self.invalid("A table has one primary key", self.advance())
            found.key = self._constraint()
        elif self.looks_at("WATERMARK"):
            if found.watermark is not None:
                self.error("A table has one watermark")
            found.watermark = self._watermark()
        elif self.looks_at("DISTRIBUTION"):
            self.advance()
            found.distribution = self.distribution()
        else:
            name = self.identifier("a column")
            if allows_names and self.looks_at_any(",", ")"):
                found.names.append(str(name.this))
                return
            column, key = self._column_element(str(name.this), first)
            if takes_position:
                column = self._positioned(column)
            found.columns.append(column)
            if key is not None:
                if found.key is not None:
                    self.invalid("A table has one primary key", first)
                found.key = key

    def _column_element(self, name: str, first: Token) -> tuple[ColumnChange, PrimaryKey | None]:
        tree: exp.Expression | None = None
        key: PrimaryKey | None = None
        if self.accept("AS"):
            tree = self.expression()
            if tree.find(exp.Query):
                self.error("A computed column cannot have a query", first)
            definition = ColumnDefinition(
                name, None, ColumnKind.COMPUTED, expression_text=text_of(tree, self.text)
            )
        else:
            if self.looks_at("INTERVAL"):
                self.unexpected("a type that columns of tables have")
            data_type = data_type_of(self.data_type())
            definition = ColumnDefinition(name, data_type)
            if self.looks_at_any("PRIMARY", "CONSTRAINT", "UNIQUE"):
                key = self._constraint(name)
            if self.accept("METADATA"):
                metadata_key = self.string() if self.accept("FROM") else None
                definition = ColumnDefinition(
                    name, data_type, ColumnKind.METADATA, metadata_key, self.accept("VIRTUAL")
                )
            if self.looks_at("DEFAULT"):
                self.error("DEFAULT of a column is not supported")
        if self.accept("COMMENT"):
            comment = self.string()
            definition = ColumnDefinition(
                definition.name,
                definition.data_type,
                definition.kind,
                definition.metadata_key,
                definition.is_virtual,
                definition.expression_text,
                comment,
            )
        return ColumnChange(definition, tree, self.place_since(first)), key

    def _positioned(self, column: ColumnChange) -> ColumnChange:
        is_first = self.accept("FIRST")
        after = self.name("a column") if not is_first and self.accept("AFTER") else None
        return replace(column, is_first=is_first, after=after)

    def _constraint(self, column: str | None = None) -> PrimaryKey:
        first = self.token
        name = self.name("a name for the constraint") if self.accept("CONSTRAINT") else None
        if self.accept("UNIQUE"):
            self.invalid("UNIQUE constraints are not supported", first, "Use PRIMARY KEY.")
        self.expect("PRIMARY", "KEY")
        if column is None:
            columns = tuple(str(part.this) for part in self.names_in_parentheses())
        else:
            columns = (column,)
        is_enforced = True
        if self.accept("NOT", "ENFORCED"):
            is_enforced = False
        else:
            self.accept("ENFORCED")
        return PrimaryKey(columns, name, is_enforced, self.place_since(first))

    def _watermark(self) -> WatermarkChange:
        first = self.expect("WATERMARK", "FOR")
        column = ".".join(str(part.this) for part in self.path("the column of event time"))
        self.expect("AS")
        tree = self.expression()
        definition = WatermarkDefinition(column, text_of(tree, self.text))
        return WatermarkChange(definition, tree, self.place_since(first))

    def distribution(self) -> Distribution:
        """Read ``BY [HASH|RANGE](a, b) INTO n BUCKETS`` or ``INTO n BUCKETS``."""
        if self.accept("INTO"):
            buckets = self.integer()
            self.expect("BUCKETS")
            return Distribution(None, (), buckets)
        self.expect("BY")
        kind = None
        if self.token.kind is TokenKind.WORD:
            kind = self.accept_any("HASH", "RANGE")
        columns = tuple(str(part.this) for part in self.names_in_parentheses())
        count: int | None = None
        if self.accept("INTO"):
            count = self.integer()
            self.expect("BUCKETS")
        return Distribution(kind, columns, count)
