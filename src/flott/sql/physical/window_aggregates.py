"""Aggregation over windows: by slices of the rows, or over rows that have their windows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from flott.common.options import table
from flott.common.sql_errors import SqlValidationError
from flott.core.operator import OperatorSpec
from flott.sql.expressions import AggregateCall, Expression, InputRef, input_columns
from flott.sql.logical import nodes
from flott.sql.logical.nodes import Field, TimeAttribute, WindowKind
from flott.sql.physical.calcs import project
from flott.sql.physical.columns import aggregates
from flott.sql.physical.exchanges import by_columns
from flott.sql.physical.node import BeforeNeed, BeforeOutput, PhysicalNode
from flott.sql.physical.planner import Planner
from flott.sql.physical.texts import call_text, columns_text, listed
from flott.sql.physical.traits import (
    INSERT_ONLY,
    STATELESS,
    Changes,
    Growth,
    GrowthClass,
    Key,
    hashed,
    smallest,
)
from flott.sql.physical.windows import WindowColumns, zone_of
from flott.sql.rules.conditions import references, renumbered

_BORDERS = ("window_start", "window_end", "window_time")


@dataclass(frozen=True)
class _Sliced:
    """An aggregation moved below the assignment of windows.

    Attributes:
        window: The assignment.
        columns: What is computed of the rows that come to it.
        positions: Where each column of the aggregation's input now is.
    """

    window: nodes.WindowTableFunction
    columns: tuple[tuple[Expression, Field], ...]
    positions: dict[int, int]
    time_column: int


def plan_window_aggregate(
    planner: Planner, node: nodes.Aggregate, found: WindowColumns
) -> PhysicalNode:
    """An aggregation whose keys tell windows apart."""
    sliced = _sliced(node, found)
    if sliced is not None:
        if not planner.is_batch and not sliced.window.is_legacy:
            _check_slices(sliced.window)
        return _by_slices(planner, node, found, sliced)
    return _attached(planner, node, found)


def _check_slices(window: nodes.WindowTableFunction) -> None:
    """Refuse windows that no whole number of slices makes up.

    Raises:
        SqlValidationError: The size of HOP is not a multiple of its slide.
    """
    if window.kind is WindowKind.HOP and window.size_ms % window.slide_ms:
        raise SqlValidationError(
            "HOP table function based aggregate requires size must be an integral multiple of "
            f"slide, but got size {window.size_ms} ms and slide {window.slide_ms} ms",
            hint="BATCH mode takes any slide.",
        )


def _sliced(node: nodes.Aggregate, found: WindowColumns) -> _Sliced | None:
    """The aggregation over rows without windows; ``None`` if it needs rows that have them."""
    below = node.input.input if isinstance(node.input, nodes.Project) else node.input
    if not isinstance(below, nodes.WindowTableFunction):
        return None
    width = len(below.input.fields)
    expressions: tuple[Expression, ...] = references(below.fields)
    if isinstance(node.input, nodes.Project):
        expressions = node.input.expressions
    borders = found.starts | found.ends | found.times
    columns: list[tuple[Expression, Field]] = []
    positions: dict[int, int] = {}
    for place, each in enumerate(expressions):
        if place in borders:
            continue
        if any(column >= width for column in input_columns(each)):
            return None
        positions[place] = len(columns)
        columns.append((each, replace(node.input.fields[place], time=None)))
    used = {key for key in node.keys if key not in borders}
    for call in node.calls:
        used |= input_columns(call)
    if used & borders:
        return None
    if below.kind is WindowKind.SESSION and not _is_by_session_key(
        node, below, expressions, borders
    ):
        return None
    time = InputRef(below.input.types[below.time_column], below.time_column)
    columns.append((time, below.input.fields[below.time_column]))
    return _Sliced(below, tuple(columns), positions, len(columns) - 1)


def _is_by_session_key(
    node: nodes.Aggregate,
    window: nodes.WindowTableFunction,
    expressions: Sequence[Expression],
    borders: frozenset[int],
) -> bool:
    """Whether rows are grouped by what divides sessions, and nothing else."""
    keys = [expressions[key] for key in node.keys if key not in borders]
    if not all(isinstance(each, InputRef) for each in keys):
        return False
    return {each.index for each in keys if isinstance(each, InputRef)} == set(window.partition_keys)


def _window_text(node: nodes.WindowTableFunction, names: Sequence[str]) -> str:
    """``TUMBLE(time_col=[ts], size=[60000 ms])``."""
    parts = [f"time_col=[{names[node.time_column]}]"]
    if node.kind is WindowKind.SESSION:
        parts.append(f"gap=[{node.size_ms} ms]")
        if node.partition_keys:
            parts.append(f"partition={columns_text(node.partition_keys, names)}")
    else:
        if node.kind is not WindowKind.TUMBLE:
            word = "slide" if node.kind is WindowKind.HOP else "step"
            parts.append(f"{word}=[{node.slide_ms} ms]")
        parts.append(f"size=[{node.size_ms} ms]")
    if node.offset_ms:
        parts.append(f"offset=[{node.offset_ms} ms]")
    return f"{node.kind.value}({', '.join(parts)})"


def _by_slices(
    planner: Planner, node: nodes.Aggregate, found: WindowColumns, sliced: _Sliced
) -> PhysicalNode:
    window = sliced.window
    below = project(planner, _timely(planner, window), sliced.columns)
    own = [key for key in node.keys if key not in _borders(found)]
    keys = tuple(sliced.positions[key] for key in own)
    calls = tuple(_moved(call, sliced.positions) for call in node.calls)
    source = by_columns(below, keys)
    names = _border_names(node, found)
    emission = _emission(planner, window)
    detail = (
        f"window=[{_window_text(window, [each.name for each in window.input.fields])}], "
        f"{_select_text(keys, calls, names, source, node)}"
    )
    inserts = below.traits.changes.is_insert_only

    def spec(emits_before: bool) -> OperatorSpec:
        from flott.operators.columns.windows.aggregate import WindowAggregateSpec

        return WindowAggregateSpec(
            window_kind=window.kind.value,
            time_column=sliced.time_column,
            size_ms=window.size_ms,
            slide_ms=window.slide_ms,
            offset_ms=window.offset_ms,
            keys=keys,
            calls=aggregates(calls, source.types),
            input_types=source.types,
            window_columns=names,
            is_event_time=found.is_event_time,
            zone=zone_of(window, planner.settings.time_zone),
            input_retracts=not inserts,
            final_only=planner.is_batch,
            **(dict(emission, emits_update_before=emits_before) if emission else {}),
            description=f"WindowAggregate({detail})",
        )

    updates = bool(emission) and not planner.is_batch
    return _result(planner, node, found, own, names, (source,), spec, detail, updates=updates)


def _attached(planner: Planner, node: nodes.Aggregate, found: WindowColumns) -> PhysicalNode:
    source = planner.plan(node.input)
    start, end = found.pair(node.keys)
    times = [key for key in node.keys if key in found.times]
    own = [key for key in node.keys if key not in _borders(found)]
    source = by_columns(source, own)
    names = _border_names(node, found)
    borders = columns_text((start, end), source.names)
    detail = f"window=[{borders}], {_select_text(tuple(own), node.calls, names, source, node)}"
    inserts = source.traits.changes.is_insert_only

    def spec(emits_before: bool) -> OperatorSpec:
        from flott.operators.columns.windows.attached import WindowAttachedAggregateSpec

        return WindowAttachedAggregateSpec(
            window_start=start,
            window_end=end,
            window_time=times[0] if times else None,
            keys=tuple(own),
            calls=aggregates(node.calls, source.types),
            input_types=source.types,
            window_columns=names,
            is_event_time=found.is_event_time,
            zone=planner.settings.time_zone if found.shape[-1] else None,
            input_retracts=not inserts,
            final_only=planner.is_batch,
            description=f"WindowAggregate({detail})",
        )

    return _result(planner, node, found, own, names, (source,), spec, detail, updates=False)


def _borders(found: WindowColumns) -> frozenset[int]:
    return found.starts | found.ends | found.times


def _border_names(node: nodes.Aggregate, found: WindowColumns) -> tuple[str, ...]:
    """The borders the aggregation puts out, each once, start first."""
    kinds = zip(_BORDERS, (found.starts, found.ends, found.times), strict=True)
    return tuple(name for name, columns in kinds if columns & frozenset(node.keys))


def _moved(call: AggregateCall, positions: dict[int, int]) -> AggregateCall:
    moved: Any = renumbered(call, lambda index: positions[index])
    return moved  # type: ignore[no-any-return]


def _select_text(
    keys: tuple[int, ...],
    calls: Sequence[AggregateCall],
    names: Sequence[str],
    source: PhysicalNode,
    node: nodes.Aggregate,
) -> str:
    fields = node.fields[len(node.keys) :]
    parts = [
        *(source.names[key] for key in keys),
        *(
            f"{call_text(call, source.names)} AS {field.name}"
            for call, field in zip(calls, fields, strict=True)
        ),
        *names,
    ]
    grouping = f"groupBy={columns_text(keys, source.names)}, " if keys else ""
    return f"{grouping}select={listed(parts)}"


def _result(
    planner: Planner,
    node: nodes.Aggregate,
    found: WindowColumns,
    own: list[int],
    names: tuple[str, ...],
    inputs: tuple[PhysicalNode, ...],
    spec: Any,
    detail: str,
    *,
    updates: bool,
) -> PhysicalNode:
    """The operator, its columns (keys, calls, borders) put where the logical node has them."""
    fields = node.fields
    calls = fields[len(node.keys) :]
    places = {key: place for place, key in enumerate(own)}
    first = len(own) + len(calls)
    for name, columns in zip(_BORDERS, (found.starts, found.ends, found.times), strict=True):
        if name in names:
            places.update({key: first + names.index(name) for key in columns})
    by_key = {places[key]: fields[place] for place, key in reversed(list(enumerate(node.keys)))}
    raw = tuple(
        by_key[place] if place in by_key else calls[place - len(own)]
        for place in range(first + len(names))
    )
    below = inputs[0].traits
    ends = [place for place, name in enumerate(names, first) if name != "window_time"]
    key: Key = frozenset([*range(len(own)), *ends[-1:]])
    keys = smallest({key})
    operator = PhysicalNode(
        "WindowAggregate",
        detail,
        raw,
        inputs,
        replace(
            below,
            changes=Changes(updates=True) if updates else INSERT_ONLY,
            keys=keys,
            upsert_keys=keys,
            distribution=hashed(range(len(own))),
            growth=Growth(GrowthClass.WINDOW, "results of windows that are open"),
        ),
        spec,
        BeforeNeed.ALWAYS,
        BeforeOutput.ASKED,
        is_stateful=True,
        is_single=not own,
    )
    order = [*(places[key] for key in node.keys), *range(len(own), first)]
    outputs = [
        (InputRef(raw[place].data_type, place), field)
        for place, field in zip(order, fields, strict=True)
    ]
    return project(planner, operator, outputs)


def _emission(planner: Planner, window: nodes.WindowTableFunction) -> dict[str, Any]:
    """Options of results before and after a window's end; only the old syntax has them."""
    options = planner.session.configuration
    if planner.is_batch:
        return {}
    early, late = options.get(table.EARLY_FIRE), options.get(table.LATE_FIRE)
    if not early and not late:
        return {}
    if not window.is_legacy:
        raise SqlValidationError(
            "Windows of table functions give their results at their end only",
            hint=f"Take '{table.EARLY_FIRE.key}' and '{table.LATE_FIRE.key}' out of the "
            "configuration, or write GROUP BY TUMBLE(...).",
        )
    if window.kind is WindowKind.SESSION:
        raise SqlValidationError(
            "Session windows give their results at their end only: before it they may still grow "
            "together",
            hint=f"Take '{table.EARLY_FIRE.key}' and '{table.LATE_FIRE.key}' out of the "
            "configuration.",
        )
    lateness = options.get(table.ALLOW_LATENESS)
    lateness_ms = planner.settings.state_ttl_ms if lateness is None else lateness.to_millis()
    if late and not lateness_ms:
        raise SqlValidationError(
            f"'{table.LATE_FIRE.key}' is set, but windows take no rows after their end",
            hint=f"Set '{table.ALLOW_LATENESS.key}', too.",
        )
    found: dict[str, Any] = {"allowed_lateness_ms": lateness_ms}
    if early:
        delay = options.get(table.EARLY_FIRE_DELAY)
        found["early_fire_ms"] = 0 if delay is None else delay.to_millis()
    if late:
        delay = options.get(table.LATE_FIRE_DELAY)
        found["late_fire_ms"] = 0 if delay is None else delay.to_millis()
    return found


