"""Functions that users register: of a database, temporary ones, and those of the session."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from flott.common.sql_errors import SqlValidationError
from flott.common.suggestions import did_you_mean
from flott.sql.catalog.objects import FunctionObject, ObjectPath

if TYPE_CHECKING:
    from flott.sql.catalog.manager import CatalogManager


class FunctionRegistry:
    """Finds functions by name, upper and lower case alike.

    A name of one part means a temporary system function first, then a temporary one of the
    current database, then one of the current database.
    """

    def __init__(self, catalog: CatalogManager) -> None:
        self._catalog = catalog
        self._system: dict[str, FunctionObject] = {}
        self._temporary: dict[ObjectPath, FunctionObject] = {}

    def find(self, parts: Sequence[str]) -> FunctionObject | None:
        """The function that a name means; ``None`` if no user registered one."""
        if len(parts) == 1 and parts[0].lower() in self._system:
            return self._system[parts[0].lower()]
        path = self._path(parts)
        if path in self._temporary:
            return self._temporary[path]
        database = self._catalog.find_database(path[0], path[1])
        return None if database is None else database.functions.get(path[2])

    def create(
        self, parts: Sequence[str], function: FunctionObject, ignore_if_exists: bool = False
    ) -> None:
        """Register a function.

        Raises:
            SqlValidationError: There is one of this name, or no such database.
        """
        home, key = self._home(parts, function.is_temporary, function.is_system)
        if key in home:
            if ignore_if_exists:
                return
            raise SqlValidationError(f"Function '{'.'.join(parts)}' exists already")
        home[key] = function

    def alter(
        self, parts: Sequence[str], function: FunctionObject, if_exists: bool = False
    ) -> None:
        """Replace a function.

        Raises:
            SqlValidationError: There is none.
        """
        home, key = self._home(parts, function.is_temporary, function.is_system)
        if key in home:
            home[key] = function
        elif not if_exists:
            raise self._unknown(parts)

    def drop(
        self,
        parts: Sequence[str],
        if_exists: bool = False,
        is_temporary: bool = False,
        is_system: bool = False,
    ) -> bool:
        """Remove a function; tells whether there was one.

        Raises:
            SqlValidationError: There is none.
        """
        home, key = self._home(parts, is_temporary, is_system)
        if key in home:
            del home[key]
            return True
        if if_exists:
            return False
        raise self._unknown(parts)

    def names(self, catalog: str, database: str) -> list[str]:
        """Names of the functions that a query in a database can call by their bare name."""
        found = self._catalog.find_database(catalog, database)
        names = {each.name for each in self._system.values()}
        if found is not None:
            names |= {each.name for each in found.functions.values()}
        for path, each in self._temporary.items():
            if path[:2] == (catalog, database):
                names.add(each.name)
        return sorted(names)

    def _home(
        self, parts: Sequence[str], is_temporary: bool, is_system: bool
    ) -> tuple[dict[object, FunctionObject], object]:
        if is_system:
            return self._system, parts[-1].lower()  # type: ignore[return-value]
        path = self._path(parts)
        if is_temporary:
            return self._temporary, path  # type: ignore[return-value]
        home = self._catalog.database(path[0], path[1]).functions
        return home, path[2]  # type: ignore[return-value]

    def _path(self, parts: Sequence[str]) -> ObjectPath:
        catalog, database, name = self._catalog.qualify(parts)
        return catalog, database, name.lower()

    def _unknown(self, parts: Sequence[str]) -> SqlValidationError:
        names = self.names(self._catalog.current_catalog, self._catalog.current_database)
        hint = did_you_mean(parts[-1], names, "Functions")
        return SqlValidationError(f"Function '{'.'.join(parts)}' does not exist", hint=hint)
