"""A catalog that lives as long as the program: databases of tables, views and functions."""

from __future__ import annotations

from collections.abc import Mapping

from flott.common.sql_errors import SqlValidationError
from flott.common.suggestions import did_you_mean
from flott.sql.catalog.objects import CatalogObject, DatabaseObject, FunctionObject

#: The type of catalogs that this module makes.
MEMORY_TYPE = "generic_in_memory"
_OPTIONS = ("type", "default-database")


class MemoryDatabase:
    """The objects of one database, by name.

    Attributes:
        definition: Comment and properties.
        objects: Tables and views.
        functions: Functions by lower-case name.
    """

    __slots__ = ("definition", "functions", "objects")

    def __init__(self, definition: DatabaseObject) -> None:
        self.definition = definition
        self.objects: dict[str, CatalogObject] = {}
        self.functions: dict[str, FunctionObject] = {}

    @property
    def is_empty(self) -> bool:
        """Whether nothing is in it."""
        return not self.objects and not self.functions


class MemoryCatalog:
    """Databases by name.

    Attributes:
        name: The catalog's name.
        default_database: The database that ``USE CATALOG`` makes current.
        options: What stands in WITH of CREATE CATALOG.
        comment: What the user says about it.
    """

    def __init__(
        self,
        name: str,
        default_database: str = "default",
        options: Mapping[str, str] | None = None,
        comment: str | None = None,
    ) -> None:
        self.name = name
        self.default_database = default_database
        self.options = dict(options or {})
        self.comment = comment
        self.databases = {default_database: MemoryDatabase(DatabaseObject())}


def create_memory_catalog(
    name: str, options: Mapping[str, str], comment: str | None = None
) -> MemoryCatalog:
    """The catalog that CREATE CATALOG asks for.

    Raises:
        SqlValidationError: The type is missing or unknown, or an option is.
    """
    check_catalog_options(name, options)
    default = options.get("default-database", "default")
    return MemoryCatalog(name, default, options, comment)


def check_catalog_options(name: str, options: Mapping[str, str]) -> None:
    """Refuse options that no catalog has.

    Raises:
        SqlValidationError: The type is missing or unknown, or an option is.
    """
    kind = options.get("type")
    if kind != MEMORY_TYPE:
        found = "has no option 'type'" if kind is None else f"has the unknown type '{kind}'"
        raise SqlValidationError(f"Catalog '{name}' {found}", hint=f"Known types: {MEMORY_TYPE}.")
    for key in options:
        if key not in _OPTIONS:
            hint = did_you_mean(key, _OPTIONS, "Options of the catalog")
            raise SqlValidationError(f"Catalog '{name}' has the unknown option '{key}'", hint=hint)
