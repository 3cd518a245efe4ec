"""A catalog that lives as long as the program: databases of tables, views and functions."""

from __future__ import annotations

from collections.abc import Mapping

from flott.sql.catalog.objects import CatalogObject, DatabaseObject, FunctionObject


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


class MemoryCatalog:
    """Databases by name.

    Attributes:
        name: The catalog's name.
        default_database: The database that ``USE CATALOG`` makes current.
        properties: What stands in WITH of CREATE CATALOG.
        comment: What the user says about it.
    """

    def __init__(
        self,
        name: str,
        default_database: str = "default",
        properties: Mapping[str, str] | None = None,
        comment: str | None = None,
    ) -> None:
        self.name = name
        self.default_database = default_database
        self.properties = dict(properties or {})
        self.comment = comment
        self.databases = {default_database: MemoryDatabase(DatabaseObject())}
