"""Whether drift is seen when it is there, named rightly and soon, and never when it is not.

Run it with `python -m benchmarks.drift`. Firms of simulated cities ask month after month. Two years are the reference;
the 20 months after them are looked at one by one as they are; then each kind of drift is planted from the seventh of
them on, in two sizes, and months are looked at until an alarm names it.
"""

import argparse
import datetime as dt
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from hashlib import sha256

import polars as pl

from benchmarks.drift_city import Change, Fate, Town, graded, months, together
from features.sets import ALL
from sources.records import Records
from training.drift.afterwards import default_ratio
from training.drift.calendar import Deadline, TaxCalendar, tax_calendar
from training.drift.fates import Fates, FatesBefore
from training.drift.judging import judge
from training.drift.kinds import Alarm, Kind, Report
from training.drift.policy import DriftPolicy, drift_policy
from training.drift.reference import Reference, score_edges
from training.drift.requests import Requests, Span
from training.evaluation.withholding import without

FIRST, YEARS, QUIET = dt.date(2021, 1, 1), 2, 20
PLANTED_FROM, LONGEST = dt.date(2023, 7, 1), 14
KNOWN = dt.date(2024, 6, 30)
"""What became of the reference's decisions is taken as known by then: a year and a half after the last of them."""

MOVED_MONTH = dt.date(2023, 8, 1)
FROM_SIMULATED_LAW = "policy_change"
"""The city follows tax law, and rules of VAT did change in January 2023: an alarm of this kind is right."""

SEEDS, ENTERPRISES = (1, 2, 3), 1_200
MOST_NAMED = 3
MORE = 10
"""A platform of ten times the size: defaults of a month are few."""


@dataclass(frozen=True)
class Planted:
    """Something that goes wrong.

    Attributes:
        change: in the records, before they are profiled.
        rows: in the rows, after they were answered.
        only: the one month that is touched; None = all from PLANTED_FROM on.
    """

    kind: Kind
    what: str
    change: Change | None = None
    rows: Callable[[Town, pl.DataFrame], pl.DataFrame] | None = None
    fate: Fate | None = None
    calendar: TaxCalendar | None = None
    only: dt.date | None = None

    def is_named_by(self, alarm: Alarm) -> bool:
        """A change of grades is not named by an alarm for a rule that moved features."""
        return alarm.kind == self.kind and not (alarm.kind == "policy_change" and alarm.features)

    def touches(self, month: dt.date) -> bool:
        return month == self.only if self.only else month >= PLANTED_FROM


@dataclass(frozen=True)
class Seen:
    """What came of it: months until an alarm of the kind, other alarms before or with it, features named."""

    months: int | None
    others: tuple[str, ...]
    named: tuple[str, ...]


@dataclass(frozen=True)
class Quiet:
    """A city without drift: rows and reports of each month, and the reference made of the first."""

    town: Town
    rows: Mapping[dt.date, pl.DataFrame]
    reports: Mapping[dt.date, pl.DataFrame]
    reference: Reference
    policy: DriftPolicy

    @classmethod
    def of(cls, town: Town) -> "Quiet":
        every = months(FIRST, 12 * YEARS + QUIET)
        rows = {month: town.asked(month) for month in every}
        reports = {month: town.fates(rows[month]) for month in every}
        before = every[: 12 * YEARS]
        old = together([rows[month] for month in before], [reports[month] for month in before])
        reference = Reference.of_requests(old, ALL, model_version="1", on=KNOWN)
        return cls(town, rows, reports, reference, drift_policy(dt.date(2026, 11, 22)))

    def judge(self, requests: Requests, month: dt.date, calendar: TaxCalendar | None = None) -> Report:
        calendar = calendar or tax_calendar()
        return judge(self.reference, requests, month, policy=self.policy, calendar=calendar)


def planted() -> Iterator[Planted]:
    """Every kind at two sizes."""
    for share in (0.3, 1.0):
        yield Planted("input_shift", f"sales × 1.3 for {share:.0%} of firms", change=partial(_more_sales, share))
    for share in (0.1, 0.5):
        yield Planted("unit_mistake", f"bank amounts ÷ 100 for {share:.0%}", change=partial(_bank_in_yuan, share))
    for share in (0.15, 0.4):
        yield Planted("missing_block", f"bank withheld by {share:.0%}", rows=partial(_withheld, share))
    for points in (15.0, 40.0):
        yield Planted("score_shift", f"score {points:+.0f}, inputs as before", rows=partial(_shifted, points))
    for days in (10, 25):
        calendar = _with_deadline(days)
        yield Planted(
            "tax_calendar",
            f"one deadline {days} days later",
            change=partial(_late_returns, days),
            calendar=calendar,
            only=MOVED_MONTH,
        )
    for points in (20.0, 60.0):
        yield Planted("policy_change", f"grades {points:.0f} points stricter", rows=partial(_stricter, points))
    for times in (2.0, 3.0):
        yield Planted("outcome_drift", f"odds of default × {times:.0f}", fate=Fate(times=times))
    for later in (31, 92):
        yield Planted("label_delay", f"reports {later} days later", fate=Fate(later_days=later))


