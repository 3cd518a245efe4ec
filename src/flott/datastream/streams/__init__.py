"""The streams, one class a module; ``kinds`` finds them for each other."""
