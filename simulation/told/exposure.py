"""What stands beside the loans: guarantees for others, enquiries for reports, real estate."""

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from simulation.assumed import exposure as a
from simulation.chance import Days, Flags, Whole, picked
from simulation.firms import NEVER, SHELL, ZERO_FILER
from simulation.partners import inside_names
from simulation.told.accounts import Accounts, lender_names, moves
from simulation.told.lines import NOT_YET, SURE_DAYS, fen, first_day
from simulation.told.side_accounts import between

if TYPE_CHECKING:
    from simulation.community import Community

GUARANTEED = ("guarantee", "combined")
MORTGAGED = ("mortgage", "combined")
OPEN_END = np.datetime64("2200-01-01")


def guarantees(community: "Community") -> pl.DataFrame:
    """Guarantees for loans of firms of the same circle, and of some firms outside the city.

    A guarantee is released with the loan, or called some months after the debtor's default.
    """
    return guarantees_of(community.accounts, community)


def guarantees_of(book: Accounts, community: "Community") -> pl.DataFrame:
    """The rows of `guarantees` from accounts that are at hand."""
    rows = pl.concat([_for_the_circle(book, community), _for_outsiders(community)])
    number = pl.format("guarantee-{}", pl.int_range(1, pl.len() + 1).over("firm"))
    return rows.sort("firm", "starts_on", "guaranteed", "amount_fen").with_columns(guarantee=number)


def circle_mates(community: "Community") -> Whole:
    """Which firm of its circle guarantees each firm's loans; -1 = none."""
    random, many = community.random("circles"), len(community.firms)
    seat, step = random.permutation(many), random.integers(1, a.CIRCLE, many)
    at = np.argsort(seat)
    place = seat // a.CIRCLE * a.CIRCLE + (seat + step) % a.CIRCLE
    mates: Whole = np.where(place < many, at[np.minimum(place, many - 1)], -1)
    return mates


def _circle(book: Accounts, community: "Community") -> tuple[Whole, Whole]:
    """Accounts that are guaranteed within the city, and who guarantees them."""
    lives, mate = community.lives, circle_mates(community)[book.firm]
    luck = community.random("guaranteed").random(len(book))
    sound = lives.trading & (lives.overdue == 0) & ~np.isin(community.firms.role, (SHELL, ZERO_FILER))[:, None]
    able = (mate >= 0) & (book.began >= 0) & sound[mate, np.maximum(book.began, 0)]
    taken = np.flatnonzero(able & np.isin(book.mode, GUARANTEED) & (luck < a.BY_CIRCLE))
    return taken, mate[taken]


def _for_the_circle(book: Accounts, community: "Community") -> pl.DataFrame:
    calendar = community.calendar
    taken, guarantor = _circle(book, community)
    luck = community.random("guarantees").random((3, len(taken)))
    default = community.lives.default[book.firm[taken]]
    fails = (default < book.closes[taken]) & (default < calendar.months) & (luck[0] < a.CALLED)
    called = default + between(a.CALLED_AFTER, luck[1]).astype(np.int64)
    called_on = first_day(calendar, np.where(fails, called, 0)) + (SURE_DAYS * luck[2]).astype(np.int64)
    starts_on = book.granted_on[taken]
    return pl.DataFrame(
        {
            "firm": guarantor,
            "guaranteed": inside_names(community.firms, book.firm[taken]),
            "amount_fen": book.amount[taken],
            "starts_on": starts_on,
            "ends_on": book.terms["matures_on"][taken].to_numpy() + a.GUARANTEE_RUNS,
            "released_on": np.where(fails, NOT_YET, book.closed_on[taken]),
            "called_on": np.where(fails, called_on, NOT_YET),
            "known_on": starts_on + 1 + (a.GUARANTEE_REPORTED * luck[2]).astype(np.int64),
        }
    )


