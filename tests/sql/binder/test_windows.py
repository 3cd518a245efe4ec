"""Windows in FROM and in GROUP BY, and functions over windows of rows."""

from __future__ import annotations

import pytest

from flott.sql.expressions import FrameBound, InputRef, OverCall
from flott.sql.logical.nodes import (
    Aggregate,
    Project,
    TimeAttribute,
    WindowKind,
    WindowTableFunction,
)
from flott.sql.session import Session
from tests.sql.binder.catalogs import bind, columns_of, find, message_of, session_with

MINUTE = 60_000


def window(call: str, session: Session) -> WindowTableFunction:
    return find(bind(f"SELECT * FROM TABLE({call})", session), WindowTableFunction)


@pytest.mark.parametrize(
    ("call", "kind", "lengths"),
    [
        ("TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '1' MINUTE)", "TUMBLE", (1, 1, 0)),
        ("TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '2' HOUR, INTERVAL '-1' MINUTE)",
         "TUMBLE", (120, 120, -1)),
        ("HOP(TABLE orders, DESCRIPTOR(ts), INTERVAL '1' MINUTE, INTERVAL '3' MINUTE)",
         "HOP", (3, 1, 0)),
        ("CUMULATE(DATA => TABLE orders, TIMECOL => DESCRIPTOR(ts), SIZE => INTERVAL '4' MINUTE, "
         "STEP => INTERVAL '2' MINUTE)", "CUMULATE", (4, 2, 0)),
        ("SESSION(TABLE orders, DESCRIPTOR(ts), INTERVAL '1' MINUTE)", "SESSION", (1, 1, 0)),
    ],
)  # fmt: skip
def test_lengths_go_to_their_places(
    call: str, kind: str, lengths: tuple[int, int, int], streaming: Session
) -> None:
    node = window(call, streaming)
    found = (node.size_ms, node.slide_ms, node.offset_ms)
    assert (node.kind, found) == (WindowKind[kind], tuple(each * MINUTE for each in lengths))


def test_a_window_adds_three_columns(streaming: Session) -> None:
    plan = bind(
        "SELECT ts, window_start, window_end, window_time FROM TABLE(TUMBLE(TABLE "
        "orders, DESCRIPTOR(ts), INTERVAL '1' MINUTE))",
        streaming,
    )
    assert [(str(each.data_type), each.time) for each in plan.fields] == [
        ("TIMESTAMP(3)", TimeAttribute.ROWTIME),
        ("TIMESTAMP(3) NOT NULL", None),
        ("TIMESTAMP(3) NOT NULL", None),
        ("TIMESTAMP(3) NOT NULL", TimeAttribute.ROWTIME),
    ]


def test_sessions_may_be_of_each_key(streaming: Session) -> None:
    call = "SESSION(TABLE orders PARTITION BY cur, DESCRIPTOR(ts), INTERVAL '1' MINUTE)"
    assert window(call, streaming).partition_keys == (1,)


def test_a_query_can_be_windowed(streaming: Session) -> None:
    call = "TUMBLE((SELECT oid, ts FROM orders), DESCRIPTOR(ts), INTERVAL '1' MINUTE)"
    assert isinstance(window(call, streaming).input, Project)


def test_windows_of_windows_use_window_time(streaming: Session) -> None:
    text = (
        "SELECT window_end FROM TABLE(TUMBLE((SELECT window_time AS t, COUNT(*) AS n FROM TABLE("
        "TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) "
        "GROUP BY window_start, window_end, window_time), DESCRIPTOR(t), INTERVAL '1' HOUR))"
    )
    assert find(bind(text, streaming), WindowTableFunction).time_column == 0


