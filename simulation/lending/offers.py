"""What the banks of the city offer: the catalogue's products, and variants until there are enough banks."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from decisions.offered.catalogue import Entry, load_catalogue
from decisions.offered.products import Product
from decisions.offered.rules import Rule
from simulation.assumed import city
from simulation.assumed import lending as a
from simulation.chance import Flags, Numbers, Whole, generator

GRADES = "ABMCD"
FEN = 100
MODES: Mapping[str, str] = MappingProxyType(
    {
        "credit": "credit",
        "credit+mortgage": "combined",
        "guarantee": "guarantee",
        "insurance": "guarantee",
        "mortgage": "mortgage",
        "pledge_ip": "pledge_ip",
        "pledge_receivable": "pledge",
    }
)
"""Words of the catalogue as the contract `loans` has them."""

PLEDGED = frozenset({"mortgage", "combined"})
SECURED = frozenset({"mortgage", "guarantee"})
TAX_BASES = ("tax_paid",)
TURNOVER_BASES = ("sales", "invoices", "settlement")
"""What facts begin with that a limit rests on."""

VARIANT_SEED = 0
"""Variants belong to the city as the catalogue does: the same for every seed of a simulation."""


@dataclass(frozen=True)
class Offers:
    """Products on offer, one value a product; money in yuan, ages in months.

    Attributes:
        ids, categories, modes: of each product.
        bank: place in `banks`.
        banks: ids, real ones of the catalogue and fictional ones.
        fictional: per bank.
        cap, low, high, term, bullet: terms; rates as annual fractions.
        tax_multiple, sales_share: the limit is the smaller of those that are positive times the basis.
        less_debt: the bank deducts what is owed.
        min_age, min_tax, min_sales, max_debt, max_lenders, least_growth: thresholds, infinite where none.
        grades: product × grade of "ABMCD", admitted.
        industries: product × industry of the city, admitted.
        title: lowest title admitted; 0 = none asked.
        exporters, property, patents, first_loan: asked of the firm.
        popularity: how often it is shown, by its bank's size.
    """

    ids: tuple[str, ...]
    categories: NDArray[np.str_]
    modes: NDArray[np.str_]
    bank: Whole
    banks: tuple[str, ...]
    fictional: Flags
    cap: Numbers
    low: Numbers
    high: Numbers
    term: Whole
    bullet: Flags
    tax_multiple: Numbers
    sales_share: Numbers
    less_debt: Flags
    min_age: Numbers
    min_tax: Numbers
    min_sales: Numbers
    max_debt: Numbers
    max_lenders: Numbers
    least_growth: Numbers
    grades: Flags
    industries: Flags
    title: Whole
    exporters: Flags
    property: Flags
    patents: Flags
    first_loan: Flags
    popularity: Numbers

    def __len__(self) -> int:
        return len(self.ids)


@cache
def offers() -> Offers:
    """The products of all banks of the city.

    Raises:
        decisions.files.FileMistakesError: the catalogue is wrong.
    """
    entries = load_catalogue(illustrative=True).of_banks(a.CATALOGUE_BANKS).entries
    rows = [_terms(entry) for entry in entries]
    banks = list(dict.fromkeys(row["bank"] for row in rows))
    fictional = {entry.bank.id for entry in entries if entry.bank.fictional}
    random = generator(VARIANT_SEED, "offers")
    for place in range(len(banks), a.BANKS):
        banks.append(f"sim-bank-{place + 1}")
        fictional.add(banks[-1])
        originals = random.choice(len(entries), a.VARIANTS, replace=False)
        rows += [_variant(rows[int(one)], banks[-1], number, random) for number, one in enumerate(originals, 1)]
        rows += [_secured(rows[0], banks[-1], number) for number in range(len(a.SECURED))]
    size = np.exp(random.normal(0, 0.8, len(banks)))
    columns: dict[str, Any] = {name: np.array([row[name] for row in rows]) for name in rows[0] if name != "id"}
    columns["bank"] = np.array([banks.index(row["bank"]) for row in rows])
    return Offers(
        ids=tuple(row["id"] for row in rows),
        banks=tuple(banks),
        fictional=np.array([bank in fictional for bank in banks]),
        popularity=size[columns["bank"]]
        * np.exp(random.normal(0, 0.4, len(rows)))
        * np.where(np.isin(columns["modes"], list(SECURED)), a.SECURED_POPULARITY, 1.0),
        **columns,
    )


def _terms(entry: Entry) -> dict[str, Any]:
    product = entry.product
    rules = {rule.fact: rule for rule in product.rules if rule.on_breach == "fail"}
    band = product.rate
    low, high = (band.low, band.high or band.low + 0.012) if band else a.DEFAULT_RATES
    multiples = _multiples(product)
    return {
        "id": product.id,
        "bank": entry.bank.id,
        "categories": product.category,
        "modes": MODES[product.guarantee_mode],
        "cap": (product.cap_fen or a.DEFAULT_CAP * FEN) / FEN,
        "low": float(low),
        "high": float(high),
        "term": min(product.term_months or a.DEFAULT_TERM, 36),
        "bullet": product.repayment != "equal_instalment",
        "tax_multiple": multiples.get("tax", 0.0),
        "sales_share": multiples.get("sales", 0.0 if multiples else a.USUAL_SALES_SHARE),
        "less_debt": any(ceiling.less_debt for ceiling in product.limit),
        "min_age": _least(rules.get("firm_age_months")),
        "min_tax": _least(rules.get("tax_paid_12m_fen")) / FEN,
        "min_sales": _least(rules.get("sales_12m_fen")) / FEN,
        "max_debt": _most(rules.get("debt_fen")) / FEN,
        "max_lenders": _most(rules.get("lenders"), rules.get("business_loans")),
        "least_growth": max(_least(rules.get("sales_growth_12m")), -1.0) if "sales_growth_12m" in rules else -1.0,
        "grades": [_admits(rules.get("tax_grade"), grade) for grade in GRADES],
        "industries": [_admits_industry(rules.get("industry_section"), trade) for trade in city.INDUSTRIES],
        "title": _title(rules.get("titles")),
        "exporters": product.category == "export_loan",
        "property": MODES[product.guarantee_mode] in PLEDGED,
        "patents": product.category == "ip_pledge" or "valid_patents" in rules,
        "first_loan": product.category == "first_loan",
    }


def _multiples(product: Product) -> dict[str, float]:
    """What the limit rests on: tax paid, or a share of sales where the basis is any kind of turnover.

    Where a multiple depends on a code, the lowest counts.
    """
    parts = [part for ceiling in product.limit for part in ceiling.parts]
    return {
        kind: float(min(part.multiples))
        for kind, bases in (("tax", TAX_BASES), ("sales", TURNOVER_BASES))
        for part in parts
        if part.basis.startswith(bases)
    }


def _variant(original: dict[str, Any], bank: str, number: int, random: np.random.Generator) -> dict[str, Any]:
    """Another bank's product of the same kind, a little stricter here and a little dearer there."""
    factor = dict(zip(("cap", "min_age", "min_tax", "min_sales"), random.uniform(*a.VARIED, 4), strict=True))
    dearer = float(random.uniform(-a.RATE_VARIED, a.RATE_VARIED))
    varied = {name: original[name] * value for name, value in factor.items()}
    rates = {"low": max(original["low"] + dearer, 0.02), "high": max(original["high"] + dearer, 0.025)}
    return original | varied | rates | {"id": f"{bank}-{number}", "bank": bank}


