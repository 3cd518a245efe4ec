"""Values of options are read from text or objects, and written so that they read back."""

import datetime
import enum
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flott.common import Duration, Time
from flott.common import option_values as values
from flott.common.checkpointing import CheckpointingMode
from flott.common.errors import ConfigurationError
from flott.common.memory_size import MemorySize


@pytest.mark.parametrize(
    ("given_value", "milliseconds"),
    [
        ("200 ms", 200),
        ("200ms", 200),
        (" 1 s ", 1000),
        ("1 SEC", 1000),
        ("10 min", 600_000),
        ("10 m", 600_000),
        ("2 hours", 7_200_000),
        ("1d", 86_400_000),
        ("1500", 1500),
        (1500, 1500),
        ("1000000 ns", 1),
        ("1000 µs", 1),
        ("PT1M30S", 90_000),
        ("PT0.5S", 500),
        ("P1DT1H", 90_000_000),
        (Duration.of_seconds(1), 1000),
        (Time.seconds(1), 1000),
        (datetime.timedelta(seconds=1), 1000),
    ],
)
def test_durations(given_value: Any, milliseconds: int) -> None:
    assert values.parse_duration(given_value).to_millis() == milliseconds


@pytest.mark.parametrize(
    ("given_value", "number"),
    [("1", 1), ("64 mb", 64 << 20), ("64m", 64 << 20), ("1 GB", 1 << 30), ("2 tebibytes", 2 << 40),
     ("3k", 3072), (4096, 4096), (MemorySize(5), 5)],
)  # fmt: skip
def test_memory_sizes(given_value: Any, number: int) -> None:
    assert values.parse_memory_size(given_value).get_bytes() == number


@pytest.mark.parametrize(
    ("parse", "given_value", "expected"),
    [
        (values.parse_bool, " TRUE ", True),
        (values.parse_bool, False, False),
        (values.parse_int, " +7 ", 7),
        (values.parse_int, 7.0, 7),
        (values.parse_float, "0.5", 0.5),
        (values.parse_float, 1, 1.0),
        (values.parse_string, 5, "5"),
        (values.parse_string, True, "true"),
        (values.parse_bytes, b"ab", bytearray(b"ab")),
        (values.parse_list, "", []),
        (values.parse_list, "a; b;;c", ["a", "b", "c"]),
        (values.parse_list, "'a;b';\"c\"", ["a;b", "c"]),
        (values.parse_list, "[a, 'b, c']", ["a", "b, c"]),
        (values.parse_list, ("a", 1), ["a", "1"]),
        (values.parse_map, "", {}),
        (values.parse_map, "a:1, b:2", {"a": "1", "b": "2"}),
        (values.parse_map, "{a: 1, b: 'x:y,z'}", {"a": "1", "b": "x:y,z"}),
        (values.parse_map, "path:hdfs://host/x", {"path": "hdfs://host/x"}),
        (values.parse_map, "it:'it''s'", {"it": "it's"}),
        (values.parse_map, {"a": 1}, {"a": "1"}),
    ],
)
def test_other_values(parse: Callable[[Any], Any], given_value: Any, expected: Any) -> None:
    assert values.format_value(parse(given_value)) == values.format_value(expected)
    assert parse(given_value) == expected


@pytest.mark.parametrize(
    ("parse", "given_value", "text"),
    [
        (values.parse_duration, "1 fortnight", "such as '1 s'"),
        (values.parse_duration, "s", "such as '1 s'"),
        (values.parse_duration, "P", "such as '1 s'"),
        (values.parse_duration, True, "found True"),
        (values.parse_duration, 1.5, "found 1.5"),
        (values.parse_memory_size, "64 miles", "'64 mb'"),
        (values.parse_memory_size, "-1 kb", "'64 mb'"),
        (values.parse_memory_size, -1, "'64 mb'"),
        (values.parse_bool, "yes", "true or false, found 'yes'"),
        (values.parse_bool, 1, "true or false"),
        (values.parse_int, "4.5", "whole number, found '4.5'"),
        (values.parse_int, 4.5, "whole number"),
        (values.parse_int, True, "whole number"),
        (values.parse_int, 2**63, "from -9223372036854775808"),
        (values.parse_float, "much", "number, found 'much'"),
        (values.parse_float, True, "number"),
        (values.parse_bytes, "ab", "byte array"),
        (values.parse_list, 7, "'a;b;c'"),
        (values.parse_map, "a", "'key:value' within a map, found 'a'"),
        (values.parse_map, 7, "'key:value,key:value'"),
    ],
)
def test_unreadable_values(parse: Callable[[Any], Any], given_value: Any, text: str) -> None:
    with pytest.raises(ConfigurationError, match=text):
        parse(given_value)


@pytest.mark.parametrize(
    "word", ["EXACTLY_ONCE", "exactly-once", " Exactly_Once ", CheckpointingMode.EXACTLY_ONCE]
)
def test_words_of_an_enum(word: Any) -> None:
    assert values.parse_enum(word, CheckpointingMode) is CheckpointingMode.EXACTLY_ONCE
    assert values.parse_enum(word, ("EXACTLY_ONCE",)) == "EXACTLY_ONCE"


def test_an_unknown_word_lists_the_known_ones() -> None:
    with pytest.raises(ConfigurationError, match="one of fail, skip, found 'stop'"):
        values.parse_enum("stop", ("fail", "skip"))


class Colour(enum.Enum):
    RED = 1


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "true"),
        (Duration.of_millis(1500), "1500 ms"),
        (Duration.of_nanos(0), "0 ms"),
        (Duration.of_nanos(7), "7 ns"),
        (Duration.of_days(2), "2 d"),
        (MemorySize(64 << 20), "64 mb"),
        (Colour.RED, "RED"),
        (["a", "b;c"], "a;'b;c'"),
        ({"a": 1}, "a:1"),
        (b"\x01\xff", "01ff"),
        (0.5, "0.5"),
    ],
)
def test_written_form(value: Any, text: str) -> None:
    assert values.format_value(value) == text


@given(st.integers(-(10**18), 10**18))
def test_durations_read_back(nanos: int) -> None:
    duration = Duration.of_nanos(nanos)
    assert values.parse_duration(values.format_value(duration)) == duration


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)


@given(st.lists(texts))
def test_lists_read_back(parts: list[str]) -> None:
    assert values.parse_list(values.format_value(parts)) == parts


@given(st.dictionaries(texts, texts))
def test_maps_read_back(entries: dict[str, str]) -> None:
    assert values.parse_map(values.format_value(entries)) == entries