def test_time_that_is_grouped_without_its_window_is_plain(streaming: Session) -> None:
    for keys, time in (("ts", None), ("window_time", None),
                       ("window_start, window_end, "
                        "window_time", TimeAttribute.ROWTIME)):  # fmt: skip
        text = (
            f"SELECT {keys.split(', ')[-1]} FROM TABLE(TUMBLE(TABLE orders, "
            f"DESCRIPTOR(ts), INTERVAL '1' MINUTE)) GROUP BY {keys}"
        )
        assert bind(text, streaming).fields[0].time is time


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ("TUMBLE(TABLE plain, DESCRIPTOR(ts), INTERVAL '1' MINUTE)", "is a time attribute type"),
        ("TUMBLE(TABLE plain, DESCRIPTOR(id), INTERVAL '1' MINUTE)", "but is INT"),
        ("TUMBLE(TABLE orders, DESCRIPTOR(nope), INTERVAL '1' MINUTE)", "'nope' not found"),
        ("TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '1' MONTH)", "MONTH and YEAR"),
        ("TUMBLE(TABLE orders, DESCRIPTOR(ts), oid)", "not found"),
        ("TUMBLE(TABLE orders, DESCRIPTOR(ts))", "Was expecting 3 arguments"),
        ("TUMBLE(TABLE orders, ts, INTERVAL '1' MINUTE)", "must be DESCRIPTOR(column)"),
        ("TUMBLE(TABLE orders, DESCRIPTOR(ts), SIZES => INTERVAL '1' MINUTE)", "Did you mean"),
        ("TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '0' MINUTE)", "above zero"),
        ("CUMULATE(TABLE orders, DESCRIPTOR(ts), INTERVAL '2' MINUTE, INTERVAL '3' MINUTE)",
         "integral multiple of step"),
        ("TUMBLE(TABLE orders, DESCRIPTOR(ts), SIZE => INTERVAL '1' MINUTE)",
         "by position or by name"),
        ("TUMBLE((SELECT ts, 1 AS window_end FROM orders), DESCRIPTOR(ts), INTERVAL '1' MINUTE)",
         "'window_end' is ambiguous"),
        ("TUMBLE(TABLE orders PARTITION BY cur, DESCRIPTOR(ts), INTERVAL '1' MINUTE)",
         "takes no PARTITION BY"),
        ("NOPE(TABLE orders)", "NOPE"),
    ],
)  # fmt: skip
def test_wrong_windows_are_refused(call: str, said: str, streaming: Session) -> None:
    assert said in message_of(f"SELECT * FROM TABLE({call})", streaming)


def test_batch_mode_takes_any_timestamp(batch: Session) -> None:
    assert (
        window("TUMBLE(TABLE plain, DESCRIPTOR(ts), INTERVAL '1' MINUTE)", batch).time_column == 1
    )


def test_windows_of_instants_follow_the_zone() -> None:
    session = session_with(
        ["CREATE TABLE t (ms BIGINT, rt AS TO_TIMESTAMP_LTZ(ms, 3), WATERMARK FOR rt AS rt) "
         "WITH ('connector' = 'x')"]
    )  # fmt: skip
    node = window("TUMBLE(TABLE t, DESCRIPTOR(rt), INTERVAL '1' DAY)", session)
    assert node.is_zoned
    assert [str(each.data_type) for each in node.fields[2:]] == [
        "TIMESTAMP(3) NOT NULL", "TIMESTAMP(3) NOT NULL", "TIMESTAMP_LTZ(3) NOT NULL",
    ]  # fmt: skip


def test_a_group_window_is_a_window_below_the_aggregation(streaming: Session) -> None:
    text = (
        "SELECT cur, HOP_START(ts, INTERVAL '1' MINUTE, INTERVAL '2' MINUTE) AS s, "
        "HOP_END(ts, INTERVAL '1' MINUTE, INTERVAL '2' MINUTE) AS e, COUNT(*) AS n FROM orders "
        "GROUP BY cur, HOP(ts, INTERVAL '1' MINUTE, INTERVAL '2' MINUTE)"
    )
    plan = bind(text, streaming)
    node = find(plan, WindowTableFunction)
    assert (node.is_legacy, node.size_ms, node.slide_ms) == (True, 2 * MINUTE, MINUTE)
    assert [each.name for each in find(plan, Aggregate).fields] == [
        "cur", "window_start", "window_end", "EXPR$0",
    ]  # fmt: skip


