"""Formats of records, under PyFlink's module paths: csv, json, parquet.

Each module is imported by the programs that use it; Parquet loads pyarrow when a job reads or
writes.
"""
