"""Nodes of the logical plan.

Every node tells its output columns as ``fields``. Expressions refer to the columns of the node's
input by position. Inputs stand in the attributes ``input``, or ``left`` and ``right``, or
``inputs``; ``inputs_of`` and ``with_inputs`` treat them alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields, replace
from enum import Enum
from typing import Any

from flott.common.logical_types import DataType
from flott.core.table import TableSink, TableSource
from flott.sql.expressions import AggregateCall, Expression, OverCall, SortKey


class TimeAttribute(Enum):
    """Whether a column is time for the engine."""

    ROWTIME = "ROWTIME"
    """Event time, with a watermark."""
    PROCTIME = "PROCTIME"
    """The clock when the row is processed; materialised where its value is looked at."""


@dataclass(frozen=True)
class Field:
    """A column of a node's output."""

    name: str
    data_type: DataType
    time: TimeAttribute | None = None


@dataclass(frozen=True)
class LogicalNode:
    """Base of all nodes.

    Attributes:
        fields: The output columns.
    """

    fields: tuple[Field, ...]

    @property
    def types(self) -> tuple[DataType, ...]:
        """The types of the output columns."""
        return tuple(each.data_type for each in self.fields)


@dataclass(frozen=True)
class Scan(LogicalNode):
    """Reads a table: physical columns, then metadata, in the order of ``fields``.

    Attributes:
        path: (catalog, database, table).
        source: The connector's description.
        columns: The physical columns read.
        metadata: The metadata keys read.
        primary_key: Positions of the key columns in ``fields``; empty without a key, or where the
            query reads only a part of it.
        hints: Options of a hint, already applied; for EXPLAIN.
        pushed: Conditions the source applies, over all columns of the table.
        pushed_texts: The same as text.
        limit: How many rows of a subtask are read at most.
        parallelism: How many subtasks read, where the table says so.
    """

    path: tuple[str, str, str]
    source: TableSource = field(compare=False)
    columns: tuple[str, ...] = ()
    metadata: tuple[str, ...] = ()
    primary_key: tuple[int, ...] = ()
    hints: tuple[tuple[str, str], ...] = ()
    pushed: tuple[Expression, ...] = ()
    pushed_texts: tuple[str, ...] = ()
    limit: int | None = None
    parallelism: int | None = None


@dataclass(frozen=True)
class Values(LogicalNode):
    """Constant rows."""

    rows: tuple[tuple[Expression, ...], ...]


@dataclass(frozen=True)
class Project(LogicalNode):
    """Computes columns; may contain ``OverCall`` only until rules have taken them out."""

    input: LogicalNode
    expressions: tuple[Expression, ...]


@dataclass(frozen=True)
class Filter(LogicalNode):
    """Rows for which ``predicate`` is true."""

    input: LogicalNode
    predicate: Expression


@dataclass(frozen=True)
class WatermarkAssigner(LogicalNode):
    """Makes the column ``time_column`` event time; ``watermark`` is over the input's columns.

    ``strategy`` holds the table's ``scan.watermark.*`` options.
    """

    input: LogicalNode
    time_column: int
    watermark: Expression
    strategy: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Aggregate(LogicalNode):
    """Groups by input columns; outputs the keys in order, then the calls.

    Attributes:
        keys: Input columns; empty for one group over everything.
        calls: Their arguments are ``InputRef`` or ``Literal`` values.
        grouping_sets: Several groupings of ``keys`` (each a subset); keys that are not in a set
            are NULL in its rows, and a column ``GROUPING_ID`` call may ask which they were.
        state_ttl_ms: From a STATE_TTL hint.
    """

    input: LogicalNode
    keys: tuple[int, ...]
    calls: tuple[AggregateCall, ...]
    grouping_sets: tuple[tuple[int, ...], ...] = ()
    state_ttl_ms: int | None = None


@dataclass(frozen=True)
class Expand(LogicalNode):
    """Each row once for each grouping set; made by rules.

    Attributes:
        projections: For each set, what every output column holds: an input column, a number as a
            tuple of one ``int``, or ``None`` for NULL.
    """

    input: LogicalNode
    projections: tuple[tuple[int | tuple[int] | None, ...], ...]