def _timely(planner: Planner, node: nodes.WindowTableFunction) -> PhysicalNode:
    """The rows that windows are made of.

    Raises:
        SqlValidationError: After a join of all rows they come at any time.
    """
    source = planner.plan(node.input)
    field = node.input.fields[node.time_column]
    if not planner.is_batch and not source.traits.is_timely and field.time is TimeAttribute.ROWTIME:
        raise SqlValidationError(
            f"{node.kind.value} requires a time attribute, and after a regular join "
            f"'{field.name}' is none",
            hint="Join by an interval of time or by windows, or window the rows before the join.",
        )
    return source


def plan_window(planner: Planner, node: nodes.WindowTableFunction) -> PhysicalNode:
    """Rows with their windows."""
    source = _timely(planner, node)
    is_session = node.kind is WindowKind.SESSION
    if is_session:
        source = by_columns(source, node.partition_keys)
    detail = f"window=[{_window_text(node, source.names)}]"
    time = node.input.fields[node.time_column].time

    def spec(emits_before: bool) -> OperatorSpec:
        from flott.operators.columns.windows.assign import WindowAssignSpec

        return WindowAssignSpec(
            window_kind=node.kind.value,
            time_column=node.time_column,
            size_ms=node.size_ms,
            slide_ms=node.slide_ms,
            offset_ms=node.offset_ms,
            partition=node.partition_keys,
            input_types=source.types,
            is_event_time=time is not TimeAttribute.PROCTIME,
            zone=zone_of(node, planner.settings.time_zone),
            final_only=planner.is_batch,
            description=f"WindowTableFunction({detail})",
        )

    first = len(node.input.fields)
    once = node.kind in (WindowKind.TUMBLE, WindowKind.SESSION)
    keys = source.traits.keys if once else frozenset(key | {first} for key in source.traits.keys)
    growth = Growth(GrowthClass.WINDOW, "rows of open sessions") if is_session else STATELESS
    return PhysicalNode(
        "WindowTableFunction",
        detail,
        node.fields,
        (source,),
        replace(source.traits, keys=keys, upsert_keys=keys, growth=growth),
        spec,
        is_stateful=is_session,
        is_single=is_session and not node.partition_keys,
    )
