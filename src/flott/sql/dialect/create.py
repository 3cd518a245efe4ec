"""CREATE and DROP."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NoReturn

from flott.sql.dialect.elements import ElementParser
from flott.sql.dialect.positions import text_of
from flott.sql.dialect.statements import (
    CreateCatalog,
    CreateDatabase,
    CreateFunction,
    CreateTable,
    CreateTableAs,
    CreateTableLike,
    CreateView,
    Drop,
    MergeStrategy,
    Statement,
    TableElements,
)
from flott.sql.dialect.tokens import Token

_FEATURES = (
    "ALL",
    "CONSTRAINTS",
    "DISTRIBUTION",
    "GENERATED",
    "METADATA",
    "OPTIONS",
    "PARTITIONS",
    "WATERMARKS",
)
#: Features that OVERWRITING makes no sense for.
_NOT_OVERWRITTEN = ("ALL", "CONSTRAINTS", "DISTRIBUTION", "PARTITIONS")
_UNSUPPORTED = {
    "MODEL": "Models",
    "CONNECTION": "Connections",
    "MATERIALIZED": "Materialized tables",
}


class CreateParser(ElementParser):
    """Reads CREATE and DROP."""

    def create(self) -> Statement:
        """Read ``CREATE ...``."""
        self.expect("CREATE")
        if self.looks_at("OR", "ALTER", "MATERIALIZED"):
            self.expect("OR", "ALTER")
        replaces = self.accept("OR", "REPLACE")
        is_temporary = self.accept("TEMPORARY")
        is_system = is_temporary and self.accept("SYSTEM")
        token = self.token
        if replaces and token.upper not in ("TABLE", "DATABASE"):
            self.unexpected("TABLE after CREATE OR REPLACE")
        if is_system and token.upper != "FUNCTION":
            self.unexpected("FUNCTION")
        if token.upper in _UNSUPPORTED:
            self._unsupported(token)
        kind = self.accept_any("TABLE", "VIEW", "FUNCTION", "CATALOG", "DATABASE")
        if kind is None or (is_temporary and kind == "CATALOG"):
            self.unexpected("TABLE, VIEW, FUNCTION, CATALOG or DATABASE")
        flags: dict[str, Any] = {"ignore_if_exists": self.accept("IF", "NOT", "EXISTS")}
        if kind in ("TABLE", "VIEW", "FUNCTION"):
            flags["is_temporary"] = is_temporary
        if kind == "TABLE":
            return self._table(flags | {"replace": replaces})
        if kind == "VIEW":
            return self._view(flags)
        if kind == "FUNCTION":
            return self._function(flags | {"is_system": is_system})
        return self._catalog(flags) if kind == "CATALOG" else self._database(flags)

    def replace(self) -> Statement:
        """Read ``REPLACE TABLE ... AS query``."""
        self.expect("REPLACE", "TABLE")
        found = self._table({"replace": True})
        if not isinstance(found, CreateTableAs):
            self.unexpected("AS and a query")
        return replace(found, needs_former=True)

    def _unsupported(self, token: Token) -> NoReturn:
        self.invalid(f"{_UNSUPPORTED[token.upper]} are not supported", self.advance())

    def _table(self, flags: dict[str, Any]) -> Statement:
        name, place = self.object_path("a name for the table")
        parts: dict[str, Any] = {"name": name, "place": place, **flags}
        parts["elements"] = TableElements()
        if self.looks_at("("):
            parts["elements"] = self.table_elements(allows_names=True)
        if self.accept("COMMENT"):
            parts["comment"] = self.string()
        if self.accept("DISTRIBUTED"):
            parts["distribution"] = self.distribution()
        if self.accept("PARTITIONED", "BY"):
            names = self.names_in_parentheses()
            parts["partition_keys"] = tuple(str(part.this) for part in names)
        if self.accept("WITH"):
            parts["options"] = self.options()
        if self.accept("LIKE"):
            return self._like(parts)
        if self.accept("AS"):
            query = self.query()
            return CreateTableAs(query=query, query_text=text_of(query, self.text), **parts)
        if parts["elements"].column_names:
            self.unexpected("AS and a query, since columns have no types")
        return CreateTable(**parts)

    def _like(self, parts: dict[str, Any]) -> Statement:
        source, _ = self.object_path("a table")
        merging: dict[str, MergeStrategy] = {}
        if self.accept("("):
            while not (merging and self.looks_at(")")):
                strategy = self.accept_any("INCLUDING", "EXCLUDING", "OVERWRITING")
                if strategy is None:
                    self.unexpected("INCLUDING, EXCLUDING or OVERWRITING")
                at = self.token
                feature = self.accept_any(*_FEATURES)
                if feature is None:
                    self.unexpected(", ".join(_FEATURES))
                if strategy == "OVERWRITING" and feature in _NOT_OVERWRITTEN:
                    self.invalid(f"OVERWRITING {feature} is not possible", at)
                if feature in merging:
                    self.invalid(f"{feature} is named twice", at)
                merging[feature] = MergeStrategy[strategy]
            self.expect(")")
        return CreateTableLike(source=source, merging=merging, **parts)

    def _view(self, flags: dict[str, Any]) -> Statement:
        name, place = self.object_path("a name for the view")
        columns = self.names_in_parentheses() if self.looks_at("(") else []
        comment = self.string() if self.accept("COMMENT") else None
        self.expect("AS")
        query = self.query()
        return CreateView(
            name,
            query,
            text_of(query, self.text),
            tuple(str(part.this) for part in columns),
            comment,
            place=place,
            **flags,
        )

    def _function(self, flags: dict[str, Any]) -> Statement:
        name, place = self.object_path("a name for the function")
        self.expect("AS")
        class_name = self.string("the name of the class in single quotes")
        language = "JAVA"
        if self.accept("LANGUAGE"):
            found = self.accept_any("JAVA", "SCALA", "PYTHON")
            if found is None:
                self.unexpected("JAVA, SCALA or PYTHON")
            language = found
        resources: list[str] = []
        if self.accept("USING"):
            resources = self.separated(self._resource)
        if self.accept("WITH"):
            self.options()
        return CreateFunction(
            name, class_name, language, resources=tuple(resources), place=place, **flags
        )

    def _resource(self) -> str:
        if not self.accept_any("JAR", "ARTIFACT", "FILE"):
            self.unexpected("JAR or ARTIFACT")
        return self.string("the path of a file in single quotes")

    def _catalog(self, flags: dict[str, Any]) -> Statement:
        first = self.token
        name = self.name("a name for the catalog")
        place = self.place_since(first)
        comment = self.string() if self.accept("COMMENT") else None
        options = self.options() if self.accept("WITH") else {}
        return CreateCatalog(name, options, comment, place=place, **flags)

    def _database(self, flags: dict[str, Any]) -> Statement:
        name, place = self.object_path("a name for the database")
        comment = self.string() if self.accept("COMMENT") else None
        options = self.options() if self.accept("WITH") else {}
        return CreateDatabase(name, options, comment, place=place, **flags)

    def drop(self) -> Statement:
        """Read ``DROP ...``."""
        self.expect("DROP")
        is_temporary = self.accept("TEMPORARY")
        is_system = is_temporary and self.accept("SYSTEM")
        token = self.token
        if token.upper in _UNSUPPORTED:
            self._unsupported(token)
        kind = self.accept_any("TABLE", "VIEW", "FUNCTION", "CATALOG", "DATABASE")
        if kind is None or (is_system and kind != "FUNCTION"):
            self.unexpected("TABLE, VIEW, FUNCTION, CATALOG or DATABASE")
        if_exists = self.accept("IF", "EXISTS")
        name, place = self.object_path()
        cascade = False
        if kind == "DATABASE":
            cascade = self.accept_any("RESTRICT", "CASCADE") == "CASCADE"
        return Drop(kind, name, if_exists, is_temporary, is_system, cascade, place=place)
