"""CSV: fields to columns and back."""
