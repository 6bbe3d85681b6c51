"""The lists (走访清单, 推荐清单) by district and town, with the reason for every place."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import polars as pl

from decisions.screening.policy import STANDARDS
from decisions.screening.screening import Screened
from decisions.screening.standards import VERDICT
from decisions.screening.words import needs_of, reasons_of
from decisions.text import Text, joined

COLUMNS: Mapping[str, Text] = MappingProxyType(
    {
        "rank": Text(zh="本区名次", en="Place within the district"),
        "district": Text(zh="登记区（GB/T 2260）", en="District of registration (GB/T 2260)"),
        "town": Text(zh="镇街", en="Town or street; the district where none was given"),
        "enterprise_id": Text(zh="统一社会信用代码", en="Unified social credit code"),
        "place": Text(
            zh="去向：visit 走访，check_first 先核实，help_first 先帮助，out_of_scope 大型企业，closed 已注销",
            en="Where it stands: visit, check_first, help_first, out_of_scope (large), closed",
        ),
        "visit_priority": Text(zh="走访优先级（0–100）", en="Visiting priority, 0 to 100"),
        "promise": Text(zh="成长性得分（0–100）", en="Promise, 0 to 100"),
        "never_lent": Text(zh="零贷户；空为未知", en="Never had a bank loan; empty = unknown"),
        "need": Text(
            zh="融资需求：stated 已申报，seen 记录显示，空为未知", en="Need: stated, seen in records; empty = unknown"
        ),
        "size_class": Text(zh="企业规模", en="Size class"),
        "zombie": Text(
            zh="僵尸：no 否，suspect 疑似，hard 认定，空为未知", en="Zombie: no, suspect, hard; empty = unknown"
        ),
        "shell": Text(zh="空壳：no 否，suspect 疑似，空为未知", en="Shell: no, suspect; empty = unknown"),
        "compliant_going_concern": Text(
            zh="合规持续经营：pass 达到，fail 未达到，unknown 待核实", en="Compliant going concern: pass, fail, unknown"
        ),
        "fixed_premises": Text(zh="固定经营场所", en="Fixed premises"),
        "genuine_need": Text(zh="真实融资需求", en="Genuine need"),
        "good_credit": Text(zh="信用状况良好", en="Good credit"),
        "lawful_use": Text(zh="贷款用途依法合规", en="Lawful use"),
        "reasons_zh": Text(zh="列入理由（中文）", en="Reasons for the place, in Chinese"),
        "reasons_en": Text(zh="列入理由（英文）", en="Reasons for the place, in English"),
        "needs_zh": Text(zh="待核实事项所需材料（中文）", en="What would settle open questions, in Chinese"),
        "needs_en": Text(zh="待核实事项所需材料（英文）", en="What would settle open questions, in English"),
        "bank_id": Text(zh="对接银行", en="Bank that visits it; empty where banks have no visit left"),
        "visits": Text(zh="走访户数", en="Visits"),
        "fit": Text(
            zh="银行产品类别适配的企业占比", en="Share of the town's firms that a product of the bank may suit"
        ),
    }
)
"""Every column that a list can have, and what it holds."""

TEXTS = dict.fromkeys(("reasons_zh", "reasons_en", "needs_zh", "needs_en"), pl.String)
OF_A_LIST = tuple(name for name in COLUMNS if name not in {"bank_id", "visits", "fit"})


@dataclass(frozen=True)
class Lists:
    """One row an enterprise, the columns of `OF_A_LIST`, best first within each district.

    Attributes:
        everybody: every enterprise, whatever becomes of it.
        visiting: to be visited. recommended: those of them that may go to banks now.
        to_check: possible shells and zombies, apart, never dropped. to_help: those that fail a standard.
    """

    everybody: pl.DataFrame
    visiting: pl.DataFrame
    recommended: pl.DataFrame
    to_check: pl.DataFrame
    to_help: pl.DataFrame


def table_of(screened: Screened) -> pl.DataFrame:
    """What lists need of each enterprise, small enough to hold a city.

    Returns:
        The columns of a list but rank and town, and `is_recommended` and `categories` (of products that may suit it).
    """
    texts = pl.DataFrame([_texts(row, screened) for row in screened.rows()], schema=TEXTS)
    verdicts = {name: pl.col(f"{VERDICT}{name}") for name in STANDARDS}
    told = screened.firms.select(
        *("enterprise_id", "district", "place", "is_recommended", "visit_priority", "promise"),
        *("need", "size_class", "zombie", "shell"),
        never_lent=pl.col("never_lent").cast(pl.Boolean),
        **verdicts,
    )
    return told.hstack(texts).join(screened.categories(), on="enterprise_id", maintain_order="left")


def lists_of(firms: pl.DataFrame, *, towns: pl.DataFrame | None = None, top: int | None = None) -> Lists:
    """The lists of a city.

    Args:
        firms: rows of `table_of`, of every enterprise.
        towns: `enterprise_id` and `town`; None, or no row = the district stands for the town.
        top: most enterprises of a district on the visiting and on the recommended list; None = all. Lists of what to
            check and to help are never cut.
    """
    placed = with_towns(firms, towns)
    visiting = _ranked(placed.filter(pl.col("place") == "visit"))
    recommended = _ranked(placed.filter("is_recommended"))
    if top is not None:
        visiting, recommended = (one.filter(pl.col("rank") <= top) for one in (visiting, recommended))
    return Lists(
        _ranked(placed),
        visiting,
        recommended,
        to_check=_ranked(placed.filter(pl.col("place") == "check_first")),
        to_help=_ranked(placed.filter(pl.col("place") == "help_first")),
    )


def with_towns(firms: pl.DataFrame, towns: pl.DataFrame | None) -> pl.DataFrame:
    """The same with `town`: the one named, else the district, else "unknown"."""
    named = pl.DataFrame(schema={"enterprise_id": pl.String, "town": pl.String}) if towns is None else towns
    placed = firms.join(named.select("enterprise_id", "town"), on="enterprise_id", how="left", maintain_order="left")
    return placed.with_columns(pl.coalesce("town", "district", pl.lit("unknown")).alias("town"))


def _ranked(firms: pl.DataFrame) -> pl.DataFrame:
    """Best first within a district; codes settle ties, so that the order never depends on that of the rows."""
    ordered = firms.sort(
        "district", "visit_priority", "promise", "enterprise_id", descending=[False, True, True, False], nulls_last=True
    )
    return ordered.with_columns(rank=pl.int_range(1, pl.len() + 1).over("district")).select(*OF_A_LIST)


def _texts(row: Mapping[str, Any], screened: Screened) -> dict[str, str]:
    reasons = joined((reason["text"] for reason in reasons_of(row, screened.policy)), zh="；", en="; ")
    needs = joined(needs_of(row, screened.policy), zh="；", en="; ")
    return {"reasons_zh": reasons.zh, "reasons_en": reasons.en, "needs_zh": needs.zh, "needs_en": needs.en}
