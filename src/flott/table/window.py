"""Windows of the relational API are for later; PyFlink's names say so."""

from flott.table.refusals import refuse_names

__getattr__ = refuse_names(
    __name__,
    """
    GroupWindow Over OverWindow Session Slide Tumble
    """,
    "Write TUMBLE, HOP, CUMULATE or SESSION in SQL.",
)