def _for_outsiders(community: "Community") -> pl.DataFrame:
    """Guarantees for debtors of whom nothing else is known: some fail, whatever the guarantor's own state."""
    firms, calendar = community.firms, community.calendar
    luck = community.random("guarantees for outsiders").random((7, len(firms)))
    low, high = np.maximum(firms.born, -calendar.first), np.minimum(community.lives.closed, calendar.months)
    fits = (firms.role != SHELL) & (firms.role != ZERO_FILER) & (high > low)
    firm = np.flatnonzero(fits & (luck[0] < a.OUTSIDERS))
    luck = luck[:, firm]
    month = (low[firm] + luck[1] * (high - low)[firm]).astype(np.int64)
    term = between(a.OUTSIDER_TERM, luck[2]).astype(np.int64)
    starts_on = first_day(calendar, month) + (SURE_DAYS * luck[3]).astype(np.int64)
    called = luck[4] < a.OUTSIDER_CALLED
    some_day = starts_on + (between(a.OUTSIDER_FAILS, luck[5]) * (30 * term)).astype(np.int64)
    return pl.DataFrame(
        {
            "firm": firm,
            "guaranteed": pl.select(pl.format("G{}", pl.Series(firms.numbers[firm]))).to_series(),
            "amount_fen": fen(firms.sales[firm] * between(a.OUTSIDER_AMOUNT, luck[6])),
            "starts_on": starts_on,
            "ends_on": starts_on + 30 * term + a.GUARANTEE_RUNS,
            "released_on": np.where(called, NOT_YET, starts_on + 30 * term),
            "called_on": np.where(called, some_day, NOT_YET),
            "known_on": starts_on + 1,
        }
    )


def enquiries(community: "Community") -> pl.DataFrame:
    """Who looked at the credit report of the firms in the told months, and why.

    The bank that is applied to; other banks that are asked as well, more of them after a refusal and under strain; the
    lenders of open loans every quarter; banks of a debtor that the firm guarantees; the firm itself.
    """
    return enquiries_of(community.accounts, community)


def enquiries_of(book: Accounts, community: "Community") -> pl.DataFrame:
    """The rows of `enquiries` from accounts that are at hand."""
    parts = [
        *_for_approval(community),
        _by_lenders(book, community),
        _of_guarantors(book, community),
        _own(community),
    ]
    told = pl.col("on") >= community.calendar.starts[community.calendar.first].item()
    once = pl.concat(parts).filter(told).unique(("firm", "on", "lender", "reason"))
    return once.sort("firm", "on", "lender", "reason").with_columns(known_on=pl.col("on").dt.offset_by("1d"))


def _enquiries(firm: Whole, on: Days, lender: Whole, reason: str) -> pl.DataFrame:
    rows = pl.DataFrame({"firm": firm, "on": on, "lender": lender})
    return rows.with_columns(lender_names("lender").alias("lender"), reason=pl.lit(reason))


def _for_approval(community: "Community") -> list[pl.DataFrame]:
    asked, book = community.lives.applications, community.offers
    random, on = community.random("enquiries"), moves(community)
    others = random.poisson(np.where(asked.granted, a.SHOPS_GRANTED, a.SHOPS_REFUSED))
    place = np.repeat(np.arange(len(asked.firm)), others)
    luck = random.random((2, len(place)))
    also = asked.shown[place, (luck[0] * asked.shown.shape[1]).astype(np.int64)]
    later = on.applied_on[place] + (a.SHOPPING_DAYS * luck[1]).astype(np.int64)
    return [
        _enquiries(asked.firm, on.applied_on, book.bank[asked.offer], "loan_approval"),
        _enquiries(asked.firm[place], later, book.bank[also], "loan_approval"),
        _walk_ins(community, random),
    ]


def _walk_ins(community: "Community", random: np.random.Generator) -> pl.DataFrame:
    """Banks asked outside the platform: now and then by anyone that borrows, more often under strain."""
    firms, lives = community.firms, community.lives
    chance = firms.borrower[:, None] * (a.WALK_IN + a.WALK_IN_OF_STRAIN * lives.strain**2) * lives.trading
    chance[np.isin(firms.role, (SHELL, ZERO_FILER))] = 0.0
    firm, month = np.nonzero(random.random(chance.shape) < chance)
    luck = random.random((2, len(firm)))
    on = first_day(community.calendar, month) + (SURE_DAYS * luck[0]).astype(np.int64)
    return _enquiries(firm, on, (a.MANY_BANKS * luck[1]).astype(np.int64), "loan_approval")


