"""The operators of a task, wired to one another and to the routers.

Runs of row functions are fused into one loop (see ``fused``); everything else is called batch by
batch, directly, without a queue between.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from flott.core.batch import Batch
from flott.core.operator import Operator
from flott.core.output import Output
from flott.plan.job_plan import ChainedOperator
from flott.runtime.task.context import TaskOperatorContext
from flott.runtime.task.fused import FusedSteps
from flott.runtime.task.router import Router

#: Routers by the operator (position in the chain) and side output they read.
RoutersByOutput = dict[tuple[int, str | None], list[Router]]


class Consumer(Protocol):
    """Takes the output of an operator."""

    def emit(self, batch: Batch) -> None: ...
    def emit_watermark(self, timestamp: int) -> None: ...
    def emit_status(self, idle: bool) -> None: ...


class OperatorInput:
    """Feeds an operator that is not fused."""

    __slots__ = ("_operator",)

    def __init__(self, operator: Operator) -> None:
        self._operator = operator

    def emit(self, batch: Batch) -> None:
        self._operator.process_batch(batch, 0)

    def emit_watermark(self, timestamp: int) -> None:
        self._operator.process_watermark(timestamp)

    def emit_status(self, idle: bool) -> None:
        self._operator.process_status(idle)


class ChainOutput(Output):
    """The output of one operator: main consumers and those of its side outputs."""

    def __init__(self, main: Sequence[Consumer], sides: dict[str, list[Consumer]]) -> None:
        self.main = tuple(main)
        self.sides = sides
        self._all = (*main, *(consumer for group in sides.values() for consumer in group))
        if len(self.main) == 1:
            self.emit = self.main[0].emit  # type: ignore[method-assign]  # one call less a batch

    def emit(self, batch: Batch) -> None:
        assert batch.row_count > 0
        for consumer in self.main:
            consumer.emit(batch)

    def emit_side(self, tag_id: str, batch: Batch) -> None:
        for consumer in self.sides.get(tag_id, ()):
            consumer.emit(batch)

    def emit_watermark(self, timestamp: int) -> None:
        for consumer in self._all:
            consumer.emit_watermark(timestamp)

    def emit_status(self, idle: bool) -> None:
        for consumer in self._all:
            consumer.emit_status(idle)


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
        self._inputs: list[Consumer | None] = [None] * len(plan)

    def open(self) -> None:
        """Open operators, receivers before senders."""
        for position in reversed(range(len(self.operators))):
            operator, output = self.operators[position], self._output_of(position)
            operator.open(self.contexts[position], output)
            self._inputs[position] = _input_of(operator, output)

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
        return ChainOutput(main, sides)


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
