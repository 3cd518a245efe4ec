"""The functions, a module for each family; each has its entries in ``ENTRIES``."""
