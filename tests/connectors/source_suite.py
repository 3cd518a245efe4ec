"""The suite for sources, under the names of the tests."""

from flott.testing.connectors.source_suite import SourceJob, rows_of
from flott.testing.connectors.source_suite import check_source as check_exactly_once
from flott.testing.connectors.source_suite import run_steps as draw_run

__all__ = ["SourceJob", "check_exactly_once", "draw_run", "rows_of"]
