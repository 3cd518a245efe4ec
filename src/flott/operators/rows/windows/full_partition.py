"""``FullPartitionSpec``: look at a whole partition at once, when the bounded input has ended.

On a keyed stream a partition is all records of a key, otherwise all records of a subtask. Records
are kept in state until the end, reduced or aggregated as they come where the operation allows it.
Keyed partitions are in keyed state; those of subtasks are operator state, whose records are dealt
out anew when the job is restored at another parallelism. Results carry no timestamp.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from flott.common.errors import ProgramError
from flott.common.types import Row
from flott.core.batch import Batch, RowBatch
from flott.core.context import OperatorContext
from flott.core.element import Barrier
from flott.core.keyed_store import KeyedStore
from flott.core.operator import Operator, OperatorSpec
from flott.core.output import Output
from flott.operators.rows.functions import bind_method, describe_function, raise_not_iterable
from flott.operators.rows.row_operator import RowOperator
from flott.operators.rows.windows.fold import ABSENT, AggregateFold, Fold, ReduceFold
from flott.operators.rows.windows.functions import bind_reduce, check_aggregate_function
from flott.operators.rows.windows.panes import FoldedPanes, ListPanes, Panes

__all__ = ["FullPartitionKind", "FullPartitionSpec", "bind_sort_key"]


class FullPartitionKind(Enum):
    """What is done with a partition."""

    MAP_PARTITION = "MapPartition"
    """``map_partition(values)`` yields or returns any number of results; also called for a subtask
    that received no record."""
    SORT_PARTITION = "SortPartition"
    """All records, sorted."""
    AGGREGATE = "Aggregate"
    """The result of an aggregate function."""
    REDUCE = "Reduce"
    """All records reduced to one."""


@dataclass(frozen=True, kw_only=True)
class FullPartitionSpec(OperatorSpec):
    """An operation on whole partitions of bounded data.

    Args:
        partition_kind: what is done.
        function: the map partition, aggregate or reduce function; to sort, the position or name of
            the field to sort by, or a function that finds what to sort by.
        key_selector: finds the key; ``None`` if each subtask's records are one partition.
        is_descending: sort the largest first.
        output_type: the declared type of the results; ``None`` lets any object pass.

    Raises:
        ProgramError: the function does not fit the kind.
    """

    partition_kind: FullPartitionKind
    function: Any
    key_selector: Any = None
    is_descending: bool = False
    output_type: Any = None

    def __post_init__(self) -> None:
        match self.partition_kind:
            case FullPartitionKind.MAP_PARTITION:
                bind_method(self.function, "map_partition")
            case FullPartitionKind.SORT_PARTITION:
                bind_sort_key(self.function)
            case FullPartitionKind.AGGREGATE:
                check_aggregate_function(self.function)
            case FullPartitionKind.REDUCE:
                bind_reduce(self.function)

    @property
    def kind(self) -> str:
        return self.partition_kind.value

    @property
    def meaning(self) -> str:
        if isinstance(self.function, int | str):
            return str(self.function)
        return describe_function(self.function)

    def build(self) -> Operator:
        if self.key_selector is None:
            return SubtaskPartitionOperator(self)
        return KeyedPartitionOperator(self)

    @property
    def fold(self) -> Fold | None:
        """How records are folded as they come; ``None`` if all are kept."""
        match self.partition_kind:
            case FullPartitionKind.AGGREGATE:
                return AggregateFold(self.function)
            case FullPartitionKind.REDUCE:
                return ReduceFold(bind_reduce(self.function))
            case _:
                return None

    def make_panes(self, store: KeyedStore) -> Panes:
        """Where partitions of keys are kept."""
        fold = self.fold
        if fold is None:
            return ListPanes(store, "partition")
        return FoldedPanes(store, fold, "partition")

    def bind_call(self) -> Callable[[list[Any]], Iterable[Any] | None]:
        """The function from what is kept of a partition to its results."""
        match self.partition_kind:
            case FullPartitionKind.MAP_PARTITION:
                return bind_method(self.function, "map_partition")
            case FullPartitionKind.SORT_PARTITION:
                key, is_descending = bind_sort_key(self.function), self.is_descending
                return lambda values: sorted(values, key=key, reverse=is_descending)
            case _:
                return list


class PartitionOperator(RowOperator):
    """Base of the operators for both kinds of partitions."""

    def __init__(self, spec: FullPartitionSpec) -> None:
        super().__init__(spec.function, spec.output_type, (spec.key_selector,))
        self._spec = spec

    def open(self, context: OperatorContext, output: Output) -> None:
        super().open(context, output)
        self._call = self._spec.bind_call()

    def _results(self, contents: list[Any]) -> list[Any]:
        """The results of one partition."""
        found = self._call(contents)
        if found is None:
            return []
        try:
            results = list(found)
        except TypeError as error:
            raise_not_iterable(self.context.operator_name, "map_partition", found, error)
        if self._conversion is not None:
            convert, exact = self._conversion.convert, self._conversion.exact
            results = [r if type(r) is exact else convert(r) for r in results]
        return results


class KeyedPartitionOperator(PartitionOperator):
    """All records of a key are one partition."""

    def open(self, context: OperatorContext, output: Output) -> None:
        super().open(context, output)
        self._store = context.keyed_store
        self._panes = self._spec.make_panes(self._store)

    def process_batch(self, batch: Batch, input_index: int) -> None:
        assert isinstance(batch, RowBatch)
        groups: dict[Any, list[Any]] = {}
        key_of = self._key_of[0]
        assert key_of is not None
        for value, key in zip(batch.values, self.keys_of(batch.values, key_of)):
            rows = groups.get(key)
            if rows is None:
                groups[key] = [value]
            else:
                rows.append(value)
        self._panes.add_groups(None, groups)

    def finish(self) -> None:
        results: list[Any] = []
        for key, contents in self._panes.items(None):
            self._store.current_key = key
            results += self._results(contents)
        self._panes.drop(None)
        if results:
            self.output.emit(RowBatch(results))


class SubtaskPartitionOperator(PartitionOperator):
    """All records of a subtask are one partition."""

    def open(self, context: OperatorContext, output: Output) -> None:
        super().open(context, output)
        self._kept_items = context.operator_store.list_state("partition")
        self._fold = self._spec.fold
        self._folded: Any = ABSENT
        if self._fold is not None:
            for item in self._kept_items.get():
                is_first = self._folded is ABSENT
                self._folded = item if is_first else self._fold.combine(self._folded, item)

    def process_batch(self, batch: Batch, input_index: int) -> None:
        assert isinstance(batch, RowBatch)
        if self._fold is None:
            self._kept_items.add_all(batch.values)
        else:
            self._folded = self._fold.fold(self._folded, batch.values)

    def prepare_snapshot(self, barrier: Barrier) -> None:
        if self._fold is not None:
            self._kept_items.update([] if self._folded is ABSENT else [self._folded])

    def finish(self) -> None:
        contents: list[Any] = []
        if self._fold is None:
            contents = self._kept_items.get()
        elif self._folded is not ABSENT:
            contents = [self._fold.result(self._folded)]
        results = self._results(contents)
        self._kept_items.clear()
        self._folded = ABSENT
        if results:
            self.output.emit(RowBatch(results))


def bind_sort_key(field: Any) -> Callable[[Any], Any]:
    """Return the function that finds what to sort a record by; ``None`` sorts before all else.

    Args:
        field: a position, a name, or a function or key selector.

    Raises:
        ProgramError: it is not one of these.

    >>> sorted([(2, "b"), (None, "c"), (1, "a")], key=bind_sort_key(0))
    [(None, 'c'), (1, 'a'), (2, 'b')]
    """
    if isinstance(field, bool) or field is None:
        raise ProgramError(f"Sort by a field's position or name, or a function, found {field!r}.")
    if isinstance(field, int | str):

        def find(record: Any) -> Any:
            return _field_of(record, field)
    else:
        find = bind_method(field, "get_key")

    def sort_key(record: Any) -> tuple[bool, Any]:
        value = find(record)
        return (value is not None, value)

    return sort_key


def _field_of(record: Any, field: int | str) -> Any:
    if isinstance(field, int) or isinstance(record, Row | dict):
        return record[field]
    return getattr(record, field)
