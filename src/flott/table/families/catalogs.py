"""Methods of ``TableEnvironment`` that list, choose and drop what the catalog holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flott.common.errors import ProgramError
from flott.sql.catalog.objects import FunctionObject, TableObject, ViewObject
from flott.sql.dialect.parser import Parser
from flott.sql.dialect.tokens import TokenKind, tokenize
from flott.sql.functions.core_module import CORE_FUNCTIONS
from flott.table.execution.context import ExecutionContext


class Catalogs:
    """Names of the catalog."""

    _context: ExecutionContext

    def create_catalog(self, catalog_name: str, catalog_descriptor: Any) -> None:
        """Create a catalog.

        Args:
            catalog_name: its name.
            catalog_descriptor: its options, as a mapping or an object with ``get_options``.
        """
        options = catalog_descriptor
        if not isinstance(options, Mapping):
            options = catalog_descriptor.get_options()
        self._context.catalog.create_catalog(catalog_name, dict(options))

    def use_catalog(self, catalog_name: str) -> None:
        """Make a catalog current."""
        self._context.catalog.use_catalog(catalog_name)

    def use_database(self, database_name: str) -> None:
        """Make a database of the current catalog current."""
        self._context.catalog.use_database([database_name])

    def get_current_catalog(self) -> str:
        """The name of the current catalog."""
        return self._context.catalog.current_catalog

    def get_current_database(self) -> str:
        """The name of the current database."""
        return self._context.catalog.current_database

    def list_catalogs(self) -> list[str]:
        """Names of all catalogs."""
        return sorted(self._context.catalog.catalogs)

    def list_databases(self) -> list[str]:
        """Names of the databases of the current catalog."""
        catalog = self._context.catalog
        return sorted(catalog.catalog(catalog.current_catalog).databases)

    def list_tables(self) -> list[str]:
        """Names of the tables and views of the current database, temporary ones too."""
        return sorted(self._objects())

    def list_views(self) -> list[str]:
        """Names of the views of the current database, temporary ones too."""
        objects = self._objects().items()
        return sorted(name for name, each in objects if isinstance(each, ViewObject))

    def list_temporary_tables(self) -> list[str]:
        """Names of the temporary tables and views of the current database."""
        objects = self._objects().items()
        return sorted(name for name, each in objects if each.is_temporary)

    def list_temporary_views(self) -> list[str]:
        """Names of the temporary views of the current database."""
        return [
            name
            for name in self.list_temporary_tables()
            if isinstance(self._objects()[name], ViewObject)
        ]

    def list_materialized_tables(self) -> list[str]:
        """Nothing: there are no materialized tables."""
        return []

    def list_models(self) -> list[str]:
        """Nothing: there are no models."""
        return []

    def list_temporary_models(self) -> list[str]:
        """Nothing: there are no models."""
        return []

    def list_modules(self) -> list[str]:
        """Names of the modules in use."""
        return list(self._context.used_modules)

    def list_user_defined_functions(self) -> list[str]:
        """Names of the functions that were registered."""
        catalog = self._context.catalog
        return catalog.functions.names(catalog.current_catalog, catalog.current_database)

    def list_functions(self) -> list[str]:
        """Names of all functions, as ``SHOW FUNCTIONS`` shows them."""
        return sorted({*CORE_FUNCTIONS, *self.list_user_defined_functions()})

    def use_modules(self, *module_names: str) -> None:
        """Choose the modules in use."""
        for name in module_names:
            if name not in self._context.loaded_modules:
                raise ProgramError(f"Module '{name}' is not loaded")
        self._context.used_modules = list(module_names)

    def drop_table(self, table_path: str, ignore_if_not_exists: bool | None = True) -> bool:
        """Drop a table; tells whether there was one."""
        parts = self._parts(table_path)
        return self._context.catalog.drop_object(parts, "TABLE", bool(ignore_if_not_exists))

    def drop_view(self, view_path: str, ignore_if_not_exists: bool | None = True) -> bool:
        """Drop a view; tells whether there was one."""
        parts = self._parts(view_path)
        return self._context.catalog.drop_object(parts, "VIEW", bool(ignore_if_not_exists))

    def drop_temporary_table(self, table_path: str) -> bool:
        """Drop a temporary table; tells whether there was one."""
        return self._drop_temporary(table_path, TableObject, "TABLE")

    def drop_temporary_view(self, view_path: str) -> bool:
        """Drop a temporary view, or a frame under that name; tells whether there was one."""
        return self._drop_temporary(view_path, ViewObject, "VIEW")

    def _drop_temporary(self, path: str, wanted: type, kind: str) -> bool:
        catalog, parts = self._context.catalog, self._parts(path)
        found = catalog.temporary_objects.get(catalog.qualify(parts))
        if isinstance(found, TableObject) and found.source is not None:
            kind = "TABLE"  # a frame is a table of its own kind
        return catalog.drop_object(parts, kind, if_exists=True, is_temporary=True)

    def drop_function(self, path: str) -> bool:
        """Drop a function of the catalog; tells whether there was one."""
        return self._context.catalog.functions.drop(self._parts(path), if_exists=True)

    def drop_temporary_function(self, path: str) -> bool:
        """Drop a temporary function; tells whether there was one."""
        parts = self._parts(path)
        return self._context.catalog.functions.drop(parts, if_exists=True, is_temporary=True)

    def drop_temporary_system_function(self, name: str) -> bool:
        """Drop a function of the session; tells whether there was one."""
        functions_ = self._context.catalog.functions
        return functions_.drop([name], if_exists=True, is_temporary=True, is_system=True)

    def create_temporary_function(self, path: str, function: Any) -> None:
        """Register a Python function in the current database, for this session."""
        parts = self._parts(path)
        found = FunctionObject(parts[-1], python_object=function, is_temporary=True)
        self._context.catalog.functions.create(parts, found)

    def create_temporary_system_function(self, name: str, function: Any) -> None:
        """Register a Python function for this session."""
        found = FunctionObject(name, python_object=function, is_temporary=True, is_system=True)
        self._context.catalog.functions.create([name], found)

    def _objects(self) -> dict[str, TableObject | ViewObject]:
        catalog = self._context.catalog
        return catalog.objects_in(catalog.current_catalog, catalog.current_database)

    @staticmethod
    def _parts(path: str) -> list[str]:
        """The parts of a name such as ``db.`my table```."""
        if "$" in path and "." not in path and "`" not in path:
            return [path]  # a name that this package made
        parser = Parser(tokenize(path), path)
        parts = [str(each.this) for each in parser.path("a name")]
        if parser.token.kind is not TokenKind.END:
            parser.unexpected("a name such as catalog.database.table")
        return parts
