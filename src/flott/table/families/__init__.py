"""Families of methods of ``TableEnvironment``."""
