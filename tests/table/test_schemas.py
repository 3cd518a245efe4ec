"""Schemas, types, settings and options of tables."""

import datetime

import pytest

from flott.common.configuration import Configuration
from flott.common.errors import ConfigurationError, ProgramError, UnsupportedFeature
from flott.table import (
    DataTypes,
    EnvironmentSettings,
    FormatDescriptor,
    ResolvedSchema,
    Schema,
    SqlDialect,
    TableConfig,
    TableDescriptor,
    TableEnvironment,
    TableSchema,
)
from flott.table.table_schema import Column


def test_types_print_as_in_sql() -> None:
    row = DataTypes.ROW(
        [
            DataTypes.FIELD("a", DataTypes.ARRAY(DataTypes.INT(False))),
            DataTypes.FIELD("b", DataTypes.BYTES()),
        ]
    )
    assert str(row) == "ROW<`a` ARRAY<INT NOT NULL>, `b` BYTES>"
    assert str(DataTypes.INTERVAL(DataTypes.DAY(3), DataTypes.HOUR())) == "INTERVAL DAY(3) TO HOUR"
    assert str(DataTypes.INTERVAL(DataTypes.YEAR(4))) == "INTERVAL YEAR(4)"
    with pytest.raises(ProgramError, match="not a range"):
        DataTypes.INTERVAL(DataTypes.HOUR(), DataTypes.DAY())


def test_a_schema_is_built_part_by_part() -> None:
    schema = (
        Schema.new_builder()
        .column("id", "BIGINT NOT NULL")
        .column_by_expression("c", "id + 1")
        .column_by_metadata("m", DataTypes.STRING(), "k", True)
        .from_fields(["ts"], [DataTypes.TIMESTAMP(3)])
        .watermark("ts", "ts - INTERVAL '1' SECOND")
        .primary_key("id")
        .build()
    )
    assert str(schema).splitlines() == [
        "(",
        "  `id` BIGINT NOT NULL,",
        "  `c` AS id + 1,",
        "  `m` STRING METADATA FROM 'k' VIRTUAL,",
        "  `ts` TIMESTAMP(3),",
        "  WATERMARK FOR `ts` AS ts - INTERVAL '1' SECOND,",
        "  CONSTRAINT `PK_id` PRIMARY KEY (`id`) NOT ENFORCED",
        ")",
    ]
    assert Schema.new_builder().from_schema(schema).build() == schema


def test_a_schema_takes_rows_and_resolved_schemas() -> None:
    row = DataTypes.ROW([DataTypes.FIELD("a", DataTypes.INT())])
    resolved = ResolvedSchema([Column("a", DataTypes.INT())])
    one = Schema.new_builder().from_row_data_type(row).build()
    assert one == Schema.new_builder().from_resolved_schema(resolved).build()
    with pytest.raises(ProgramError, match="2 names but 1"):
        Schema.new_builder().from_fields(["a", "b"], ["INT"])


def test_table_schemas_find_columns_by_name_and_position() -> None:
    schema = (
        TableSchema.builder().field("a", DataTypes.INT()).field("b", DataTypes.STRING()).build()
    )
    assert schema.get_field_data_type("b") == schema.get_field_data_type(1) == DataTypes.STRING()
    assert (schema.get_field_count(), schema.get_field_name(5)) == (2, None)
    assert schema == schema.copy()
    assert repr(schema) == "root\n |-- a: INT\n |-- b: STRING"


def test_descriptors_give_formats_their_prefix() -> None:
    form = FormatDescriptor.for_format("csv").option("field-delimiter", ";").build()
    descriptor = TableDescriptor.for_connector("filesystem").format(form).comment("c").build()
    assert descriptor.get_options() == {
        "connector": "filesystem", "format": "csv", "csv.field-delimiter": ";",
    }  # fmt: skip
    with pytest.raises(ProgramError, match="no schema"):
        TableEnvironment.create().create_table("t", descriptor)


def test_settings_choose_mode_and_names() -> None:
    settings = (
        EnvironmentSettings.new_instance()
        .in_batch_mode()
        .with_built_in_catalog_name("c")
        .with_built_in_database_name("d")
        .with_configuration(Configuration.from_dict({"a": "b"}))
        .build()
    )
    environment = TableEnvironment.create(settings)
    assert not settings.is_streaming_mode()
    assert (environment.get_current_catalog(), environment.get_current_database()) == ("c", "d")
    assert environment.get_config().get("a", "") == "b"


def test_options_have_methods_of_their_own() -> None:
    config = TableConfig.get_default()
    config.set_idle_state_retention(datetime.timedelta(hours=1))
    assert config.get_idle_state_retention() == datetime.timedelta(hours=1)
    config.set_local_timezone("+02:00")
    assert config.get_local_timezone() == "+02:00"
    with pytest.raises(ConfigurationError, match="no time zone"):
        config.set_local_timezone("Mars/Base")
    with pytest.raises(UnsupportedFeature):
        config.set_sql_dialect(SqlDialect.HIVE)