class WindowKind(Enum):
    """The window table functions."""

    TUMBLE = "TUMBLE"
    HOP = "HOP"
    CUMULATE = "CUMULATE"
    SESSION = "SESSION"


@dataclass(frozen=True)
class WindowTableFunction(LogicalNode):
    """Assigns rows to windows; outputs the input's columns, then window_start, window_end,
    window_time.

    Attributes:
        time_column: The time attribute of the input.
        size_ms: Length of a window; the gap of a SESSION; the largest window of a CUMULATE.
        slide_ms: Slide of HOP, step of CUMULATE; equal to ``size_ms`` else.
        offset_ms: Shift of the borders.
        partition_keys: Of SESSION: input columns.
        is_legacy: From ``GROUP BY TUMBLE(ts, ...)``: changes of the input count, and
            ``table.exec.emit.*`` applies.
        is_zoned: Whether time is TIMESTAMP_LTZ: borders follow the session's zone.
    """

    input: LogicalNode
    kind: WindowKind
    time_column: int
    size_ms: int
    slide_ms: int
    offset_ms: int = 0
    partition_keys: tuple[int, ...] = ()
    is_legacy: bool = False
    is_zoned: bool = False


class JoinKind(Enum):
    """Kinds of join."""

    INNER = "INNER"
    LEFT = "LEFT"
    RIGHT = "RIGHT"
    FULL = "FULL"
    SEMI = "SEMI"
    ANTI = "ANTI"
    CROSS = "CROSS"


@dataclass(frozen=True)
class Join(LogicalNode):
    """Joins two inputs; outputs the left columns, then (but for SEMI and ANTI) the right ones.

    Attributes:
        condition: Over left then right columns; ``None`` for none.
        null_aware: An ANTI join for NOT IN: a NULL on either side lets nothing pass.
        hints: Names and options of hints that apply (LOOKUP, STATE_TTL, BROADCAST, ...).
    """

    left: LogicalNode
    right: LogicalNode
    kind: JoinKind
    condition: Expression | None
    null_aware: bool = False
    hints: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True)
class SnapshotJoin(LogicalNode):
    """``JOIN right FOR SYSTEM_TIME AS OF left.time``: against a version, or looked up.

    Attributes:
        time_column: The left time attribute; PROCTIME means a lookup or the latest version.
    """

    left: LogicalNode
    right: LogicalNode
    kind: JoinKind
    condition: Expression
    time_column: int
    hints: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True)
class Correlate(LogicalNode):
    """Each input row with the rows a table function gives for it (UNNEST, LATERAL TABLE).

    Attributes:
        function: ``UNNEST`` or the canonical name of a table function.
        args: Over the input's columns.
        kind: INNER or LEFT.
        with_ordinality: Whether the position follows as a last column.
    """

    input: LogicalNode
    function: str
    args: tuple[Expression, ...]
    kind: JoinKind
    condition: Expression | None = None
    with_ordinality: bool = False
    settings: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True)
class LateralJoin(LogicalNode):
    """Each left row with the rows of a query that refers to it (``OuterRef``); rules turn it into
    a join."""

    left: LogicalNode
    right: LogicalNode
    kind: JoinKind
    condition: Expression | None = None


class SetKind(Enum):
    """Set operations."""

    UNION = "UNION"
    INTERSECT = "INTERSECT"
    EXCEPT = "EXCEPT"


@dataclass(frozen=True)
class SetOperation(LogicalNode):
    """UNION, INTERSECT, EXCEPT of inputs with equal types."""

    inputs: tuple[LogicalNode, ...]
    kind: SetKind
    is_all: bool


@dataclass(frozen=True)
class Over(LogicalNode):
    """The input's columns, then one for each call; all calls share partition and order.

    The expressions of the calls are ``InputRef`` or ``Literal`` values.

    Attributes:
        is_rank_without_end: Whether a filter above takes all ranks from one on.
    """

    input: LogicalNode
    calls: tuple[OverCall, ...]
    is_rank_without_end: bool = False


