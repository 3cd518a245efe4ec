"""CREATE, ALTER and SHOW CREATE: statements to objects of a catalog, and back to text."""
