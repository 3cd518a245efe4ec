"""Objects to bytes and back, by the names of their classes."""

from __future__ import annotations

import datetime as dt
import enum
import gc
import sys
import types
from collections import Counter, defaultdict, deque
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

import pytest

from flott.common.errors import RestoreError
from flott.state.class_lookup import find_living_class, is_importable
from flott.state.codec import Decoder, Encoder


@dataclass
class Point:
    x: int
    y: int = 0


class Pair(NamedTuple):
    left: int
    right: int


class Colour(enum.Enum):
    RED = 1


class Plain:
    def __init__(self, value: int) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Plain) and self.value == other.value


def through(value: Any) -> Any:
    encoder = Encoder()
    return Decoder(encoder.classes, "a test").loads(encoder.dumps(value))


@pytest.mark.parametrize(
    "value",
    [
        None,
        [1, 2.5, "é", b"x", (True, {3}), frozenset({4}), 2**200],
        {"k": {"n": [None]}},
        Point(1, 2),
        [Point(1), Pair(1, 2), Colour.RED, Plain(3)],
        Counter("aab"),
        defaultdict(list, a=[1]),
        deque([1, 2], maxlen=3),
        (dt.datetime(2024, 1, 2, tzinfo=dt.UTC), dt.date.min, dt.timedelta(1), Decimal("1.10")),
        ValueError("kept"),
        int,
        Point,
        sorted,
    ],
    ids=lambda value: type(value).__name__,  # no addresses: workers must agree on the ids
)
def test_values_come_back_as_they_were(value: Any) -> None:
    back = through(value)
    assert type(back) is type(value)
    assert back == value or repr(back) == repr(value)


def test_shared_objects_stay_shared() -> None:
    inner = [1]
    first, second = through([inner, inner])
    assert first is second


def test_functions_and_closures_come_back() -> None:
    offset = 10
    assert through([lambda n: n + offset])[0](1) == 11


def test_classes_defined_in_functions_are_found_among_the_living() -> None:
    @dataclass
    class Local:
        x: int

    class LocalPlain:
        pass

    class LocalColour(enum.Enum):
        BLUE = 2

    class LocalPair(NamedTuple):
        left: int

    local, plain, colour, pair, cls = through(
        [Local(1), LocalPlain(), LocalColour.BLUE, LocalPair(3), Local]
    )
    assert local == Local(1)
    assert type(plain) is LocalPlain
    assert colour is LocalColour.BLUE
    assert pair == LocalPair(3)
    assert type(pair) is LocalPair
    assert cls is Local


def test_the_youngest_class_of_a_name_is_found() -> None:
    def define() -> type:
        class Twin:
            pass

        return Twin

    older, younger = define(), define()
    assert older is not younger
    assert find_living_class(younger.__module__, younger.__qualname__) is younger


def test_a_class_of_the_main_module_is_found_in_a_process_with_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # In a worker the script's classes arrive with the plan; its __main__ is the worker's.
    script = type("OfScript", (), {"__module__": "__main__", "__qualname__": "OfScript"})
    assert not is_importable(script)
    monkeypatch.setattr(sys.modules["__main__"], "OfScript", script, raising=False)
    assert is_importable(script)
    encoded = Encoder().dumps([script()])
    monkeypatch.undo()
    (back,) = Decoder({}, "a test").loads(encoded)
    assert type(back) is script


def test_a_missing_class_is_named_with_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    module = types.ModuleType("vanishing")
    monkeypatch.setitem(sys.modules, "vanishing", module)
    exec("class Gone: pass", module.__dict__)
    encoded = Encoder().dumps(module.Gone())
    del module.Gone
    gc.collect()
    monkeypatch.undo()
    decoder = Decoder({}, "state 'counts' of operator Map")
    with pytest.raises(
        RestoreError, match=r"vanishing\.Gone in state 'counts' of operator Map.*no such class"
    ):
        decoder.loads(encoded)


def test_fields_of_dataclasses_are_noted() -> None:
    encoder = Encoder()
    encoder.dumps([Point(1), {"k": Point(2)}, Plain(3)])
    assert encoder.classes == {f"{__name__}:Point": ["x", "y"]}


def test_after_cloudpickle_was_needed_plain_values_still_work() -> None:
    encoder = Encoder()
    for value in (lambda: 1, [Point(1)], lambda: 2):
        encoded = encoder.dumps(value)
    assert Decoder(encoder.classes, "a test").loads(encoded)() == 2
    assert Decoder(encoder.classes, "a test").loads(encoder.dumps(Point(5))) == Point(5)


def test_what_cannot_be_pickled_raises() -> None:
    with pytest.raises(TypeError, match="generator"):
        Encoder().dumps([1, (n for n in ())])
