"""Memory sizes are numbers of bytes, seen in units of 1024."""

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flott.common.errors import ConfigurationError
from flott.common.memory_size import MemorySize


def test_units() -> None:
    size = MemorySize.of_mebi_bytes(3 << 20)
    assert size.get_bytes() == 3 << 40
    assert size.get_kibi_bytes() == 3 << 30
    assert size.get_mebi_bytes() == 3 << 20
    assert size.get_gibi_bytes() == 3 << 10
    assert size.get_tebi_bytes() == 3


@given(st.integers(0, 1 << 50))
def test_text_reads_back(number: int) -> None:
    assert MemorySize.parse(str(MemorySize(number))) == MemorySize(number)


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0 bytes"), (1, "1 bytes"), (1024, "1 kb"), (64 << 20, "64 mb")]
)
def test_text_uses_the_largest_whole_unit(number: int, text: str) -> None:
    assert str(MemorySize(number)) == text


def test_comparison() -> None:
    assert MemorySize(1) < MemorySize(2) <= MemorySize(2)
    assert hash(MemorySize(2)) == hash(MemorySize(2))
    assert MemorySize(2) != 2
    assert pickle.loads(pickle.dumps(MemorySize(2))) == MemorySize(2)
    assert repr(MemorySize(2)) == "MemorySize(2)"
    with pytest.raises(TypeError):
        assert MemorySize(1) < 2  # type: ignore[operator]


@pytest.mark.parametrize(
    ("value", "error"), [(-1, ValueError), (1.5, TypeError), (True, TypeError)]
)
def test_what_is_no_size(value: object, error: type[Exception]) -> None:
    with pytest.raises(error):
        MemorySize(value)  # type: ignore[arg-type]


def test_unreadable_size() -> None:
    with pytest.raises(ConfigurationError, match="64 mb"):
        MemorySize.parse("much")


def test_java_size_is_refused() -> None:
    with pytest.raises(NotImplementedError, match="without a JVM"):
        MemorySize(1).get_java_memory_size()
