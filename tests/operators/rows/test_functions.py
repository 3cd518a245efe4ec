"""Binding functions and opening them."""

from __future__ import annotations

from typing import Any

import pytest

from flott.common.errors import ProgramError
from flott.operators.rows import MapSpec
from flott.operators.rows.functions import (
    bind_key_selector,
    bind_method,
    close_function,
    describe_function,
    has_lifecycle,
    open_function,
    raise_not_iterable,
)
from flott.operators.runtime_context import RuntimeContext
from tests.operators.harness import Harness


class Selector:
    """A key selector, and a callable besides."""

    def get_key(self, value: Any) -> Any:
        return value[0]

    def __call__(self, value: Any) -> Any:
        raise AssertionError("the method comes first")


def test_the_method_comes_before_the_call() -> None:
    assert bind_key_selector(Selector())("ab") == "a"


def test_a_plain_callable_will_do_unless_the_object_has_several_methods() -> None:
    assert bind_method(len, "map") is len
    with pytest.raises(ProgramError, match=r"Expected an object with the method map1\(\)"):
        bind_method(len, "map1", plain=False)


def test_a_class_is_not_its_object() -> None:
    with pytest.raises(ProgramError, match=r"found the class Selector. Write Selector\(\)"):
        bind_key_selector(Selector)


@pytest.mark.parametrize("function", [len, str, lambda value: value, Selector()])
def test_what_has_no_life_is_left_alone(function: Any) -> None:
    open_function(function, RuntimeContext(Harness(MapSpec(len)).context))
    close_function(function)
    assert not has_lifecycle(function)


def test_a_class_with_open_used_as_a_function_is_not_opened() -> None:
    class Record:
        def open(self, runtime_context: Any) -> None:
            raise AssertionError("a class is not opened")

    open_function(Record, RuntimeContext(Harness(MapSpec(len)).context))
    assert not has_lifecycle(Record)


@pytest.mark.parametrize(
    ("function", "name"),
    [
        (None, ""),
        (len, "builtins.len"),
        (Selector, "tests.operators.rows.test_functions.Selector"),
    ],
)
def test_a_name_is_the_same_in_every_run(function: Any, name: str) -> None:
    assert describe_function(function).endswith(name.rpartition("tests.")[2])


def test_an_object_is_named_by_its_class() -> None:
    assert describe_function(Selector()) == describe_function(Selector)


def test_only_what_is_no_iterable_is_explained() -> None:
    error = TypeError("the user's own")
    for results in (None, [], range(3), "text"):
        with pytest.raises(TypeError, match="the user's own"):
            raise_not_iterable("op", "map", results, error)
    with pytest.raises(ProgramError, match=r"map\(\) of operator 'op' gave 5"):
        raise_not_iterable("op", "map", 5, error)
