"""The engine's own work in C++, behind typed Python functions.

One module per kernel: `key_hash` and `partition`. Importing this package loads nothing; the kernels
themselves are in the extension module `_native`, built from `native/`.
"""
