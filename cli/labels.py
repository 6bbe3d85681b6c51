"""Labels of a source: its own, or what became of its borrowers."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    import polars as pl

    from sources.readers import Folder

FromLoans = Annotated[
    bool,
    typer.Option("--from-loans", help="Monthly labels worked out from loans and repayments, not the table `labels`."),
]


def labels_of(found: "Folder", name: str, *, from_loans: bool) -> "pl.DataFrame":
    """The labels that a source gives; without any, or when asked to, those that follow from loans and repayments.

    Raises:
        CohortError: it gives neither.
    """
    from training.cohort import CohortError

    if found.labels is not None and not from_loans:
        return found.labels
    loans, repayments = found.records.loans, found.records.repayments
    if loans is None or repayments is None:
        asked = "--from-loans, and no tables" if from_loans else "no table `labels`, and no"
        raise CohortError(f"{name}: {asked} `loans` and `repayments` to work labels out from; nothing to learn from")
    return _worked_out(loans, repayments)


def _worked_out(loans: "pl.DataFrame", repayments: "pl.DataFrame") -> "pl.DataFrame":
    from training.outcomes import first_days, labels, outcomes

    begins: Any = loans["known_on"].min()
    ends: Any = max(day for day in (loans["known_on"].max(), repayments["known_on"].max()) if day is not None)
    found = outcomes(loans, repayments, first_days(begins, ends), known_until=ends)
    counts = dict(found["outcome"].value_counts(sort=True).iter_rows())
    typer.echo(
        f"outcomes of borrowers on first days of months, known until {ends} 按月判定借款企业: "
        + ", ".join(f"{outcome} {rows:,}" for outcome, rows in counts.items())
    )
    return labels(found)
