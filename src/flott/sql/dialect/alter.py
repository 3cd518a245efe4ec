"""ALTER."""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from flott.sql.dialect.create import CreateParser
from flott.sql.dialect.positions import text_of
from flott.sql.dialect.statements import (
    AlterCatalog,
    AlterDatabase,
    AlterFunction,
    AlterTableAdd,
    AlterTableDropColumns,
    AlterTableDropFeature,
    AlterTableModify,
    AlterTableOptions,
    AlterTablePartitions,
    AlterTableRename,
    AlterTableRenameColumn,
    AlterViewAs,
    AlterViewRename,
    PartitionSpec,
    Place,
    Statement,
    TableElements,
)


class AlterParser(CreateParser):
    """Reads ALTER."""

    def alter(self) -> Statement:
        """Read ``ALTER ...``."""
        self.expect("ALTER")
        is_temporary = self.accept("TEMPORARY")
        is_system = is_temporary and self.accept("SYSTEM")
        if is_temporary and not self.looks_at("FUNCTION"):
            self.unexpected("FUNCTION")
        if self.looks_at_any("MODEL", "CONNECTION", "MATERIALIZED"):
            self._unsupported(self.token)
        kind = self.accept_any("TABLE", "VIEW", "FUNCTION", "CATALOG", "DATABASE")
        if kind == "TABLE":
            return self._alter_table()
        if kind == "VIEW":
            return self._alter_view()
        if kind == "CATALOG":
            return self._alter_catalog()
        if kind == "DATABASE":
            name, place = self.object_path("a database")
            self.expect("SET")
            return AlterDatabase(name, self.options(), place=place)
        if kind is None:
            self.unexpected("TABLE, VIEW, FUNCTION, CATALOG or DATABASE")
        if_exists = self.accept("IF", "EXISTS")
        name, place = self.object_path("a function")
        self.expect("AS")
        class_name = self.string()
        language = "JAVA"
        if self.accept("LANGUAGE"):
            language = self.accept_any("JAVA", "SCALA", "PYTHON") or "JAVA"
        return AlterFunction(
            name, class_name, language, if_exists, is_temporary, is_system, place=place
        )

    def _alter_table(self) -> Statement:
        if_exists = self.accept("IF", "EXISTS")
        name, place = self.object_path("a table")
        base: dict[str, Any] = {"name": name, "if_exists": if_exists, "place": place}
        word = self.accept_any("RENAME", "ADD", "MODIFY", "DROP", "SET", "RESET")
        if word is None:
            self.unexpected("RENAME, ADD, MODIFY, DROP, SET or RESET")
        if word == "RENAME":
            return self._rename(base)
        if word == "SET":
            return AlterTableOptions(changed=self.options(), **base)
        if word == "RESET":
            return AlterTableOptions(removed=self.option_names(), is_reset=True, **base)
        if word == "DROP":
            return self._alter_drop(base, place)
        if word == "ADD" and (self.looks_at("PARTITION") or self.looks_at("IF", "NOT", "EXISTS")):
            return self._add_partitions(base)
        elements = self._alter_elements()
        if word == "ADD":
            return AlterTableAdd(elements=elements, **base)
        return AlterTableModify(elements=elements, **base)

    def _alter_elements(self) -> TableElements:
        return self.one_element()

    def _rename(self, base: dict[str, Any]) -> Statement:
        if self.accept("TO"):
            new_name, _ = self.object_path("the new name")
            return AlterTableRename(new_name=new_name, **base)
        column = ".".join(str(part.this) for part in self.path("a column"))
        self.expect("TO")
        return AlterTableRenameColumn(column=column, new_column=self.name("the new name"), **base)

    def _alter_drop(self, base: dict[str, Any], place: Place) -> Statement:
        if self.accept("PRIMARY", "KEY"):
            return AlterTableDropFeature(feature="PRIMARY KEY", **base)
        if self.accept("CONSTRAINT"):
            name = self.name("a constraint")
            return AlterTableDropFeature(feature="CONSTRAINT", constraint=name, **base)
        if word := self.accept_any("WATERMARK", "DISTRIBUTION"):
            return AlterTableDropFeature(feature=word, **base)
        if self.looks_at("PARTITION") or self.looks_at("IF", "EXISTS"):
            return self._drop_partitions(base)
        if self.looks_at("("):
            self.expect("(")
            columns = self.separated(self._column_path)
            self.expect(")")
        else:
            columns = [self._column_path()]
        return AlterTableDropColumns(columns=tuple(columns), **base)

    def _add_partitions(self, base: dict[str, Any]) -> Statement:
        ignores = self.accept("IF", "NOT", "EXISTS")
        specs = []
        self.expect("PARTITION")
        while True:
            specs.append(self.partition_spec())
            if self.accept("WITH"):
                self.options()  # of the partition; no connector here has any
            if not self.accept("PARTITION"):
                break
        return AlterTablePartitions(specs=tuple(specs), ignores=ignores, **base)

    def _drop_partitions(self, base: dict[str, Any]) -> Statement:
        ignores = self.accept("IF", "EXISTS")
        specs = []
        while True:
            self.expect("PARTITION")
            specs.append(self.partition_spec())
            if not self.accept(","):
                break
        return AlterTablePartitions(specs=tuple(specs), is_drop=True, ignores=ignores, **base)

    def partition_spec(self) -> PartitionSpec:
        """Read ``(a = 1, b = 'x')``."""
        self.expect("(")
        found = self.separated(self._partition_value)
        self.expect(")")
        return tuple(found)

    def _partition_value(self) -> tuple[str, str]:
        name = self.name("a partition column")
        self.expect("=")
        value = self.operand()
        if not isinstance(value, exp.Literal):
            self.invalid("The value of a partition must be a literal", self.last)
        return name, str(value.this)

    def _column_path(self) -> str:
        return ".".join(str(part.this) for part in self.path("a column"))

    def _alter_view(self) -> Statement:
        name, place = self.object_path("a view")
        if self.accept("RENAME", "TO"):
            new_name, _ = self.object_path("the new name")
            return AlterViewRename(name, new_name, place=place)
        self.expect("AS")
        query = self.query()
        return AlterViewAs(name, query, text_of(query, self.text), place=place)

    def _alter_catalog(self) -> Statement:
        first = self.token
        name = self.name("a catalog")
        place = self.place_since(first)
        if self.accept("SET"):
            return AlterCatalog(name, changed=self.options(), place=place)
        if self.accept("RESET"):
            return AlterCatalog(name, removed=self.option_names(), place=place)
        self.expect("COMMENT")
        return AlterCatalog(name, comment=self.string(), place=place)
