"""Bytes to records and back: text lines, JSON, CSV, Parquet.

A format knows nothing of files, topics or sockets. It decodes what it is given all at once, and
goes record by record only where that fails, to say exactly which records are broken.
"""
