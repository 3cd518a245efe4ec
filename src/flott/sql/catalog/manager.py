"""The catalog manager: current catalog and database, temporary objects, and names to objects.

Temporary objects shadow those of a catalog that have the same path. Names are compared as
written, except those of functions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from flott.common.sql_errors import SqlValidationError
from flott.common.suggestions import did_you_mean
from flott.sql.catalog.functions import FunctionRegistry
from flott.sql.catalog.memory import (
    MemoryCatalog,
    MemoryDatabase,
    check_catalog_options,
    create_memory_catalog,
)
from flott.sql.catalog.objects import (
    CatalogObject,
    DatabaseObject,
    ObjectPath,
    TableObject,
    ViewObject,
)

#: The catalog and database of a new session.
DEFAULT_CATALOG = "default_catalog"
DEFAULT_DATABASE = "default_database"


class CatalogManager:
    """All catalogs of a session.

    Attributes:
        current_catalog: Where a name of one or two parts is looked up.
        current_database: Where a name of one part is looked up.
        catalogs: The catalogs by name.
        temporary_objects: Tables and views of the session only, by path.
        functions: The functions that the user registered.

    >>> catalog = CatalogManager()
    >>> catalog.qualify(["orders"])
    ('default_catalog', 'default_database', 'orders')
    """

    def __init__(
        self, default_catalog: str = DEFAULT_CATALOG, default_database: str = DEFAULT_DATABASE
    ) -> None:
        self.current_catalog = default_catalog
        self.current_database = default_database
        self.catalogs = {default_catalog: MemoryCatalog(default_catalog, default_database)}
        self.temporary_objects: dict[ObjectPath, CatalogObject] = {}
        self.functions = FunctionRegistry(self)

    # Names

    def qualify(self, parts: Sequence[str]) -> ObjectPath:
        """The full path of a name of one to three parts.

        Raises:
            SqlValidationError: The name has more parts.
        """
        if not 1 <= len(parts) <= 3:
            raise SqlValidationError(
                f"The name '{'.'.join(parts)}' has {len(parts)} parts",
                hint="Write [catalog.][database.]name.",
            )
        here = (self.current_catalog, self.current_database)
        catalog, database, name = (*here[: 3 - len(parts)], *parts)
        return catalog, database, name

    def get(self, path: ObjectPath) -> CatalogObject | None:
        """The table or view at ``path``, temporary ones first; ``None`` if there is none."""
        return self.temporary_objects.get(path) or self.permanent(path)

    def permanent(self, path: ObjectPath) -> CatalogObject | None:
        """The table or view that the catalog holds at ``path``."""
        database = self.find_database(path[0], path[1])
        return None if database is None else database.objects.get(path[2])

    def resolve(self, parts: Sequence[str]) -> tuple[ObjectPath, CatalogObject]:
        """The table or view that a name means, with its full path.

        Raises:
            SqlValidationError: Nothing has this name; the hint names the nearest that exists.
        """
        path = self.qualify(parts)
        found = self.get(path)
        if found is not None:
            return path, found
        name = ".".join(parts)
        raise SqlValidationError(f"Object '{name}' not found", hint=self._hint(path))

    def _hint(self, path: ObjectPath) -> str | None:
        names = self.object_names(path[0], path[1])
        if path[0] not in self.catalogs and not names:
            return did_you_mean(path[0], self.catalogs, "Catalogs")
        if not names and self.find_database(path[0], path[1]) is None:
            return did_you_mean(path[1], self.catalogs[path[0]].databases, "Databases")
        return did_you_mean(path[2], names, "Tables and views")

    def object_names(self, catalog: str, database: str) -> list[str]:
        """Names of the tables and views of a database, temporary ones too, sorted."""
        return sorted(self.objects_in(catalog, database))

    def objects_in(self, catalog: str, database: str) -> dict[str, CatalogObject]:
        """The tables and views that names mean in a database."""
        found = self.find_database(catalog, database)
        objects = {} if found is None else dict(found.objects)
        for path, each in self.temporary_objects.items():
            if path[:2] == (catalog, database):
                objects[path[2]] = each
        return objects

    def find_database(self, catalog: str, database: str) -> MemoryDatabase | None:
        """A database; ``None`` if there is none of this name."""
        found = self.catalogs.get(catalog)
        return None if found is None else found.databases.get(database)

    # Catalogs and databases

    def create_catalog(
        self,
        name: str,
        options: Mapping[str, str],
        comment: str | None = None,
        ignore_if_exists: bool = False,
    ) -> None:
        """Add a catalog.

        Raises:
            SqlValidationError: There is one of this name, or the options are wrong.
        """
        if name in self.catalogs:
            if ignore_if_exists:
                return
            raise SqlValidationError(f"Catalog '{name}' exists already")
        self.catalogs[name] = create_memory_catalog(name, options, comment)

    def drop_catalog(self, name: str, if_exists: bool = False) -> None:
        """Remove a catalog with all that it holds.

        Raises:
            SqlValidationError: There is none, or it is the current one.
        """
        if name not in self.catalogs and if_exists:
            return
        self.catalog(name)
        if name == self.current_catalog:
            raise SqlValidationError(
                f"Catalog '{name}' is in use", hint="Make another one current: USE CATALOG ..."
            )
        del self.catalogs[name]

    def alter_catalog(
        self,
        name: str,
        changed: Mapping[str, str],
        removed: Sequence[str] = (),
        comment: str | None = None,
    ) -> None:
        """Change options and comment of a catalog.

        Raises:
            SqlValidationError: There is no such catalog, or the options are wrong.
        """
        catalog = self.catalog(name)
        options = {**catalog.options, **changed}
        for key in removed:
            options.pop(key, None)
        if changed or removed:
            check_catalog_options(name, options)
            catalog.options = options
        if comment is not None:
            catalog.comment = comment

    def catalog(self, name: str) -> MemoryCatalog:
        """The catalog called ``name``.

        Raises:
            SqlValidationError: There is none.
        """
        found = self.catalogs.get(name)
        if found is None:
            hint = did_you_mean(name, self.catalogs, "Catalogs")
            raise SqlValidationError(f"Catalog '{name}' does not exist", hint=hint)
        return found

    def use_catalog(self, name: str) -> None:
        """Make a catalog current, and with it its default database."""
        self.current_database = self.catalog(name).default_database
        self.current_catalog = name

    def use_database(self, parts: Sequence[str]) -> None:
        """Make a database current, and with it its catalog."""
        catalog, database = self.qualify_database(parts)
        self.database(catalog, database)
        self.current_catalog, self.current_database = catalog, database

    def qualify_database(self, parts: Sequence[str]) -> tuple[str, str]:
        """Catalog and name of a database named by one or two parts."""
        if not 1 <= len(parts) <= 2:
            name = ".".join(parts)
            raise SqlValidationError(f"'{name}' is not a name of a database: [catalog.]database")
        return (self.current_catalog, parts[0]) if len(parts) == 1 else (parts[0], parts[1])

    def database(self, catalog: str, name: str) -> MemoryDatabase:
        """A database.

        Raises:
            SqlValidationError: The catalog or the database does not exist.
        """
        found = self.catalog(catalog).databases.get(name)
        if found is None:
            hint = did_you_mean(name, self.catalogs[catalog].databases, "Databases")
            message = f"Database '{name}' does not exist in catalog '{catalog}'"
            raise SqlValidationError(message, hint=hint)
        return found

    def create_database(
        self, parts: Sequence[str], definition: DatabaseObject, ignore_if_exists: bool = False
    ) -> None:
        """Add a database.

        Raises:
            SqlValidationError: There is one of this name, or no such catalog.
        """
        catalog, name = self.qualify_database(parts)
        databases = self.catalog(catalog).databases
        if name not in databases:
            databases[name] = MemoryDatabase(definition)
        elif not ignore_if_exists:
            raise SqlValidationError(f"Database '{name}' exists already in catalog '{catalog}'")

    def alter_database(self, parts: Sequence[str], changed: Mapping[str, str]) -> None:
        """Change the properties of a database."""
        database = self.database(*self.qualify_database(parts))
        properties = {**database.definition.properties, **changed}
        database.definition = replace(database.definition, properties=properties)

    def drop_database(
        self, parts: Sequence[str], if_exists: bool = False, cascade: bool = False
    ) -> None:
        """Remove a database.

        Raises:
            SqlValidationError: There is none, it is in use, or it is not empty and ``cascade`` is
                not asked for.
        """
        catalog, name = self.qualify_database(parts)
        if if_exists and name not in self.catalog(catalog).databases:
            return
        found = self.database(catalog, name)
        if (catalog, name) == (self.current_catalog, self.current_database):
            raise SqlValidationError(
                f"Database '{name}' is in use", hint="Make another one current: USE ..."
            )
        if not cascade and not found.is_empty:
            raise SqlValidationError(
                f"Database '{name}' is not empty", hint="DROP DATABASE ... CASCADE drops it whole."
            )
        del self.catalogs[catalog].databases[name]

    # Tables and views

    def create_object(
        self,
        parts: Sequence[str],
        found: CatalogObject,
        ignore_if_exists: bool = False,
        replaces: bool = False,
    ) -> bool:
        """Add a table or view, temporary if it says so.

        Returns:
            Whether it was added: ``False`` if one was there and that is to be ignored.

        Raises:
            SqlValidationError: There is one of this name, or no such database.
        """
        path = self.qualify(parts)
        objects = self._home(path, found.is_temporary)
        if self._held(path, found.is_temporary) is not None and not replaces:
            if ignore_if_exists:
                return False
            kind = "Temporary table or view" if found.is_temporary else "Table or view"
            raise SqlValidationError(f"{kind} '{'.'.join(path)}' exists already")
        key = path if found.is_temporary else path[2]
        objects[key] = found  # type: ignore[index]
        return True

    def _home(
        self, path: ObjectPath, is_temporary: bool
    ) -> dict[ObjectPath, CatalogObject] | dict[str, CatalogObject]:
        if is_temporary:
            return self.temporary_objects
        return self.database(path[0], path[1]).objects

    def _held(self, path: ObjectPath, is_temporary: bool) -> CatalogObject | None:
        return self.temporary_objects.get(path) if is_temporary else self.permanent(path)

    def replace_object(self, path: ObjectPath, found: CatalogObject) -> None:
        """Put ``found`` in the place of the object that ``path`` means."""
        if path in self.temporary_objects:
            self.temporary_objects[path] = found
        else:
            self.database(path[0], path[1]).objects[path[2]] = found

    def rename_object(self, path: ObjectPath, new_parts: Sequence[str]) -> None:
        """Give the object at ``path`` another name in its database.

        Raises:
            SqlValidationError: Something has that name already.
        """
        new_path = (path[0], path[1], new_parts[-1])
        is_temporary = path in self.temporary_objects
        if self._held(new_path, is_temporary) is not None:
            raise SqlValidationError(f"Table or view '{'.'.join(new_path)}' exists already")
        if is_temporary:
            self.temporary_objects[new_path] = self.temporary_objects.pop(path)
        else:
            objects = self.database(path[0], path[1]).objects
            objects[new_path[2]] = objects.pop(path[2])

    def drop_object(
        self, parts: Sequence[str], kind: str, if_exists: bool = False, is_temporary: bool = False
    ) -> bool:
        """Remove a table (``kind`` TABLE) or view (VIEW).

        Returns:
            Whether there was one.

        Raises:
            SqlValidationError: There is none, it is of the other kind, or a temporary one hides
                the one that is meant.
        """
        path = self.qualify(parts)
        wanted = ViewObject if kind == "VIEW" else TableObject
        title = kind.capitalize()
        found = self._held(path, is_temporary)
        if not isinstance(found, wanted):
            if if_exists:
                return False
            title = f"Temporary {kind.lower()}" if is_temporary else title
            hint = self._drop_hint(path, kind, found)
            raise SqlValidationError(f"{title} '{'.'.join(path)}' does not exist", hint=hint)
        if not is_temporary and path in self.temporary_objects:
            raise SqlValidationError(
                f"A temporary object hides the {kind.lower()} '{'.'.join(path)}'",
                hint=f"Drop the temporary one first: DROP TEMPORARY {kind} ...",
            )
        if is_temporary:
            del self.temporary_objects[path]
        else:
            del self.database(path[0], path[1]).objects[path[2]]
        return True

    def _drop_hint(self, path: ObjectPath, kind: str, found: CatalogObject | None) -> str | None:
        other = "TABLE" if kind == "VIEW" else "VIEW"
        if found is not None:
            return f"It is a {other.lower()}: DROP {other} drops it."
        if path in self.temporary_objects:
            return f"There is a temporary one: DROP TEMPORARY {kind} drops it."
        return self._hint(path)