def test_the_row_time_of_a_group_window_is_a_time_attribute(streaming: Session) -> None:
    text = (
        "SELECT TUMBLE_ROWTIME(ts, INTERVAL '1' MINUTE) AS r FROM orders GROUP BY "
        "TUMBLE(ts, INTERVAL '1' MINUTE)"
    )
    (field,) = bind(text, streaming).fields
    assert (str(field.data_type), field.time) == ("TIMESTAMP(3)", TimeAttribute.ROWTIME)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("SELECT TUMBLE_START(ts, INTERVAL '2' MINUTE) FROM orders GROUP BY TUMBLE(ts, "
         "INTERVAL '1' MINUTE)",
         "must have matching call"),
        ("SELECT TUMBLE_START(ts, INTERVAL '2' MINUTE) FROM orders", "must have matching call"),
        ("SELECT TUMBLE(ts, INTERVAL '2' MINUTE) FROM orders", "must be called in GROUP BY"),
        ("SELECT 1 FROM plain GROUP BY TUMBLE(ts, INTERVAL '2' MINUTE)", "time attribute column"),
        ("SELECT 1 FROM orders GROUP BY TUMBLE(ts, INTERVAL '2' MINUTE, TIME "
         "'00:01:00')", "alignment"),
        ("SELECT TUMBLE_PROCTIME(ts, INTERVAL '2' MINUTE) FROM orders GROUP BY TUMBLE(ts, "
         "INTERVAL '2' MINUTE)",
         "only be used on a proctime window"),
    ],
)  # fmt: skip
def test_wrong_group_windows_are_refused(text: str, said: str, streaming: Session) -> None:
    assert said in message_of(text, streaming)


def over(call: str, session: Session) -> OverCall:
    found = find(bind(f"SELECT {call} FROM emp", session), Project).expressions[0]
    assert isinstance(found, OverCall)
    return found


@pytest.mark.parametrize(
    ("frame", "is_rows", "lower", "upper"),
    [
        ("ORDER BY id", False, None, 0),
        ("PARTITION BY id", False, None, None),
        ("ORDER BY id ROWS BETWEEN 2 PRECEDING AND 1 FOLLOWING", True, 2, -1),
        ("ORDER BY id ROWS 3 PRECEDING", True, 3, 0),
        ("ORDER BY id ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING", True, 0, None),
        ("ORDER BY id RANGE BETWEEN 10 PRECEDING AND CURRENT ROW", False, 10, 0),
        ("ORDER BY hired RANGE BETWEEN INTERVAL '1' DAY PRECEDING AND CURRENT ROW",
         False, 86_400_000, 0),
    ],
)  # fmt: skip
def test_frames_are_distances(
    frame: str, is_rows: bool, lower: int | None, upper: int | None, batch: Session
) -> None:
    found = over(f"SUM(id) OVER ({frame})", batch).window
    assert (found.is_rows, found.lower, found.upper) == (
        is_rows, FrameBound(lower), FrameBound(upper),
    )  # fmt: skip


def test_named_windows_can_be_built_upon(batch: Session) -> None:
    text = (
        "SELECT SUM(id) OVER w, MAX(id) OVER (w ROWS 1 PRECEDING) FROM emp WINDOW w AS "
        "(PARTITION BY dept_id ORDER BY id)"
    )
    one, two = find(bind(text, batch), Project).expressions
    assert isinstance(one, OverCall)
    assert isinstance(two, OverCall)
    assert one.window.order_by == two.window.order_by
    assert (one.window.is_rows, two.window.is_rows) == (False, True)


