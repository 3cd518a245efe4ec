"""A configuration holds what it is given, reads it as asked, and finds misspelt keys."""

import copy
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flott.common import ConfigOption, ConfigOptions, Configuration, Duration
from flott.common.config_options import OptionType
from flott.common.errors import ConfigurationError, UnknownOptionError
from flott.common.options.checkpointing import CHECKPOINTING_INTERVAL, CHECKPOINTS_DIRECTORY
from flott.common.options.flott import SOURCE_ON_ERROR


def test_typed_getters_and_setters() -> None:
    configuration = Configuration()
    configuration.set_string("s", "v").set_integer("i", 2**40).set_boolean("b", True)
    configuration.set_float("f", 0.5).set_bytearray("y", bytearray(b"ab"))
    assert configuration.get_string("s", "x") == "v"
    assert configuration.get_integer("i", 0) == 2**40
    assert configuration.get_boolean("b", False) is True
    assert configuration.get_float("f", 0) == 0.5
    assert configuration.get_bytearray("y", bytearray()) == bytearray(b"ab")


def test_defaults() -> None:
    configuration = Configuration()
    assert configuration.get_string("s", "x") == "x"
    assert configuration.get_integer("i", 7) == 7
    assert configuration.get_boolean("b", True) is True
    assert configuration.get_float("f", 1) == 1.0
    assert configuration.get_bytearray("y", bytearray(b"z")) == bytearray(b"z")


def test_values_are_read_from_text_and_given_as_text() -> None:
    configuration = Configuration.from_dict({"i": "7", "b": "true", "f": "0.5"})
    assert configuration.get_integer("i", 0) == 7
    assert configuration.get_boolean("b", False) is True
    assert configuration.get_float("f", 0.0) == 0.5
    assert Configuration().set_integer("i", 7).get_string("i", "") == "7"
    assert Configuration().set_string("i", 7).get_string("i", "") == "7"  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("getter", "default"),
    [("get_integer", 0), ("get_boolean", False), ("get_float", 0.0), ("get_bytearray", b"")],
)
def test_unreadable_values_name_their_key(getter: str, default: object) -> None:
    configuration = Configuration().set_string("a.b", "x")
    with pytest.raises(ConfigurationError, match=r"Option 'a\.b': Expected"):
        getattr(configuration, getter)("a.b", default)


@pytest.mark.parametrize(
    ("setter", "value"),
    [("set_integer", "x"), ("set_boolean", "maybe"), ("set_float", "x"), ("set_bytearray", "x")],
)
def test_wrong_values_are_refused_at_once(setter: str, value: object) -> None:
    with pytest.raises(ConfigurationError, match=r"Option 'a\.b'"):
        getattr(Configuration(), setter)("a.b", value)


def test_keys_and_values_must_be_given() -> None:
    with pytest.raises(ConfigurationError, match="cannot be set to None"):
        Configuration.from_dict({"a": None})
    with pytest.raises(ValueError, match="not empty"):
        Configuration().set_string("", "x")


def test_options_are_read_with_type_and_default() -> None:
    option = ConfigOptions.key("retries").int_type().default_value(3)
    configuration = Configuration()
    assert configuration.get(option) == 3
    assert configuration.get(option, 5) == 5
    assert not configuration.contains(option)
    assert configuration.set(option, "7").get(option) == 7
    assert configuration.contains(option)
    assert configuration.set(option, None).get(option) == 3


def test_former_keys_are_read_and_replaced() -> None:
    configuration = Configuration.from_dict({"state.checkpoints.dir": "/old"})
    assert configuration.get(CHECKPOINTS_DIRECTORY) == "/old"
    assert configuration.contains(CHECKPOINTS_DIRECTORY)
    configuration.set(CHECKPOINTS_DIRECTORY, "/new")
    assert configuration.to_dict() == {"execution.checkpointing.dir": "/new"}


def test_the_right_key_wins_over_former_ones() -> None:
    option: ConfigOption[str] = ConfigOption(
        "new", OptionType.STRING, fallback_keys=("other",), deprecated_keys=("old",)
    )
    configuration = Configuration.from_dict({"old": "1"})
    assert configuration.get(option) == "1"
    assert configuration.set_string("other", "2").get(option) == "2"
    assert configuration.set_string("new", "3").get(option) == "3"


def test_a_wrong_value_of_an_option_names_it() -> None:
    configuration = Configuration.from_dict({"execution.checkpointing.interval": "soon"})
    with pytest.raises(ConfigurationError, match=r"'execution\.checkpointing\.interval'"):
        configuration.get(CHECKPOINTING_INTERVAL)


