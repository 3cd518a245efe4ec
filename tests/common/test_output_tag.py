"""Side outputs are known by their name and may carry a type."""

import pickle
from typing import Any

import pytest

from flott.common import Types
from flott.common.output_tag import OutputTag


@pytest.mark.parametrize(
    ("type_info", "text"),
    [
        (None, "PickledByteArrayTypeInfo"),
        (Types.TUPLE([Types.STRING(), Types.LONG()]), "TupleTypeInfo(String, Long)"),
        ([Types.STRING(), Types.LONG()], "RowTypeInfo(String, Long)"),
        (int, "Long"),
    ],
)
def test_types(type_info: Any, text: str) -> None:
    assert repr(OutputTag("side", type_info)) == f"OutputTag('side', {text})"


def test_tags_are_the_same_by_name() -> None:
    assert OutputTag("a", int) == OutputTag("a", str)
    assert hash(OutputTag("a", int)) == hash(OutputTag("a", str))
    assert OutputTag("a") != OutputTag("b")
    assert OutputTag("a") != "a"


def test_pickling() -> None:
    again = pickle.loads(pickle.dumps(OutputTag("a", int)))
    assert again == OutputTag("a")
    assert again.type_info == Types.LONG()


@pytest.mark.parametrize("name", ["", None, 7])
def test_a_tag_needs_a_name(name: Any) -> None:
    with pytest.raises(ValueError, match="must be a string that is not empty"):
        OutputTag(name)


def test_a_type_must_be_one() -> None:
    with pytest.raises(TypeError, match="Expected a type"):
        OutputTag("a", 7)


def test_java_tag_is_refused() -> None:
    with pytest.raises(NotImplementedError, match="without a JVM"):
        OutputTag("a").get_java_output_tag()
