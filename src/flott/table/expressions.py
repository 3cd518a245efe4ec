"""Expressions in Python are for later; PyFlink's names say so."""

from flott.table.refusals import refuse_names

__getattr__ = refuse_names(
    __name__,
    """
    CURRENT_RANGE CURRENT_ROW UNBOUNDED_RANGE UNBOUNDED_ROW and_ array atan2 call call_sql col
    concat concat_ws convert_tz current_database current_date current_time current_timestamp
    current_watermark date_format descriptor e from_unixtime if_then_else json json_array
    json_array_agg json_object json_object_agg json_string lit local_time local_timestamp log
    map_ negative not_ null_of or_ pi rand rand_integer range_ row row_interval
    source_watermark temporal_overlaps timestamp_diff to_date to_timestamp to_timestamp_ltz
    unix_timestamp uuid with_columns without_columns
    """,
    "Write the query in SQL, with TableEnvironment.sql_query.",
)
