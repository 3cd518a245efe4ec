"""The operators of a task, wired to one another and to the routers.

Runs of row functions are fused into one loop (see ``fused``); everything else is called batch by
batch, directly, without a queue between.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from flott.common.options.pipeline import OBJECT_REUSE
from flott.core.batch import Batch
from flott.core.element import MAX_WATERMARK
from flott.core.operator import Operator
from flott.core.output import Output
from flott.plan.job_plan import ChainedOperator
from flott.runtime.task.context import TaskOperatorContext
from flott.runtime.task.fused import FusedSteps
from flott.runtime.task.isolation import separate, share
from flott.runtime.task.router import Router

#: Routers by the operator (position in the chain) and side output they read.
RoutersByOutput = dict[tuple[int, str | None], list[Router]]


class Consumer(Protocol):
    """Takes the output of an operator; ``records`` counts what it took."""

    @property
    def records(self) -> int: ...
    def emit(self, batch: Batch) -> None: ...
    def emit_watermark(self, timestamp: int) -> None: ...
    def emit_status(self, idle: bool) -> None: ...


class OperatorInput:
    """Feeds an operator that is not fused."""

    __slots__ = ("_operator", "records")

    def __init__(self, operator: Operator) -> None:
        self._operator = operator
        self.records = 0

    def emit(self, batch: Batch) -> None:
        self.records += batch.row_count
        self._operator.process_batch(batch, 0)

    def emit_watermark(self, timestamp: int) -> None:
        self._operator.process_watermark(timestamp)

    def emit_status(self, idle: bool) -> None:
        self._operator.process_status(idle)


class ChainOutput(Output):
    """The output of one operator: main consumers and those of its side outputs.

    The last watermark waits here until the operator has finished: what it emits at its end must
    not come too late for those behind it.
    """

    def __init__(
        self,
        main: Sequence[Consumer],
        sides: dict[str, list[Consumer]],
        separate: Callable[[Batch], Batch],
    ) -> None:
        self._separate = separate
        self._holds_last_watermark = False
        self.main = tuple(main)
        self.sides = sides
        self.consumers = (*main, *(consumer for group in sides.values() for consumer in group))
        if len(self.main) == 1:
            self.emit = self.main[0].emit  # type: ignore[method-assign]  # one call less a batch

    def emit(self, batch: Batch) -> None:
        assert batch.row_count > 0
        self._emit_to(self.main, batch)

    def emit_side(self, tag_id: str, batch: Batch) -> None:
        self._emit_to(self.sides.get(tag_id, ()), batch)

    def _emit_to(self, consumers: Sequence[Consumer], batch: Batch) -> None:
        # All copies before the first consumer runs, which may change its records.
        separated = [self._separate(batch) for _ in consumers[1:]]
        for consumer, mine in zip(consumers, (*separated, batch), strict=False):
            consumer.emit(mine)

    def emit_watermark(self, timestamp: int) -> None:
        if timestamp == MAX_WATERMARK:
            self._holds_last_watermark = True
            return
        for consumer in self.consumers:
            consumer.emit_watermark(timestamp)

    def release_last_watermark(self) -> None:
        """The operator has finished."""
        if self._holds_last_watermark:
            self._holds_last_watermark = False
            for consumer in self.consumers:
                consumer.emit_watermark(MAX_WATERMARK)

    def emit_status(self, idle: bool) -> None:
        for consumer in self.consumers:
            consumer.emit_status(idle)


class Stage(NamedTuple):
    """Operators that count together: one, or a run of row functions that were fused.

    Attributes:
        positions: Where they stand in the chain, upstream first.
        consumer: What takes their input.
        consumers: What takes their output; empty for a sink.
    """

    positions: tuple[int, ...]
    consumer: Consumer
    consumers: tuple[Consumer, ...]

    @property
    def records_out(self) -> int:
        """Records that came out, as far as anybody takes them."""
        return max((each.records for each in self.consumers), default=0)


class Chain:
    """The opened operators of a task, in the order of the plan."""

    def __init__(
        self,
        plan: Sequence[ChainedOperator],
        contexts: Sequence[TaskOperatorContext],
        routers: RoutersByOutput,
    ) -> None:
        assert len(plan) == len(contexts) > 0
        self.plan = tuple(plan)
        self.contexts = tuple(contexts)
        self.operators = tuple(operator.spec.build() for operator in plan)
        self._routers = routers
        reuse = contexts[0].configuration.get(OBJECT_REUSE)
        self._separate: Callable[[Batch], Batch] = share if reuse else separate
        self._inputs: list[Consumer | None] = [None] * len(plan)
        self._outputs: list[ChainOutput | None] = [None] * len(plan)

    def open(self) -> None:
        """Open operators, receivers before senders."""
        for position in reversed(range(len(self.operators))):
            operator, output = self.operators[position], self._output_of(position)
            operator.open(self.contexts[position], output)
            self._inputs[position] = _input_of(operator, output)
            self._outputs[position] = output

    @property
    def head(self) -> Operator:
        """The first operator."""
        return self.operators[0]

    @property
    def entry(self) -> Consumer:
        """Where batches of a task with one input go in."""
        entry = self._inputs[0]
        assert entry is not None, "the chain is not open"
        return entry

    def finish(self, position: int) -> None:
        """End an operator, and pass on the last watermark behind what it emits."""
        self.operators[position].finish()
        output = self._outputs[position]
        assert output is not None, "the chain is not open"
        output.release_last_watermark()

    def stages(self) -> list[Stage]:
        """What counts by itself, upstream first."""
        stages: list[Stage] = []
        absorbed: set[int] = set()
        for position, consumer in enumerate(self._inputs):
            assert consumer is not None, "the chain is not open"
            if position in absorbed:
                continue
            run = [position]
            if isinstance(consumer, FusedSteps):
                run = [self.operators.index(operator) for operator in consumer.operators]
                absorbed.update(run)
            output = self._outputs[run[-1]]
            assert output is not None
            stages.append(Stage(tuple(run), consumer, output.consumers))
        return stages

    def close(self) -> list[BaseException]:
        """Close every operator; what went wrong while doing so."""
        errors: list[BaseException] = []
        for operator in self.operators:
            try:
                operator.close()
            except Exception as error:  # closing goes on, whatever one operator does
                errors.append(error)
        return errors

    def _output_of(self, position: int) -> ChainOutput:
        main: list[Consumer] = list(self._routers.get((position, None), ()))
        sides: dict[str, list[Consumer]] = {}
        for (source, tag), routers in self._routers.items():
            if source == position and tag is not None:
                sides.setdefault(tag, []).extend(routers)
        for child, operator in enumerate(self.plan):
            if operator.parent == position and child != position:
                consumer = self._inputs[child]
                assert consumer is not None, "a chain lists parents before children"
                target = (
                    main if operator.side_tag is None else sides.setdefault(operator.side_tag, [])
                )
                target.append(consumer)
        return ChainOutput(main, sides, self._separate)


def _input_of(operator: Operator, output: ChainOutput) -> Consumer:
    step = operator.row_step()
    if step is None:
        return OperatorInput(operator)
    if len(output.main) == 1 and not output.sides and isinstance(output.main[0], FusedSteps):
        following = output.main[0]
        return FusedSteps(
            (operator, *following.operators), (step, *following.steps), following.output
        )
    return FusedSteps((operator,), (step,), output)
