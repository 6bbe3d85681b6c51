"""Lines of one invoice, as a tax bureau exports them, as one row an invoice."""

from collections.abc import Sequence

import polars as pl

from sources.contracts import Table

PLACE, FILE, RULE, VALUE = "__place", "__file", "__rule", "__value"
REVERSED = "__reversed_"
INCOMPLETE = "lines_of_one_invoice"
"""The rule that a good line breaks when another of its invoice cannot be read: a sum of the rest would be wrong."""


def merge_lines(table: Table, rows: pl.DataFrame, told_by: Sequence[str]) -> tuple[pl.DataFrame, int]:
    """One row an invoice, and how many rows went into others.

    Amounts are summed; of anything else the first line counts. Of an invoice that several files tell of, the lines of
    the last file count: exports overlap, and the later one knows more.

    Args:
        table: the contract of the rows.
        rows: columns of the contract, with PLACE, FILE, RULE and VALUE.
        told_by: columns that tell one invoice.
    """
    keys = [name for name in told_by if name in rows.columns]
    newest = (pl.col(FILE) == pl.col(FILE).max().over(keys)) | pl.col(RULE).is_not_null()
    broken = pl.col(RULE).is_not_null().any().over(keys)
    told = rows.with_columns(
        pl.coalesce(
            RULE,
            pl.when(~newest).then(pl.lit("duplicate")),
            pl.when(broken).then(pl.lit(INCOMPLETE)),
        ).alias(RULE)
    )
    bad, good = told.filter(pl.col(RULE).is_not_null()), told.filter(pl.col(RULE).is_null())
    amounts = [name for name in table.dtypes if name in good.columns and name.endswith("_fen")]
    others = [name for name in good.columns if name not in {*keys, *amounts}]
    invoices = good.group_by(keys, maintain_order=True).agg(pl.col(amounts).sum(), pl.col(others).first())
    return pl.concat([invoices.select(told.columns), bad]), good.height - invoices.height
