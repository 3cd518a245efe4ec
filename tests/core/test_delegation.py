"""Operators and contexts that wrap others pass on whatever the contract has."""

from __future__ import annotations

from dataclasses import dataclass
from inspect import signature
from typing import Any

import pytest

from flott.core.context import OperatorContext
from flott.core.delegation import (
    DelegatingContext,
    DelegatingOperator,
    DelegatingSourceOperator,
    DelegatingSpec,
)
from flott.core.operator import Operator, OperatorSpec, SourceOperator

#: A row function would bypass what is overridden.
NOT_PASSED_ON = {"row_step"}


def methods_of(contract: type) -> set[str]:
    return {
        name
        for name, value in vars(contract).items()
        if callable(value) and not name.startswith("_") and name not in NOT_PASSED_ON
    }


class Recording:
    """Takes any call and remembers it."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, tuple[Any, ...]]] = []

    def __getattr__(self, name: str) -> Any:
        return lambda *args: self.calls.append((name, args)) or f"answer of {name}"


CASES = [
    *((DelegatingOperator, name) for name in sorted(methods_of(Operator))),
    *((DelegatingSourceOperator, name) for name in sorted(methods_of(SourceOperator))),
    *((DelegatingContext, name) for name in sorted(methods_of(OperatorContext))),
]


@pytest.mark.parametrize(("stand_in", "name"), CASES)
def test_every_call_is_passed_on_with_its_arguments_and_its_answer(
    stand_in: type, name: str
) -> None:
    inner = Recording()
    method = getattr(stand_in(inner), name)
    arguments = tuple(signature(method).parameters)
    answers = signature(method).return_annotation != "None"
    assert method(*arguments) == (f"answer of {name}" if answers else None)
    assert inner.calls == [(name, arguments)]


def test_what_a_source_has_reached_is_that_of_the_inner_one() -> None:
    class Inner:
        records_read = 7
        alignment_progress = ("group", 5)

    outer: Any = DelegatingSourceOperator(Inner())  # type: ignore[arg-type]
    assert (outer.records_read, outer.alignment_progress) == (7, ("group", 5))


def test_attributes_of_a_context_are_those_of_the_outer_one() -> None:
    class Outer:
        keyed_store = "keyed"
        operator_store = "operator"

    outer: Any = Outer()
    for name in OperatorContext.__annotations__:
        setattr(outer, name, f"the {name}")
    inner = DelegatingContext(outer)
    assert (inner.keyed_store, inner.operator_store) == ("keyed", "operator")
    for name in OperatorContext.__annotations__:
        assert getattr(inner, name) == f"the {name}"


@dataclass(frozen=True)
class _Inner(OperatorSpec):
    def build(self) -> Operator:
        raise NotImplementedError

    @property
    def meaning(self) -> str:
        return "what it means"

    @property
    def is_stateless(self) -> bool:
        return True


class _Outer(DelegatingSpec):
    def build(self) -> Operator:
        return DelegatingOperator(self.inner.build())


def test_a_spec_is_named_as_the_one_it_stands_for() -> None:
    spec = _Outer(_Inner())
    assert (spec.kind, spec.meaning, spec.is_stateless) == ("_Inner", "what it means", True)
