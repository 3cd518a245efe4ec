"""Which operator a part of a query becomes, and how its state grows."""

import pytest

from flott.common.sql_errors import SqlValidationError
from flott.sql.physical.traits import GrowthClass
from tests.sql.physical.planning import find, names, planned

WINDOWED = "TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '1' MINUTE)"
BY_WINDOW = (
    f"SELECT cur, window_start, window_end, COUNT(*) AS n FROM {WINDOWED} "
    "GROUP BY cur, window_start, window_end"
)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (BY_WINDOW, "WindowAggregate"),
        (f"SELECT COUNT(*) FROM {WINDOWED} GROUP BY window_start", "GroupAggregate"),
        (f"SELECT oid, window_start FROM {WINDOWED}", "WindowTableFunction"),
        ("SELECT COUNT(*) FROM orders GROUP BY TUMBLE(ts, INTERVAL '1' MINUTE)",
         "WindowAggregate"),
        (f"SELECT * FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end "
         f"ORDER BY n DESC) AS rn FROM ({BY_WINDOW})) WHERE rn <= 2", "WindowRank"),
        (f"SELECT l.n FROM ({BY_WINDOW}) l JOIN ({BY_WINDOW}) r ON l.cur = r.cur AND "
         "l.window_start = r.window_start AND l.window_end = r.window_end", "WindowJoin"),
        ("SELECT a.oid FROM orders a JOIN orders b ON a.oid = b.oid AND "
         "b.ts BETWEEN a.ts AND a.ts + INTERVAL '5' MINUTE", "IntervalJoin"),
        ("SELECT a.oid FROM orders a JOIN orders b ON a.oid = b.oid AND b.ts >= a.ts", "Join"),
        ("SELECT o.oid, r.rate FROM orders o JOIN rates FOR SYSTEM_TIME AS OF o.ts AS r "
         "ON o.cur = r.cur", "TemporalJoin"),
        ("SELECT id, tag FROM nested CROSS JOIN UNNEST(tags) AS t (tag)", "Correlate"),
        ("SELECT oid FROM orders ORDER BY ts", "TemporalSort"),
        ("SELECT id FROM emp LIMIT 3", "Limit"),
        ("SELECT id FROM cdc LIMIT 3", "SortLimit"),
        ("SELECT id, COUNT(*) FROM emp GROUP BY CUBE (id)", "Expand"),
    ],
)  # fmt: skip
def test_operator_of_a_query(text: str, name: str) -> None:
    assert name in names(planned(text))


def test_interval_bounds_are_read_from_comparisons() -> None:
    plan = planned(
        "SELECT a.oid FROM orders a JOIN orders b ON a.oid = b.oid "
        "AND a.ts > b.ts - INTERVAL '1' SECOND AND b.ts + INTERVAL '2' SECOND >= a.ts"
    )
    assert "lower=-2000 ms, upper=999 ms" in find(plan, "IntervalJoin").detail


def test_window_aggregate_reads_rows_before_they_have_windows() -> None:
    assert "WindowTableFunction" not in names(planned(BY_WINDOW))


def test_window_columns_that_are_computed_with_need_rows_that_have_them() -> None:
    text = (
        f"SELECT COUNT(*), MAX(s) FROM (SELECT window_start, window_end, "
        f"CAST(window_start AS STRING) AS s FROM {WINDOWED}) GROUP BY window_start, window_end"
    )
    assert "WindowTableFunction" in names(planned(text))


@pytest.mark.parametrize(
    ("text", "name", "kind"),
    [
        ("SELECT id, COUNT(*) FROM emp GROUP BY id", "GroupAggregate", GrowthClass.KEYS),
        ("SELECT COUNT(*) FROM emp", "GroupAggregate", GrowthClass.CONSTANT),
        ("SELECT COUNT(DISTINCT id) FROM emp", "GroupAggregate", GrowthClass.KEYS),
        (BY_WINDOW, "WindowAggregate", GrowthClass.WINDOW),
        ("SELECT a.id FROM ticks a JOIN ticks b ON a.id = b.v", "Join", GrowthClass.UNBOUNDED),
        ("SELECT a.id FROM emp a JOIN dept b ON a.id = b.id", "Join", GrowthClass.KEYS),
        ("SELECT a.id FROM cdc a JOIN cdc b ON a.id = b.id", "Join", GrowthClass.KEYS),
        ("SELECT SUM(v) OVER (PARTITION BY id ORDER BY v) FROM ticks", "OverAggregate",
         GrowthClass.UNBOUNDED),
        ("SELECT SUM(amount) OVER (PARTITION BY cur ORDER BY ts) FROM orders", "OverAggregate",
         GrowthClass.KEYS),
        ("SELECT SUM(amount) OVER (PARTITION BY cur ORDER BY ts RANGE BETWEEN INTERVAL '1' HOUR "
         "PRECEDING AND CURRENT ROW) FROM orders", "OverAggregate", GrowthClass.WINDOW),
        ("SELECT id FROM emp ORDER BY salary LIMIT 3", "SortLimit", GrowthClass.CONSTANT),
    ],
)  # fmt: skip
def test_growth_of_state(text: str, name: str, kind: GrowthClass) -> None:
    assert find(planned(text), name).traits.growth.kind is kind


