"""SET and RESET: options are checked where they are set."""

import pytest

from flott.common.sql_errors import SqlValidationError
from flott.table import EnvironmentSettings, TableEnvironment


@pytest.fixture
def tables() -> TableEnvironment:
    return TableEnvironment.create(EnvironmentSettings.in_streaming_mode())


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("SET 'paralelism.default' = '2'", "Did you mean 'parallelism.default'?"),
        ("SET 'parallelism.default' = 'two'", "Expected a whole number, found 'two'"),
        ("SET 'execution.runtime-mode' = 'BATSH'", "Expected one of"),
        ("SET 'table.exec.state.ttl' = '5 parsecs'", "parsecs"),
    ],
)
def test_a_wrong_option_is_refused_by_set(
    tables: TableEnvironment, statement: str, said: str
) -> None:
    with pytest.raises(SqlValidationError) as caught:
        tables.execute_sql(statement)
    assert said in str(caught.value)
    assert tables.execute_sql("SELECT 1 AS a").to_polars()["a"].to_list() == [1]


@pytest.mark.parametrize(
    "statement",
    [
        "SET 'sql-client.execution.result-mode' = 'tableau'",
        "SET 'sql-client.verbose' = 'true'",
        "SET 'sql-client.display.max-column-width' = '40'",
        "SET 'taskmanager.numberOfTaskSlots' = '4'",
        "SET 'execution.batch.adaptive.auto-parallelism.enabled' = 'false'",
        "SET 'table.exec.uid.format' = '<id>_<transformation>'",
        "SET 'table.exec.delta-join.cache-enabled' = 'false'",
    ],
)
def test_options_of_flink_s_own_shell_and_cluster_are_taken(
    tables: TableEnvironment, statement: str
) -> None:
    tables.execute_sql(statement)
    assert tables.execute_sql("SELECT 1 AS a").to_polars()["a"].to_list() == [1]
