"""Catalogs: what the names of a statement stand for."""
