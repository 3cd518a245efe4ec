"""Dataclasses whose fields changed between writing and reading."""

from __future__ import annotations

import dataclasses
import sys
import types
from collections.abc import Callable
from typing import Any

import pytest

from flott.common.errors import RestoreError
from flott.state.codec import Decoder, Encoder

STYLES = {
    "plain": "@dataclass",
    "frozen": "@dataclass(frozen=True)",
    "slots": "@dataclass(slots=True)",
    "frozen slots": "@dataclass(frozen=True, slots=True)",
}

Define = Callable[[str], Any]


@pytest.fixture
def define(monkeypatch: pytest.MonkeyPatch) -> Define:
    """Makes a module with class ``Thing`` from source, anew each time: the edited program."""

    def make(source: str) -> Any:
        module = types.ModuleType("edited_program")
        monkeypatch.setitem(sys.modules, "edited_program", module)
        exec("from dataclasses import dataclass, field\n" + source, module.__dict__)
        return module.Thing  # type: ignore[attr-defined]

    return make


def evolve(define: Define, before: str, value: str, after: str) -> Any:
    define(before)
    encoder = Encoder()
    encoded = encoder.dumps(eval(value, sys.modules["edited_program"].__dict__))
    define(after)
    return Decoder(encoder.classes, "state 's' of operator Map").loads(encoded)


@pytest.fixture(params=STYLES.values(), ids=STYLES.keys())
def style(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_new_fields_get_their_defaults(define: Define, style: str) -> None:
    before = f"{style}\nclass Thing:\n x: int\n y: int"
    after = (
        f"{style}\nclass Thing:\n x: int\n new: int = 7\n"
        " many: list = field(default_factory=list)\n y: int = 0"
    )
    thing = evolve(define, before, "Thing(1, 2)", after)
    assert type(thing) is sys.modules["edited_program"].Thing  # type: ignore[attr-defined]
    assert dataclasses.asdict(thing) == {"x": 1, "new": 7, "many": [], "y": 2}


def test_removed_fields_are_left_out(define: Define, style: str) -> None:
    before = f"{style}\nclass Thing:\n x: int\n gone: int\n y: int"
    after = f"{style}\nclass Thing:\n y: int\n x: int"
    thing = evolve(define, before, "Thing(1, 9, 2)", after)
    assert dataclasses.asdict(thing) == {"y": 2, "x": 1}
    assert not hasattr(thing, "gone")


def test_a_class_that_had_no_fields_gets_some(define: Define, style: str) -> None:
    after = f"{style}\nclass Thing:\n x: int = 5"
    assert evolve(define, f"{style}\nclass Thing:\n pass", "Thing()", after).x == 5


def test_evolved_objects_are_equal_and_shared_as_before(define: Define, style: str) -> None:
    before = f"{style}\nclass Thing:\n x: int"
    after = f"{style}\nclass Thing:\n x: int\n y: int = 0"
    things = evolve(define, before, "[(t := Thing(1)), t, {'k': Thing(2)}]", after)
    assert things[0] is things[1]
    assert things[2]["k"] == sys.modules["edited_program"].Thing(2)  # type: ignore[attr-defined]


def test_mutable_defaults_are_not_shared_between_objects(define: Define, style: str) -> None:
    before = f"{style}\nclass Thing:\n x: int"
    after = f"{style}\nclass Thing:\n x: int\n y: list = field(default_factory=list)"
    first, second = evolve(define, before, "[Thing(1), Thing(2)]", after)
    assert first.y is not second.y


def test_a_new_field_without_default_is_named(define: Define, style: str) -> None:
    before = f"{style}\nclass Thing:\n x: int"
    after = f"{style}\nclass Thing:\n x: int\n y: int"
    with pytest.raises(RestoreError, match=r"edited_program\.Thing have no field 'y'.*default"):
        evolve(define, before, "Thing(1)", after)


def test_a_class_that_is_no_dataclass_any_more_is_left_to_pickle(define: Define) -> None:
    thing = evolve(define, "@dataclass\nclass Thing:\n x: int", "Thing(1)", "class Thing:\n y = 2")
    assert (thing.x, thing.y) == (1, 2)


def test_a_class_with_pickling_of_its_own_is_left_alone(define: Define) -> None:
    own = " def __setstate__(self, state):\n  self.__dict__.update(state, own=True)"
    before = f"@dataclass\nclass Thing:\n x: int\n{own}"
    after = f"@dataclass\nclass Thing:\n x: int\n y: int = 1\n{own}"
    assert evolve(define, before, "Thing(1)", after).own


def test_attributes_that_are_no_fields_are_kept(define: Define) -> None:
    before = (
        "@dataclass\nclass Thing:\n x: int\n def __post_init__(self):\n  self.cache = self.x * 2"
    )
    after = before.replace("x: int\n", "x: int\n y: int = 0\n")
    thing = evolve(define, before, "Thing(4)", after)
    assert (thing.cache, thing.y) == (8, 0)