def test_keys() -> None:
    configuration = Configuration.from_dict({"a": "1", "b": "2"})
    assert configuration.key_set() == {"a", "b"}
    assert configuration.contains_key("a")
    assert configuration.remove_config("a")
    assert not configuration.remove_config("a")
    assert configuration.to_dict() == {"b": "2"}


def test_adding_another_configuration() -> None:
    configuration = Configuration.from_dict({"a": "1"})
    configuration.add_all(Configuration.from_dict({"a": "2"}))
    configuration.add_all(Configuration.from_dict({"a": "3"}), "p.")
    assert configuration.to_dict() == {"a": "2", "p.a": "3"}


def test_a_dict_receives_values_of_the_types_that_were_set() -> None:
    target = {"x": "y"}
    Configuration.from_dict({"a": "2"}).set_integer("n", 5).add_all_to_dict(target)
    assert target == {"x": "y", "a": "2", "n": 5}


def test_copies_are_independent() -> None:
    original = Configuration.from_dict({"a": "1"})
    copies = [Configuration(original), copy.copy(original), copy.deepcopy(original),
              pickle.loads(pickle.dumps(original))]  # fmt: skip
    original.set_string("a", "2")
    assert all(each.to_dict() == {"a": "1"} for each in copies)


def test_equality_goes_by_text() -> None:
    first = Configuration().set_string("k1", "v1").set_integer("k2", 1)
    second = Configuration().set_integer("k2", 1).set_string("k1", "v1")
    assert first == second
    assert hash(first) == hash(second)
    assert first == Configuration.from_dict({"k1": "v1", "k2": "1"})
    assert first != Configuration()
    assert first != {"k1": "v1", "k2": "1"}


def test_printed_form_hides_secrets() -> None:
    configuration = Configuration.from_dict({"k1": "v1", "my.password": "hunter2"})
    assert str(configuration) == "{k1=v1, my.password=******}"
    assert "hunter2" not in repr(configuration)


def test_lists_as_text() -> None:
    assert Configuration.parse_list_value("") == []
    assert Configuration.parse_list_value("a;b") == ["a", "b"]


def test_a_sound_configuration_needs_no_words() -> None:
    configuration = Configuration.from_dict({"parallelism.default": "4", "flott.strict": "true"})
    assert configuration.validate() == []


@pytest.mark.parametrize(
    ("key", "nearest"),
    [
        ("paralelism.default", "parallelism.default"),
        ("execution.checkpointing.intervall", "execution.checkpointing.interval"),
        ("flott.source.onerror", "flott.source.on-error"),
        ("restart-strategy.typ", "restart-strategy.type"),
    ],
)
def test_misspelt_keys_are_refused_with_the_nearest(key: str, nearest: str) -> None:
    with pytest.raises(UnknownOptionError, match=f"Did you mean '{nearest}'") as info:
        Configuration.from_dict({key: "1"}).validate()
    assert (info.value.key, info.value.nearest) == (key, nearest)


def test_own_parameters_do_not_belong_on_the_top_level() -> None:
    with pytest.raises(UnknownOptionError, match=r"pipeline\.global-job-parameters"):
        Configuration.from_dict({"greeting": "hello"}).validate()


def test_wrong_values_are_refused_before_the_job_starts() -> None:
    with pytest.raises(ConfigurationError, match="one of fail, skip, dead-letter"):
        Configuration.from_dict({SOURCE_ON_ERROR.key: "ignore"}).validate()


@pytest.mark.parametrize(
    ("key", "value", "note"),
    [
        ("pipeline.force-avro", "true", "'pipeline.force-avro' has no effect: "),
        ("taskmanager.memory.managed.fraction", "0.4", "' has no effect: "),
        ("python.fn-execution.bundle.size", "1", "there is no bridge to tune"),
        ("state.checkpoints.dir", "/x", "former key; write 'execution.checkpointing.dir'"),
    ],
)
def test_what_the_user_should_hear(key: str, value: str, note: str) -> None:
    (found,) = Configuration.from_dict({key: value}).validate()
    assert note in found


@given(st.dictionaries(st.text(min_size=1), st.text() | st.integers() | st.booleans()))
def test_a_configuration_is_a_dict_of_text(entries: dict[str, str | int | bool]) -> None:
    configuration = Configuration.from_dict(entries)
    again = Configuration.from_dict(configuration.to_dict())
    assert again == configuration
    assert again.key_set() == set(entries)


def test_objects_are_kept_as_objects() -> None:
    configuration = Configuration().set(CHECKPOINTING_INTERVAL, Duration.of_seconds(1))
    assert configuration.to_dict() == {"execution.checkpointing.interval": "1 s"}
