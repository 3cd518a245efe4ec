"""Avro: schemas, what is read and written by them, and files of blocks.

Binary data goes through programs for the kernel (``flott.kernels``), made of a schema and the types
of columns; single records of Python programs through fastavro.
"""
