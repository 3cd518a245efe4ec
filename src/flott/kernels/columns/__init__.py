"""Kernels on columns: C++ behind Polars frames, loaded only where SQL is used."""
