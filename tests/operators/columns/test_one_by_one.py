"""One row at a time: every change is sent, not the net change of a batch."""

from flott.common.logical_types import BigIntType, IntType
from flott.operators.columns.description import AggregateColumn
from flott.operators.columns.group_aggregate import GroupAggregateSpec
from flott.operators.columns.one_by_one import OneByOneSpec
from flott.table import EnvironmentSettings, TableEnvironment

COUNT = GroupAggregateSpec(
    keys=(0,),
    calls=(AggregateColumn("COUNT", (), (), BigIntType()),),
    input_types=(IntType(),),
    emits_update_before=True,
    input_retracts=False,
)


def test_it_is_the_operator_it_holds() -> None:
    spec = OneByOneSpec(COUNT)
    assert (spec.kind, spec.meaning) == (COUNT.kind, COUNT.meaning)


def _kinds(mini_batch: str) -> list[str]:
    environment = TableEnvironment.create(EnvironmentSettings.in_streaming_mode())
    environment.get_config().set("table.exec.mini-batch.enabled", mini_batch)
    environment.execute_sql(
        "CREATE TEMPORARY VIEW v AS "
        "SELECT x, COUNT(*) AS n FROM (VALUES (1), (1), (1)) AS t (x) GROUP BY x"
    )
    result = environment.execute_sql("SELECT op, n FROM TO_CHANGELOG(input => TABLE v)")
    with result.collect() as rows:
        return [row[0] for row in rows]


def test_a_changelog_has_every_change() -> None:
    update = ["UPDATE_BEFORE", "UPDATE_AFTER"]
    assert _kinds("false") == ["INSERT", *update, *update]


def test_mini_batches_have_net_changes() -> None:
    assert _kinds("true") == ["INSERT"]
