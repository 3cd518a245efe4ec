"""Addresses of topics."""

import pytest

from flott.cli.peeking.address import find_silent, parse_address
from flott.common.errors import ConfigurationError


def test_a_topic_may_have_any_name_and_several_servers() -> None:
    assert parse_address("kafka://a:1,b/x%2Fy.z") == ("a:1,b:9092", "x/y.z")


@pytest.mark.parametrize("path", ["orders.csv", "/data/orders", "file:///data/orders"])
def test_paths_are_no_topics(path: str) -> None:
    assert parse_address(path) is None


@pytest.mark.parametrize("text", ["kafka://a:1", "kafka:///x", "http://a/b", "kafka://u:p@a/x"])
def test_what_is_neither_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match="kafka://HOST:PORT/TOPIC"):
        parse_address(text)


def test_a_server_without_a_number_is_named() -> None:
    assert "nowhere" in (find_silent("nowhere", 0.1) or "")
