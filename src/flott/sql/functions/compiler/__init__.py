"""From bound expressions to one Polars select: values, and checks for what must not fail."""
