"""Catalogs as Python objects are for later; statements of SQL work on those in memory."""

from flott.table.refusals import refuse_names
from flott.table.table_schema import Column, ResolvedSchema

__all__ = ["Column", "ResolvedSchema"]

__getattr__ = refuse_names(
    __name__,
    """
    Catalog CatalogBaseTable CatalogColumnStatistics CatalogDatabase CatalogDescriptor
    CatalogFunction CatalogPartition CatalogPartitionSpec CatalogTableStatistics
    ComputedColumn Constraint HiveCatalog MetadataColumn ObjectIdentifier ObjectPath
    PhysicalColumn Procedure UniqueConstraint WatermarkSpec
    """,
    "Use statements of SQL: CREATE, ALTER, DROP, USE, SHOW and DESCRIBE.",
)
