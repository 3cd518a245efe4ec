"""The catalog manager: current catalog and database, temporary objects, and names to objects.

Temporary objects shadow those of a catalog that have the same path. Names are compared as
written, except those of functions.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from flott.common.sql_errors import SqlValidationError
from flott.common.suggestions import did_you_mean
from flott.sql.catalog.memory import MemoryCatalog, MemoryDatabase
from flott.sql.catalog.objects import CatalogObject, ObjectPath

#: The catalog and database of a new session.
DEFAULT_CATALOG = "default_catalog"
DEFAULT_DATABASE = "default_database"


class CatalogManager:
    """All catalogs of a session.

    Attributes:
        current_catalog: Where a name of one or two parts is looked up.
        current_database: Where a name of one part is looked up.

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
        found = [self.current_catalog, self.current_database, *parts][-3:]
        if len(parts) == 1:
            found = [self.current_catalog, self.current_database, parts[0]]
        elif len(parts) == 2:
            found = [self.current_catalog, *parts]
        return found[0], found[1], found[2]

    def get(self, path: ObjectPath) -> CatalogObject | None:
        """The table or view at ``path``, temporary ones first; ``None`` if there is none."""
        temporary = self.temporary_objects.get(path)
        if temporary is not None:
            return temporary
        database = self._find_database(path)
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
        if path[0] not in self.catalogs and not self._temporary_names(path):
            return did_you_mean(path[0], self.catalogs, "Catalogs")
        names = self.object_names(path)
        if not names and self._find_database(path) is None:
            return did_you_mean(path[1], self.catalogs[path[0]].databases, "Databases")
        return did_you_mean(path[2], names, "Tables and views")

    def object_names(self, path: ObjectPath) -> list[str]:
        """Names of the tables and views in the database of ``path``, sorted."""
        database = self._find_database(path)
        names = set(self._temporary_names(path))
        if database is not None:
            names.update(database.objects)
        return sorted(names)

    def _temporary_names(self, path: ObjectPath) -> Iterable[str]:
        return [each[2] for each in self.temporary_objects if each[:2] == path[:2]]

    def _find_database(self, path: ObjectPath) -> MemoryDatabase | None:
        catalog = self.catalogs.get(path[0])
        return None if catalog is None else catalog.databases.get(path[1])