def look_at(quiet: Quiet, one: Planted) -> Seen:
    """Month after month until an alarm names what was planted."""
    rows, reports = dict(quiet.rows), dict(quiet.reports)
    others: list[str] = []
    first = one.only or PLANTED_FROM
    for place, month in enumerate(months(first, LONGEST)):
        if month not in rows:
            break
        if one.touches(month):
            rows[month] = _touched(quiet, one, month)
            reports[month] = quiet.town.fates(rows[month], one.fate)
        report = quiet.judge(_until(rows, reports, month), month, one.calendar)
        if (alarm := next((alarm for alarm in report.alarms if one.is_named_by(alarm)), None)) is not None:
            others += [other.kind for other in report.alarms if other is not alarm]
            return Seen(place, tuple(others), tuple(moved.name for moved in alarm.features[:MOST_NAMED]))
        others += [alarm.kind for alarm in report.alarms]
    return Seen(None, tuple(others), ())


def defaults_of_many(quiet: Quiet, fate: Fate) -> Seen:
    """The check of defaults alone, with ten decisions where there is one."""
    rows = {month: _repeated(one) for month, one in quiet.rows.items()}
    reports = {month: quiet.town.fates(one) for month, one in rows.items()}
    old = [month for month in rows if month < list(rows)[12 * YEARS]]
    told = together([rows[month] for month in old], [reports[month] for month in old])
    before = FatesBefore.of(Fates.of(told, on=KNOWN), score_edges(told))
    new = [month for month in rows if month not in old]
    for month in new:
        if month >= PLANTED_FROM:
            reports[month] = quiet.town.fates(rows[month], fate)
        until = [one for one in new if one <= month]
        asked = together([rows[one] for one in until], [reports[one] for one in until])
        ratio = default_ratio(Fates.of(asked, on=Span.of_month(month).last), before, quiet.policy, late=0.0)
        if ratio is not None and ratio.p <= quiet.policy.level and ratio.value >= quiet.policy.tolerated_default_ratio:
            return Seen(new.index(month) - new.index(PLANTED_FROM), (), ())
    return Seen(None, (), ())


def _repeated(rows: pl.DataFrame) -> pl.DataFrame:
    copies = (rows.with_columns(pl.col("enterprise_id", "decision_id") + f" {place}") for place in range(MORE))
    return pl.concat(copies)


def _touched(quiet: Quiet, one: Planted, month: dt.date) -> pl.DataFrame:
    rows = quiet.rows[month] if one.change is None else quiet.town.again(quiet.rows[month], one.change)
    return rows if one.rows is None else one.rows(quiet.town, rows)


def _until(rows: Mapping[dt.date, pl.DataFrame], reports: Mapping[dt.date, pl.DataFrame], month: dt.date) -> Requests:
    some = [one for one in rows if one <= month]
    return together([rows[one] for one in some], [reports[one] for one in some])


def _some(frame: pl.DataFrame, share: float) -> pl.Expr:
    """Rows of a share of the firms, the same ones in every table and month."""
    codes = frame["enterprise_id"].unique()
    luck = (int(sha256(code.encode()).hexdigest()[:8], 16) / 2**32 for code in codes)
    taken = codes.filter(pl.Series([one < share for one in luck], dtype=pl.Boolean))
    return pl.col("enterprise_id").is_in(taken.implode())


def _with(records: Records, **tables: pl.DataFrame) -> Records:
    return Records.of({**_frames(records), **tables}, enterprises=records.enterprises)


def _frames(records: Records) -> dict[str, pl.DataFrame]:
    frames = dict(records.tables())
    return frames if records.consents is None else {**frames, "consents": records.consents}


def _times(frame: pl.DataFrame, rows: pl.Expr, factor: float, *names: str) -> pl.DataFrame:
    scaled = (
        pl.when(rows).then((pl.col(name) * factor).round().cast(pl.Int64)).otherwise(name).alias(name) for name in names
    )
    return frame.with_columns(scaled)


def _more_sales(share: float, records: Records) -> Records:
    invoices = records.vat_invoices
    assert invoices is not None  # noqa: S101 - a simulated city has them
    rows = _some(invoices, share) & (pl.col("direction") == "issued") & (pl.col("issued_on") >= PLANTED_FROM)
    return _with(records, vat_invoices=_times(invoices, rows, 1.3, "net_fen", "vat_fen"))


