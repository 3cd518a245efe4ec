"""The logical plan: what a query means, as small frozen nodes with typed columns."""