def _secured(silent: dict[str, Any], bank: str, number: int) -> dict[str, Any]:
    """The plain loan against security that every bank has and no handbook of credit loans tells of."""
    category, mode, cap, share = a.SECURED[number]
    low, high = a.SECURED_RATES
    open_to_all = {"grades": [grade != "D" for grade in GRADES], "industries": [True] * len(city.INDUSTRIES)}
    thresholds = {"min_age": 12.0, "min_tax": 0.0, "min_sales": 0.0, "max_debt": np.inf, "max_lenders": np.inf}
    asked = {"title": 0, "exporters": False, "patents": False, "first_loan": False, "least_growth": -1.0}
    limit = {"cap": cap, "tax_multiple": 0.0, "sales_share": share, "less_debt": True}
    terms = {"low": low, "high": high, "term": a.SECURED_TERM, "bullet": True, "property": mode in PLEDGED}
    name = {"id": f"{bank}-{mode}", "bank": bank, "categories": category, "modes": mode}
    return silent | open_to_all | thresholds | asked | limit | terms | name


def _least(rule: Rule | None) -> float:
    if rule is None:
        return 0.0
    return float(rule.between[0] if rule.between else rule.at_least or 0)


def _most(*rules: Rule | None) -> float:
    bounds = [float(rule.at_most) for rule in rules if rule is not None and rule.at_most is not None]
    return min(bounds, default=float("inf"))


def _admits(rule: Rule | None, grade: str) -> bool:
    return grade != "D" and (rule is None or rule.admits(grade))


def _admits_industry(rule: Rule | None, trade: city.Industry) -> bool:
    return rule is None or rule.admits(next(iter(trade.divisions))[0])


def _title(rule: Rule | None) -> int:
    ladder = ("tech_sme", "hnte", "srdi", "little_giant")
    if rule is None or not rule.one_of:
        return 0
    return 1 + min((ladder.index(title) for title in rule.one_of if title in ladder), default=0)
