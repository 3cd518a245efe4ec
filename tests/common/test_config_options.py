"""Options know how to read their values, and say which option a wrong value was meant for."""

from typing import Any

import pytest

from flott.common import ConfigOption, ConfigOptions, Duration
from flott.common.config_options import OptionType
from flott.common.errors import ConfigurationError
from flott.common.memory_size import MemorySize


@pytest.mark.parametrize(
    ("builder", "text", "value"),
    [
        ("boolean_type", "true", True),
        ("int_type", "7", 7),
        ("long_type", "7000000000", 7_000_000_000),
        ("float_type", "0.5", 0.5),
        ("double_type", "0.5", 0.5),
        ("string_type", "a", "a"),
        ("duration_type", "1 s", Duration.of_seconds(1)),
        ("memory_type", "1 kb", MemorySize(1024)),
        ("list_type", "a;b", ["a", "b"]),
        ("map_type", "a:1", {"a": "1"}),
    ],
)
def test_built_options_read_text_and_defaults(builder: str, text: str, value: Any) -> None:
    option = getattr(ConfigOptions.key("mine"), builder)().default_value(value)
    assert option.parse(text) == option.default == value
    assert getattr(ConfigOptions.key("mine"), builder)().no_default_value().default is None


def test_built_enum_option() -> None:
    option = ConfigOptions.key("mode").enum_type(("fast", "slow")).default_value("fast")
    assert option.parse("SLOW") == "slow"


def test_key_must_be_given() -> None:
    for key in ("", None):
        with pytest.raises(ValueError, match="needs a key"):
            ConfigOptions.key(key)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("option", "value", "text"),
    [
        (ConfigOption("a.b", OptionType.INT), "x", "Option 'a.b': Expected a whole number"),
        (ConfigOption("a.b", OptionType.INT), 2**31, "Option 'a.b': .*from -2147483648"),
        (ConfigOption("a.b", OptionType.INT, least=1), 0, "at least 1, found 0"),
        (ConfigOption("a.b", OptionType.DURATION, least="1 ms"), "0 s", "at least 1 ms"),
        (ConfigOption("a.b", OptionType.ENUM, choices=("x",)), "y", "Option 'a.b': .*one of x"),
    ],
)
def test_wrong_values_name_the_option(option: ConfigOption[Any], value: Any, text: str) -> None:
    with pytest.raises(ConfigurationError, match=text) as info:
        option.parse(value)
    assert info.value.key == "a.b"


def test_equality_and_repr() -> None:
    first = ConfigOption("a", OptionType.DURATION, "1 s", "words")
    same = first.with_description("other words")
    assert first == same
    assert hash(first) == hash(same)
    assert same.description == "other words"
    assert first != ConfigOption("a", OptionType.DURATION, "2 s")
    assert first != "a"
    assert repr(first) == "ConfigOption('a', Duration, default 1 s)"
    assert repr(ConfigOption("a")) == "ConfigOption('a', String)"


def test_keys_in_the_order_they_are_asked() -> None:
    option = ConfigOption("new", fallback_keys=("other",), deprecated_keys=("old",))
    assert list(option.all_keys()) == ["new", "other", "old"]
