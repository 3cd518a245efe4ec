"""Metrics of user functions and of the engine; mirrors ``pyflink.metrics``.

A function gets its group from ``RuntimeContext.get_metrics_group()``.
"""

from __future__ import annotations

from flott.metrics.metricbase import Counter, Distribution, Gauge, Meter, Metric, MetricGroup

__all__ = ["Counter", "Distribution", "Gauge", "Meter", "Metric", "MetricGroup"]
