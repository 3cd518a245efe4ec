"""The suite for sinks, under the names of the tests."""

from flott.testing.connectors.sink_suite import Crash, Fuse, SinkJob
from flott.testing.connectors.sink_suite import check_sink as check_exactly_once

__all__ = ["Crash", "Fuse", "SinkJob", "check_exactly_once"]