def _by_lenders(book: Accounts, community: "Community") -> pl.DataFrame:
    """Every quarter that a bank's loan is open, its bank looks again."""
    month = np.arange(community.calendar.months)
    age = month - book.began[:, None]
    looks = (age > 0) & (age % a.POST_LOAN == 0) & (month < book.closes[:, None])
    place, month = np.nonzero(looks & book.is_bank_loan[:, None])
    on = first_day(community.calendar, month) + (a.LOOKS_ON + book.due_day[place])
    return _enquiries(book.firm[place], on, book.lender[place], "post_loan")


def _of_guarantors(book: Accounts, community: "Community") -> pl.DataFrame:
    """Before a guaranteed loan is granted, its bank looks at the guarantor."""
    taken, guarantor = _circle(book, community)
    before = 1 + book.due_day[taken] % a.CHECKED_BEFORE
    return _enquiries(guarantor, book.granted_on[taken] - before, book.lender[taken], "guarantee_check")


def _own(community: "Community") -> pl.DataFrame:
    random, trading = community.random("own enquiries"), community.lives.trading
    firm, month = np.nonzero(trading & (random.random(trading.shape) < a.OWN))
    on = first_day(community.calendar, month) + random.integers(0, SURE_DAYS, len(firm))
    return _enquiries(firm, on, np.zeros(len(firm), np.int64), "own").with_columns(lender=pl.lit("self"))


def real_estate(community: "Community") -> pl.DataFrame:
    """Titles of the firms that own real estate, a version for each time that they are mortgaged.

    The first title of a firm is mortgaged while a loan on a mortgage is open; what secures such loans of other firms is
    the owner's home, which no source of the firm tells of.
    """
    titles = _titles(community).join(_mortgages(community), ["firm", "number"], "left", maintain_order="left")
    is_first = titles.select(pl.struct("firm", "number").is_first_distinct()).to_series()
    before = pl.col("mortgaged_on").dt.offset_by(f"-{a.BOUGHT_BEFORE}d")
    acquired_on = pl.min_horizontal("acquired_on", before.first().over("firm", "number"))
    known_on = pl.when(is_first).then(acquired_on).otherwise("mortgaged_on").dt.offset_by(f"{a.REGISTERED}d")
    free = pl.col("mortgaged_on").is_null() & (
        pl.col("seized_on").is_null() | (pl.col("sold_on") < pl.col("seized_on"))
    )
    sold_on = pl.when(free & (pl.col("sold_on") > acquired_on)).then("sold_on")
    return titles.select(
        "firm",
        "kind",
        "area_m2",
        "appraised_fen",
        "mortgaged_on",
        "mortgage_released_on",
        title=pl.format("title-{}", "number"),
        acquired_on=acquired_on,
        sold_on=sold_on,
        seized_on=pl.when(sold_on.is_null()).then("seized_on"),
        seizure_lifted_on=pl.when(sold_on.is_null()).then("seizure_lifted_on"),
        known_on=known_on,
    )


