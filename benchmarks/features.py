"""How fast profiles are, beside the same features in plain pandas.

Run it with `python -m benchmarks.features`. Both are given their own frame in memory, with text as text, and must agree
on every feature before anything is timed. No time is asserted: read the ratios.
"""

import datetime as dt
import resource
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import polars as pl

from benchmarks.pandas_features import pandas_profiles
from features.profile import profiles
from features.sets import INVOICE_FLOW
from sources.importers import cumcm2020c
from sources.records import Records

REAL_DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "cumcm2020c"
CITY_REPEATS, ONE_REPEATS = 7, 50
SIMULATED_ENTERPRISES, SIMULATED_MONTHS, SEED = 400, 36, 7
SIMULATED_UNTIL = dt.date(2026, 10, 31)
RELATIVE, ABSOLUTE = 1e-9, 1e-12
"""Tolerances: the two sum floats in another order. Absolute, for differences of shares that are nearly equal."""


@dataclass(frozen=True)
class Given:
    """Invoices of many enterprises, once for each library."""

    title: str
    records: Records
    invoices: pd.DataFrame
    as_of: dt.date

    def one(self, enterprise: str) -> "Given":
        records = self.records.only(pl.Series([enterprise]))
        mine = self.invoices["enterprise_id"] == enterprise
        return Given(enterprise, records, self.invoices[mine].reset_index(drop=True), self.as_of)

    def by_polars(self) -> pl.DataFrame:
        return profiles(self.records, INVOICE_FLOW, self.as_of)

    def by_pandas(self) -> pd.DataFrame:
        return pandas_profiles(self.invoices, self.records.enterprises.to_list(), self.as_of)


def given(title: str, invoices: pl.DataFrame, as_of: dt.date, *, enterprises: pl.Series | None = None) -> Given:
    """The same invoices for both libraries; without `enterprises`, all that have one."""
    records = Records.of({"vat_invoices": invoices}, enterprises=enterprises)
    return Given(title, records, invoices.to_pandas(), as_of)


def real_enterprises() -> Given | None:
    """The 425 enterprises of the contest data, or None where it does not lie beside the project."""
    if not REAL_DATA.is_dir():
        return None
    imported = cumcm2020c.import_folder(REAL_DATA, today=cumcm2020c.AS_OF)
    return given("425 real enterprises", imported.tables["vat_invoices"], cumcm2020c.AS_OF)


def differences(case: Given) -> list[str]:
    """For each feature on which the two disagree: its name, an enterprise and both values."""
    ours = case.by_polars().to_pandas().set_index("enterprise_id")
    theirs = case.by_pandas().reindex(ours.index)
    found = [f"{name}: only in one of the two" for name in {f.name for f in INVOICE_FLOW} ^ set(theirs.columns)]
    for feature in INVOICE_FLOW:
        pair = pd.DataFrame({"ours": ours[feature.name], "theirs": theirs[feature.name]}).astype(float)
        apart = (pair["ours"] - pair["theirs"]).abs() > ABSOLUTE + RELATIVE * pair["theirs"].abs()
        differ = pair[apart | (pair["ours"].isna() != pair["theirs"].isna())]
        if len(differ):
            first = differ.iloc[0]
            example = f"at {differ.index[0]} profiles {first['ours']!r}, pandas {first['theirs']!r}"
            found.append(f"{feature.name}: {len(differ)} differ, {example}")
    return found


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _medians(case: Given, repeats: int) -> tuple[float, float]:
    """Seconds of either library, taken in turns so that a busy moment of the machine meets both."""
    _seconds(case.by_polars), _seconds(case.by_pandas)
    times = [(_seconds(case.by_polars), _seconds(case.by_pandas)) for _ in range(repeats)]
    ours, theirs = (statistics.median(side) for side in zip(*times, strict=True))
    return ours, theirs


def _simulated_enterprises() -> Given:
    from simulation.plan import City  # noqa: PLC0415 - the generator is needed only without real data
    from simulation.tables import TELLERS, tables_in_memory  # noqa: PLC0415 - as above

    city = City(enterprises=SIMULATED_ENTERPRISES, months=SIMULATED_MONTHS, seed=SEED, until=SIMULATED_UNTIL)
    told = tables_in_memory(city, tellers={name: TELLERS[name] for name in ("registry", "vat_invoices")})
    title = f"{SIMULATED_ENTERPRISES} simulated enterprises (the real data does not lie beside the project)"
    as_of = SIMULATED_UNTIL + dt.timedelta(days=1)
    return given(
        title, told["vat_invoices"], as_of, enterprises=told["registry"]["enterprise_id"].unique(maintain_order=True)
    )


def _show(what: str, case: Given, repeats: int) -> None:
    ours, theirs = _medians(case, repeats)
    rows = len(case.invoices)
    print(f"  {what}, {rows:,} invoices, medians of {repeats} in turns:")
    print(f"    profiles {ours * 1e3:8,.1f} ms  {rows / ours:11,.0f} rows/s")
    print(f"    pandas   {theirs * 1e3:8,.1f} ms  {rows / theirs:11,.0f} rows/s")
    print(f"    ratio pandas / profiles {theirs / ours:.2f}")


def main() -> None:
    """Hold both equal, then print medians, ratios, rows a second and the peak memory."""
    city = real_enterprises() or _simulated_enterprises()
    print(f"features: {len(INVOICE_FLOW)} features of {city.title}, as of {city.as_of}")
    found = differences(city)
    if found:
        sys.exit("features: the two disagree, nothing timed\n" + "\n".join(found))
    print(f"  equal on all {len(INVOICE_FLOW)} features: nulls exactly, values to {RELATIVE:g}")
    _show("all enterprises", city, CITY_REPEATS)
    sizes = city.invoices.groupby("enterprise_id").size().sort_values()
    _show("one enterprise, the one of median size", city.one(sizes.index[len(sizes) // 2]), ONE_REPEATS)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"  peak memory of this process, both libraries and both copies of the data: {peak:,.0f} MiB")


if __name__ == "__main__":
    main()