def test_functions_over_windows_may_be_of_aggregates(batch: Session) -> None:
    text = (
        "SELECT dept_id, RANK() OVER (ORDER BY SUM(salary) DESC) AS r, SUM(SUM(salary)) "
        "OVER () AS s FROM emp GROUP BY dept_id"
    )
    assert [name for name, _ in columns_of(text, batch)] == ["dept_id", "r", "s"]
    assert len(find(bind(text, batch), Aggregate).calls) == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("SUM(id) OVER nope", "Window 'nope' not found"),
        ("RANK() OVER (PARTITION BY id)", "require ORDER BY"),
        ("RANK() OVER (ORDER BY id ROWS 1 PRECEDING)", "ROW/RANGE not allowed"),
        ("RANK()", "RANK needs OVER"),
        ("UPPER(name) OVER (ORDER BY id)", "takes no OVER"),
        ("SUM(id) OVER (ORDER BY id ROWS BETWEEN CURRENT ROW AND 1 PRECEDING)", "frame boundary"),
        (
            "SUM(id) OVER (ORDER BY name RANGE BETWEEN 1 PRECEDING AND CURRENT ROW)",
            "prohibits use of RANGE",
        ),
        ("SUM(id) OVER (ORDER BY hired RANGE 1 PRECEDING)", "does not fit"),
        ("SUM(id) OVER (ORDER BY id ROWS id PRECEDING)", "must be a constant"),
        ("SUM(SUM(id) OVER ()) OVER ()", "cannot be nested"),
        ("ROW_NUMBER() OVER (ORDER BY 1)", "that are not constant"),
        ("NTILE(id) OVER (ORDER BY id)", "NTILE takes a constant"),
        ("SUM(id) OVER (w ROWS 1 PRECEDING)", "cannot have framing"),
        ("SUM(RANK() OVER (ORDER BY id))", "takes no function over a window"),
    ],
)
def test_wrong_functions_over_windows_are_refused(text: str, said: str, batch: Session) -> None:
    named = "WINDOW w AS (ORDER BY id ROWS 2 PRECEDING)"
    assert said in message_of(f"SELECT {text} FROM emp {named}", batch)


def test_a_framed_window_can_be_named_as_it_is(batch: Session) -> None:
    text = "SELECT SUM(id) OVER w FROM emp WINDOW w AS (ORDER BY id ROWS 2 PRECEDING)"
    assert bind(text, batch).fields


def test_constants_order_nothing(batch: Session) -> None:
    assert over("SUM(id) OVER (ORDER BY 1, id)", batch).window.order_by[0].expression.index == 0


def test_where_takes_no_function_over_a_window(batch: Session) -> None:
    said = message_of("SELECT id FROM emp WHERE ROW_NUMBER() OVER (ORDER BY id) = 1", batch)
    assert "illegal in WHERE clause" in said
    assert "QUALIFY" in said


@pytest.mark.parametrize(
    "items",
    [
        "SUM(oid) OVER (ORDER BY ts), SUM(oid) OVER (PARTITION BY cur ORDER BY ts)",
        "SUM(oid) OVER (ORDER BY ts ROWS 1 PRECEDING), SUM(oid) OVER (ORDER BY ts ROWS 2 "
        "PRECEDING)",
        "NTILE(2) OVER (ORDER BY ts)",
        "LAG(oid, 1, 0.5) OVER (ORDER BY ts)",
        "SUM(oid) OVER (ORDER BY ts ROWS BETWEEN CURRENT ROW AND 1 FOLLOWING)",
    ],
)
def test_streams_have_one_window_that_looks_back(
    items: str, streaming: Session, batch: Session
) -> None:
    text = f"SELECT {items} FROM orders"
    assert "stream mode" in message_of(text, streaming)
    bind(text, batch)


@pytest.mark.parametrize(
    ("keys", "partition"), [("cur", (1,)), ("UPPER(cur), oid", (5, 0)), ("'all'", ())]
)
def test_a_group_session_is_one_of_the_other_keys(
    keys: str, partition: tuple[int, ...], streaming: Session
) -> None:
    gap = "INTERVAL '1' MINUTE"
    text = (
        f"SELECT {keys}, SESSION_START(ts, {gap}), COUNT(*) FROM orders "
        f"GROUP BY {keys}, SESSION(ts, {gap})"
    )
    plan = bind(text, streaming)
    node = find(plan, WindowTableFunction)
    assert sorted(node.partition_keys) == sorted(partition)
    below = find(plan, Aggregate).input
    assert isinstance(below, Project)
    keyed = [each for each in below.expressions if isinstance(each, InputRef)]
    assert {each.index for each in keyed} >= set(partition)


def test_a_window_is_defined_once(batch: Session) -> None:
    text = "SELECT SUM(id) OVER w FROM emp WINDOW w AS (ORDER BY id), w AS (ORDER BY name)"
    assert "Window 'w' is defined twice" in message_of(text, batch)
