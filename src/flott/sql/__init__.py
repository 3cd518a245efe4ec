"""Flink SQL: from text to a plan of columnar operators.

text -> ``dialect`` (syntax) -> ``binder`` (names and types, with the ``catalog``) -> ``logical``
plan -> ``rules`` -> ``physical`` plan -> ``flott.plan``. ``functions`` is the library of SQL
functions and compiles bound expressions to columns.
"""