def _titles(community: "Community") -> pl.DataFrame:
    """What is owned since when, and what happens to it beside mortgages."""
    firms, random = community.firms, community.random("real_estate")
    owners = np.flatnonzero(firms.property)
    count = 1 + (random.random(len(owners)) < a.SECOND_TITLE)
    firm = np.repeat(owners, count)
    number = np.concatenate([np.arange(1, many + 1) for many in count]) if len(owners) else firm
    luck, normal = random.random((3, len(firm))), random.standard_normal((2, len(firm)))
    worth = firms.sales[firm] * a.WORTH / number * np.exp(a.WORTH_SPREAD * normal[0])
    worth = np.maximum(worth, a.LEAST_WORTH * np.exp(a.PRICE_SPREAD * normal[1]))
    kinds = np.array(list(a.KINDS))[picked(luck[0], a.KINDS)]
    begins = firms.established_on[firm]
    life = (np.datetime64(community.calendar.until) - begins).astype(np.int64)
    late = luck[1] < a.BOUGHT_LATE
    acquired_on = begins + (life * luck[2] * np.where(late, 1.0, a.BOUGHT_EARLY)).astype(np.int64)
    seized_on, lifted_on = _seizures(firm, acquired_on, community)
    sold_on = _sales(firm, community)
    return pl.DataFrame(
        {
            "firm": firm,
            "number": number,
            "kind": kinds,
            "area_m2": np.maximum(worth / (a.PRICE * np.exp(a.PRICE_SPREAD * normal[1])), 8).astype(np.int64),
            "appraised_fen": fen(np.round(worth, -4)),
            "acquired_on": acquired_on,
            "seized_on": seized_on,
            "seizure_lifted_on": lifted_on,
            "sold_on": sold_on,
        }
    )


def _seizures(firm: Whole, acquired_on: Days, community: "Community") -> tuple[Days, Days]:
    """Seized after a default and not released; or for a while in a suit, which may strike anyone."""
    calendar, default = community.calendar, community.lives.default[firm]
    luck = community.random("seizures").random((6, len(firm)))
    after = default + between(a.SEIZED_AFTER, luck[0]).astype(np.int64)
    fails = (default < NEVER) & (luck[1] < a.SEIZED)
    struck = luck[2] < a.ACCIDENT * calendar.months
    month = np.where(fails, after, (luck[3] * calendar.months).astype(np.int64))
    day = first_day(calendar, np.where(fails | struck, month, 0)) + (SURE_DAYS * luck[4]).astype(np.int64)
    seized = (fails | struck) & (day > acquired_on + a.REGISTERED)
    lifted = day + between(a.LIFTED_AFTER, luck[5]).astype(np.int64)
    return np.where(seized, day, NOT_YET), np.where(seized & ~fails, lifted, NOT_YET)


def _sales(firm: Whole, community: "Community") -> Days:
    """Titles are sold now and then, and more often when cash is short."""
    lives, calendar = community.lives, community.calendar
    random = community.random("titles sold")
    chance = (a.SOLD + a.SOLD_OF_STRAIN * lives.strain**2)[firm] * lives.trading[firm]
    sold: Flags = random.random(chance.shape) < chance
    day = first_day(calendar, sold.argmax(axis=1)) + random.integers(0, SURE_DAYS, len(firm))
    sold_on: Days = np.where(sold.any(axis=1), day, NOT_YET)
    return sold_on


def _mortgages(community: "Community") -> pl.DataFrame:
    """When each owner's first title was mortgaged: loans that follow each other share a mortgage."""
    book = community.accounts
    on_property = np.flatnonzero(np.isin(book.mode, MORTGAGED) & book.is_bank_loan)
    lasts = pl.col("closed_on").fill_null(OPEN_END.item())
    apart = a.MORTGAGED_BEFORE + a.RELEASED_AFTER
    until_now = lasts.cum_max().shift(1).over("firm")
    loans = pl.DataFrame(
        {
            "firm": book.firm[on_property],
            "granted_on": book.granted_on[on_property],
            "closed_on": book.closed_on[on_property],
            "lag": 1 + book.due_day[on_property],
        }
    ).sort("firm", "granted_on", "closed_on")
    begins = pl.col("granted_on") > until_now.dt.offset_by(f"{apart}d")
    episodes = loans.with_columns(episode=begins.fill_null(value=True).cum_sum().over("firm"))
    ended = lasts.max()
    return (
        episodes.group_by("firm", "episode", maintain_order=True)
        .agg(
            mortgaged_on=pl.col("granted_on").min() - pl.duration(days=pl.col("lag").first()),
            mortgage_released_on=pl.when(ended < OPEN_END.item()).then(
                ended + pl.duration(days=a.RELEASED_AFTER - pl.col("lag").first())
            ),
        )
        .select("firm", "mortgaged_on", "mortgage_released_on", number=pl.lit(1, pl.Int64))
    )
