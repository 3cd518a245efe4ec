"""Functions of users in SQL are for later; PyFlink's names say so."""

from flott.table.refusals import refuse_names

__getattr__ = refuse_names(
    __name__,
    """
    AggregateFunction AsyncScalarFunction FunctionContext ScalarFunction
    TableAggregateFunction TableFunction udaf udf udtaf udtf
    """,
    "Use a function of SQL, or a function in a DataStream.",
)
