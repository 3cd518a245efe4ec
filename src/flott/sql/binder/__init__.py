"""Names and types: from syntax trees to the logical plan.

``flott.sql.dialect`` gives trees, the catalog gives tables, ``flott.sql.functions`` gives the types
of calls; the binder brings them together and says at which place of the text they do not fit.
"""