@dataclass(frozen=True)
class Sort(LogicalNode):
    """ORDER BY, OFFSET and FETCH; without keys just the latter."""

    input: LogicalNode
    keys: tuple[SortKey, ...]
    offset: int = 0
    fetch: int | None = None


class RankKind(Enum):
    """Rank functions that Top-N knows."""

    ROW_NUMBER = "ROW_NUMBER"
    RANK = "RANK"
    DENSE_RANK = "DENSE_RANK"


@dataclass(frozen=True)
class TopN(LogicalNode):
    """Rows of rank ``first`` to ``last`` of each partition; made by rules.

    Attributes:
        partition: Input columns.
        keys: Order.
        has_rank: Whether the rank follows as a last column (BIGINT).
    """

    input: LogicalNode
    partition: tuple[int, ...]
    keys: tuple[SortKey, ...]
    kind: RankKind
    first: int
    last: int
    has_rank: bool


@dataclass(frozen=True)
class Deduplicate(LogicalNode):
    """The first or last row of each key by a time attribute; made by rules."""

    input: LogicalNode
    keys: tuple[int, ...]
    time_column: int
    keeps_last: bool


@dataclass(frozen=True)
class FromChangelog(LogicalNode):
    """Rows whose ``op_column`` tells their kind become changes; outputs the other columns."""

    input: LogicalNode
    op_column: int
    mapping: tuple[tuple[str, str], ...]
    partition_keys: tuple[int, ...] = ()
    settings: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True)
class ToChangelog(LogicalNode):
    """Changes become rows with their kind in a column."""

    input: LogicalNode
    mapping: tuple[tuple[str, str], ...]
    partition_keys: tuple[int, ...] = ()
    settings: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True)
class Sink(LogicalNode):
    """Writes to a table; ``fields`` are its columns.

    Attributes:
        path: (catalog, database, table).
        sink: The connector's description.
        primary_key: Positions of the key columns.
        metadata: Metadata keys written, after the physical columns.
        conflict: ``ERROR``, ``NOTHING``, ``DEDUPLICATE`` or ``None`` where the statement says
            nothing.
        not_null: Positions of NOT NULL columns.
        parallelism: How many subtasks write, where the table says so.
    """

    input: LogicalNode
    path: tuple[str, str, str]
    sink: TableSink = field(compare=False)
    primary_key: tuple[int, ...] = ()
    metadata: tuple[str, ...] = ()
    conflict: str | None = None
    not_null: tuple[int, ...] = ()
    parallelism: int | None = None


def inputs_of(node: LogicalNode) -> tuple[LogicalNode, ...]:
    """The nodes that feed ``node``, left to right."""
    found: list[LogicalNode] = []
    for each in fields(node):
        value = getattr(node, each.name)
        if isinstance(value, LogicalNode):
            found.append(value)
        elif each.name == "inputs":
            found.extend(value)
    return tuple(found)


def with_inputs(node: LogicalNode, inputs: tuple[LogicalNode, ...]) -> LogicalNode:
    """``node`` with other inputs, given in the order of ``inputs_of``."""
    remaining = iter(inputs)
    changed: dict[str, Any] = {}
    for each in fields(node):
        value = getattr(node, each.name)
        if isinstance(value, LogicalNode):
            changed[each.name] = next(remaining)
        elif each.name == "inputs":
            changed[each.name] = tuple(next(remaining) for _ in value)
    return replace(node, **changed) if changed else node


def walk(node: LogicalNode) -> Iterator[LogicalNode]:
    """``node`` and everything that feeds it, the consumer first."""
    yield node
    for each in inputs_of(node):
        yield from walk(each)


def transform(node: LogicalNode, rule: Callable[[LogicalNode], LogicalNode]) -> LogicalNode:
    """The plan with ``rule`` applied to every node, inputs first."""
    inputs = inputs_of(node)
    changed = tuple(transform(each, rule) for each in inputs)
    if any(new is not old for new, old in zip(changed, inputs, strict=True)):
        node = with_inputs(node, changed)
    return rule(node)
