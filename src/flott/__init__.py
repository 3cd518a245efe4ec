"""Flott: a stream processor for Python.

Event time, keyed state and exactly-once in the words of Apache Flink, without a JVM. This package
itself imports nothing: take what you need from `flott.common`, `flott.datastream`, `flott.table`.
"""

__version__ = "0.1.0"