def test_time_to_live_bounds_a_join() -> None:
    text = "SELECT a.id FROM ticks a JOIN ticks b ON a.id = b.v"
    plan = planned(text, {"table.exec.state.ttl": "1 h"})
    assert find(plan, "Join").traits.growth.kind is GrowthClass.WINDOW


def test_strict_refuses_state_without_bound_and_names_the_way_out() -> None:
    with pytest.raises(SqlValidationError) as caught:
        planned("SELECT a.id FROM ticks a JOIN ticks b ON a.id = b.v", {"flott.strict": "true"})
    assert "all rows of both inputs" in str(caught.value)
    assert "table.exec.state.ttl" in str(caught.value)


def test_strict_takes_a_join_of_what_ends() -> None:
    planned("SELECT a.id FROM emp a JOIN dept b ON a.id = b.id", {"flott.strict": "true"})


def test_result_of_a_join_of_everything_has_no_event_time() -> None:
    joined = "SELECT o.oid, o.cur, o.ts, d.city FROM orders o JOIN dept d ON o.cur = d.name"
    text = (
        "SELECT * FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY cur ORDER BY ts) AS rn "
        f"FROM ({joined})) WHERE rn = 1"
    )
    assert "Deduplicate" not in names(planned(text))
    assert "Rank" in names(planned(text))


def test_temporal_join_reads_every_version_of_a_deduplicated_table() -> None:
    latest = (
        "SELECT cur, amount, ts FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY cur "
        "ORDER BY ts DESC) AS rn FROM orders) WHERE rn = 1"
    )
    plan = planned(
        f"WITH v AS ({latest}) SELECT o.oid FROM orders o JOIN v FOR SYSTEM_TIME AS OF o.ts "
        "ON o.cur = v.cur"
    )
    assert "Deduplicate" not in names(plan)


def test_batch_mode_sorts_and_has_no_watermarks() -> None:
    found = names(planned("SELECT oid FROM orders ORDER BY ts", is_streaming=False))
    assert "Sort" in found
    assert "WatermarkAssigner" not in found


_TIMES = "INSERT INTO times SELECT a.ts, b.ts FROM orders a JOIN orders b ON a.oid = b.oid"


def test_several_columns_of_event_time_are_refused_by_a_sink() -> None:
    with pytest.raises(SqlValidationError, match="several columns of event time"):
        planned(f"{_TIMES} AND b.ts BETWEEN a.ts AND a.ts + INTERVAL '5' MINUTE")


def test_after_a_join_of_all_rows_no_column_is_event_time() -> None:
    assert "Join" in names(planned(_TIMES))


_EACH_WINDOW = "SELECT COUNT(*) FROM TABLE({}) GROUP BY window_start, window_end"
_UNEVEN = "HOP(TABLE orders, DESCRIPTOR(ts), INTERVAL '2' MINUTE, INTERVAL '3' MINUTE)"


def test_streams_are_cut_into_whole_slides() -> None:
    with pytest.raises(SqlValidationError, match="integral multiple of slide"):
        planned(_EACH_WINDOW.format(_UNEVEN))
    planned(_EACH_WINDOW.format(_UNEVEN), is_streaming=False)
    planned(f"SELECT oid, window_start FROM TABLE({_UNEVEN})")


def test_rows_of_a_regular_join_have_no_time_to_be_windowed_by() -> None:
    joined = "(SELECT o.ts FROM orders o JOIN dept d ON o.cur = d.name)"
    tumble = f"TUMBLE({joined}, DESCRIPTOR(ts), INTERVAL '2' MINUTE)"
    with pytest.raises(SqlValidationError, match="after a regular join 'ts' is none"):
        planned(_EACH_WINDOW.format(tumble))
    with pytest.raises(SqlValidationError, match="after a regular join"):
        planned(f"SELECT * FROM TABLE({tumble})")


_RANKED = "SELECT * FROM (SELECT id, ROW_NUMBER() OVER (ORDER BY id) AS rn FROM emp) WHERE rn < 1"


def test_a_range_of_ranks_below_one_is_refused_for_streams() -> None:
    with pytest.raises(SqlValidationError, match="not below 1, but is 0"):
        planned(_RANKED)
    assert "Values" in names(planned(_RANKED, is_streaming=False))


def test_top_n_of_windows_takes_row_numbers_only() -> None:
    ranked = (
        "SELECT *, RANK() OVER (PARTITION BY window_start, window_end ORDER BY oid) AS r FROM "
        "TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '1' MINUTE))"
    )
    with pytest.raises(SqlValidationError, match="Use ROW_NUMBER"):
        planned(f"SELECT oid FROM ({ranked}) WHERE r <= 2")


@pytest.mark.parametrize(
    "text",
    [
        "SELECT e.id FROM emp e JOIN dept d ON e.hired = d.name",
        "SELECT e.id FROM emp e, dept d WHERE e.hired = d.name",
        "SELECT id FROM emp WHERE hired IN (SELECT name FROM dept)",
        "SELECT id FROM emp WHERE (id > 1) IN (SELECT name FROM dept)",
    ],
)
def test_joins_convert_no_text(text: str) -> None:
    with pytest.raises(SqlValidationError, match="CAST one of them"):
        planned(text)


def test_a_versioned_table_is_joined_by_its_key() -> None:
    with pytest.raises(SqlValidationError, match="a condition that compares it"):
        planned("SELECT o.oid FROM orders o JOIN cdc FOR SYSTEM_TIME AS OF o.p AS c "
                "ON o.oid = c.points")  # fmt: skip