def _bank_in_yuan(share: float, records: Records) -> Records:
    bookings = records.bank_transactions
    assert bookings is not None  # noqa: S101 - a simulated city has them
    rows = _some(bookings, share)
    return _with(records, bank_transactions=_times(bookings, rows, 0.01, "amount_fen", "balance_after_fen"))


def _late_returns(days: int, records: Records) -> Records:
    """What is due in the moved month is filed, paid and known so many days later."""
    frames = _frames(records)
    ends = pl.col("period_end").dt.offset_by("1mo").dt.truncate("1mo") == MOVED_MONTH
    moved = {}
    for name in ("tax_filings", "vat_returns", "vat_returns_small_scale"):
        dates = [one for one in ("due_on", "filed_on", "first_filed_on", "paid_on", "known_on") if one in frames[name]]
        later = (pl.when(ends).then(pl.col(one).dt.offset_by(f"{days}d")).otherwise(one).alias(one) for one in dates)
        moved[name] = frames[name].with_columns(later)
    return _with(records, **moved)


def _with_deadline(days: int) -> TaxCalendar:
    known = tax_calendar()
    due = dt.date(2023, 8, 15) + dt.timedelta(days=days)
    due = min(due, dt.date(2023, 8, 31))
    return known.model_copy(update={"deadline": (*known.deadline, Deadline(due=due, mark="assumed", source="planted"))})


def _withheld(share: float, town: Town, rows: pl.DataFrame) -> pl.DataFrame:
    hides = rows.select(_some(rows, share)).to_series()
    bare = without(rows.filter(hides), ALL, "bank")
    return town.scored(pl.concat([rows.filter(~hides), bare]))


def _shifted(points: float, _: Town, rows: pl.DataFrame) -> pl.DataFrame:
    return graded(rows.with_columns(pl.col("score") + points))


def _stricter(points: float, _: Town, rows: pl.DataFrame) -> pl.DataFrame:
    return graded(rows, stricter=points).with_columns(policy_version=pl.lit("second"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=SEEDS)
    parser.add_argument("--enterprises", type=int, default=ENTERPRISES)
    options = parser.parse_args()
    found: dict[str, list[Seen]] = {}
    false: Counter[str] = Counter()
    for seed in options.seeds:
        start = time.perf_counter()
        quiet = Quiet.of(Town.of(options.enterprises, seed))
        _tell_quiet(quiet, seed, false)
        for one in planted():
            seen = look_at(quiet, one)
            found.setdefault(f"{one.kind} | {one.what}", []).append(seen)
            print(f"  {one.kind}, {one.what}: {seen}", flush=True)
        for times in (1.0, 1.5, 2.0):
            seen = defaults_of_many(quiet, Fate(times=times))
            found.setdefault(f"outcome_drift | odds × {times}, {MORE} times the decisions", []).append(seen)
            print(f"  defaults of many, odds × {times}: {seen}", flush=True)
        print(f"seed {seed}: {time.perf_counter() - start:.0f} s", flush=True)
    _table(found, false, cities=len(options.seeds))


def _tell_quiet(quiet: Quiet, seed: int, false: Counter[str]) -> None:
    every = list(quiet.rows)
    asked = [quiet.rows[month].height for month in every[12 * YEARS :]]
    print(
        f"seed {seed}: {min(asked)} to {max(asked)} requests a month, reference {quiet.reference.rows:,} rows",
        flush=True,
    )
    for month in every[12 * YEARS :]:
        report = quiet.judge(_until(quiet.rows, quiet.reports, month), month)
        for alarm in report.alarms:
            false[alarm.kind] += 1
            print(f"  undisturbed {month:%Y-%m}: {alarm.kind}, {alarm.advice}: {alarm.text.en}", flush=True)


def _table(found: Mapping[str, list[Seen]], false: Counter[str], *, cities: int) -> None:
    right = false.pop(FROM_SIMULATED_LAW, 0)
    print(f"\n{QUIET} undisturbed months × {cities} cities: {false.total()} false alarms {dict(false)}")
    print(f"(and {right} alarms for rules of tax that really began in these cities)\n")
    print("| planted | size | named, of cities | months until then | other alarms until then | features named |")
    print("|---|---|---|---|---|---|")
    for name, seen in found.items():
        kind, what = name.split(" | ")
        named = [one for one in seen if one.months is not None]
        waits = ", ".join(str(one.months) if one.months is not None else "–" for one in seen)
        others = Counter(other for one in seen for other in one.others)
        told = Counter(feature for one in named for feature in one.named)
        print(
            f"| {kind} | {what} | {len(named)} of {len(seen)} | {waits} | "
            f"{', '.join(f'{n} × {other}' for other, n in others.items()) or '–'} | "
            f"{', '.join(feature for feature, _ in told.most_common(MOST_NAMED)) or '–'} |"
        )


if __name__ == "__main__":
    main()
