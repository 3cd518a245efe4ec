"""Names, catalogs, databases and temporary objects."""

import pytest

from flott.common.logical_types import IntType
from flott.common.sql_errors import SqlValidationError
from flott.sql.catalog.manager import CatalogManager
from flott.sql.catalog.objects import (
    ColumnDefinition,
    DatabaseObject,
    FunctionObject,
    TableObject,
    ViewObject,
)

TABLE = TableObject((ColumnDefinition("a", IntType()),))
TEMPORARY = TableObject((ColumnDefinition("b", IntType()),), is_temporary=True)
MEMORY = {"type": "generic_in_memory"}


@pytest.fixture
def catalog() -> CatalogManager:
    return CatalogManager()


def test_names_are_qualified_from_the_right(catalog: CatalogManager) -> None:
    assert catalog.qualify(["t"]) == ("default_catalog", "default_database", "t")
    assert catalog.qualify(["d", "t"]) == ("default_catalog", "d", "t")
    assert catalog.qualify(["c", "d", "t"]) == ("c", "d", "t")
    with pytest.raises(SqlValidationError, match="4 parts"):
        catalog.qualify(["a", "b", "c", "d"])


def test_what_was_created_is_found(catalog: CatalogManager) -> None:
    assert catalog.create_object(["t"], TABLE)
    assert catalog.resolve(["default_database", "t"]) == (catalog.qualify(["t"]), TABLE)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        (["ordres"], "Did you mean 'orders'?"),
        (["default_databse", "orders"], "Did you mean 'default_database'?"),
        (["default_catlog", "x", "orders"], "Did you mean 'default_catalog'?"),
        (["zzz"], "Tables and views: orders."),
    ],
)
def test_unknown_names_bring_a_hint(catalog: CatalogManager, name: list[str], hint: str) -> None:
    catalog.create_object(["orders"], TABLE)
    with pytest.raises(SqlValidationError) as caught:
        catalog.resolve(name)
    assert caught.value.hint == hint


def test_temporary_objects_hide_permanent_ones(catalog: CatalogManager) -> None:
    catalog.create_object(["t"], TABLE)
    catalog.create_object(["t"], TEMPORARY)
    assert catalog.resolve(["t"])[1] is TEMPORARY
    with pytest.raises(SqlValidationError, match="hides"):
        catalog.drop_object(["t"], "TABLE")
    catalog.drop_object(["t"], "TABLE", is_temporary=True)
    assert catalog.resolve(["t"])[1] is TABLE


def test_temporary_objects_need_no_database(catalog: CatalogManager) -> None:
    catalog.create_object(["c9", "d9", "t"], TEMPORARY)
    assert catalog.resolve(["c9", "d9", "t"])[1] is TEMPORARY
    with pytest.raises(SqlValidationError, match="Catalog 'c9' does not exist"):
        catalog.create_object(["c9", "d9", "u"], TABLE)


def test_a_name_is_taken_once(catalog: CatalogManager) -> None:
    catalog.create_object(["t"], TABLE)
    assert not catalog.create_object(["t"], TABLE, ignore_if_exists=True)
    with pytest.raises(SqlValidationError, match="exists already"):
        catalog.create_object(["t"], ViewObject("SELECT 1"))


def test_tables_and_views_are_dropped_as_what_they_are(catalog: CatalogManager) -> None:
    catalog.create_object(["v"], ViewObject("SELECT 1"))
    with pytest.raises(SqlValidationError, match="DROP VIEW drops it"):
        catalog.drop_object(["v"], "TABLE")
    assert catalog.drop_object(["v"], "VIEW")
    assert not catalog.drop_object(["v"], "VIEW", if_exists=True)
    with pytest.raises(SqlValidationError, match="does not exist"):
        catalog.drop_object(["v"], "VIEW")


def test_objects_are_renamed_within_their_database(catalog: CatalogManager) -> None:
    catalog.create_object(["t"], TABLE)
    catalog.create_object(["u"], TABLE)
    with pytest.raises(SqlValidationError, match="exists already"):
        catalog.rename_object(catalog.qualify(["t"]), ["u"])
    catalog.rename_object(catalog.qualify(["t"]), ["w"])
    assert catalog.object_names("default_catalog", "default_database") == ["u", "w"]


def test_databases_are_created_used_and_dropped(catalog: CatalogManager) -> None:
    catalog.create_database(["d"], DatabaseObject())
    catalog.create_database(["d"], DatabaseObject(), ignore_if_exists=True)
    with pytest.raises(SqlValidationError, match="exists already"):
        catalog.create_database(["d"], DatabaseObject())
    catalog.use_database(["d"])
    with pytest.raises(SqlValidationError, match="in use"):
        catalog.drop_database(["d"])
    catalog.use_database(["default_database"])
    catalog.create_object(["d", "t"], TABLE)
    with pytest.raises(SqlValidationError, match="not empty"):
        catalog.drop_database(["d"])
    catalog.drop_database(["d"], cascade=True)
    catalog.drop_database(["d"], if_exists=True)
    with pytest.raises(SqlValidationError, match="does not exist"):
        catalog.use_database(["d"])


def test_a_catalog_brings_its_default_database(catalog: CatalogManager) -> None:
    catalog.create_catalog("c", {**MEMORY, "default-database": "home"})
    catalog.use_catalog("c")
    assert (catalog.current_catalog, catalog.current_database) == ("c", "home")
    with pytest.raises(SqlValidationError, match="in use"):
        catalog.drop_catalog("c")


@pytest.mark.parametrize(
    ("options", "message"),
    [({}, "no option 'type'"), ({"type": "hive"}, "unknown type"), ({**MEMORY, "x": "1"}, "'x'")],
)
def test_options_of_catalogs_are_checked(
    catalog: CatalogManager, options: dict[str, str], message: str
) -> None:
    with pytest.raises(SqlValidationError, match=message):
        catalog.create_catalog("c", options)


def test_functions_are_found_whatever_their_case(catalog: CatalogManager) -> None:
    functions = catalog.functions
    functions.create(["Twice"], FunctionObject("Twice", "m.twice"))
    assert functions.find(["TWICE"]) is not None
    system = FunctionObject("twice", is_temporary=True, is_system=True)
    functions.create(["twice"], system)
    assert functions.find(["twice"]) is system
    assert functions.drop(["twice"], is_temporary=True, is_system=True)
    assert functions.drop(["default_database", "tWice"])
    with pytest.raises(SqlValidationError, match="does not exist"):
        functions.drop(["twice"])
