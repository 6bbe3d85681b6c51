"""Answers as people read them in a terminal, and as rows of a table."""

import sys
from collections.abc import Iterator
from typing import Any

import polars as pl
from rich.console import Console

from decisions.formatting import money, percent
from sources.records import Records

NOT_ELIGIBLE_SHOWN = 3
ENDED = "ended_successor_unconfirmed"
PRODUCT_COLUMNS = (
    *("rank", "product_id", "status", "expected_value_fen", "limit_fen"),
    *("approval_probability", "fit"),
)
DIRECTIONS = {"for": "for 有利", "against": "against 不利"}
WHOLE_PERCENT = 2
"""Decimals of a probability of whole per cent."""


def show_answer(answer: dict[str, Any], console: Console) -> None:
    """Print the score, its reasons, the products and why others were refused."""

    def say(line: str, style: str | None = None) -> None:
        console.print(line, style=style, highlight=False, soft_wrap=True)

    model = answer["model"]
    say(f"\n{answer['enterprise_id']}  as of {answer['as_of']}, rules on {answer['rules_on']}", "bold")
    say(f"score 信用分 {answer['score']}   grade 等级 {answer['grade']}", "bold")
    for line in _meaning(answer):
        say(line)
    fit = f", product_fit version {answer['fit_model']['version']}" if answer.get("fit_model") else ""
    say(f"model {model['name']} version {model['version']}{fit}, decision {answer.get('decision_id', '—')}", "dim")
    for stop in answer["policy_stops"]:
        say(f"STOP 政策限制: {stop['text']['zh']}  {stop['text']['en']}", "bold")
    for why in answer["review"]["why"]:
        say(f"REVIEW 须人工复核: {why['zh']}  {why['en']}", "bold")
    for line in (*_reasons(answer), *_products(answer)):
        say(line)
    if answer["rejects"]:
        say(f"{len(answer['rejects'])} rows left out 剔除行, first: {answer['rejects'][0]}")


def _meaning(answer: dict[str, Any]) -> Iterator[str]:
    """Probability of default, suggested limit and rate, each where the answer gives it."""
    if chance := answer["probability_of_default"]:
        yield (
            f"default within 12 months 12个月违约概率 {percent(chance['value'])} "
            f"({percent(chance['low'])} – {percent(chance['high'])}, {percent(chance['level'])})"
        )
    limit, rate = answer["suggested_limit_fen"], answer["rate"]
    if limit is not None:
        price = f"   rate 利率 {percent(rate['low'])} – {percent(rate['high'])}" if rate else ""
        yield f"pure credit loan 纯信用贷款: suggested limit 建议额度 {money(limit).zh}{price}"


def _reasons(answer: dict[str, Any]) -> Iterator[str]:
    yield f"\n{answer['base_points']:8.1f}  base 基准分"
    for reason in answer["reasons"]:
        yield f"{reason['points']:+8.1f}  {reason['text']['zh']}"
        yield f"{'':8}  {reason['text']['en']}"
    yield f"{answer['other_points']:+8.1f}  other 其他"
    yield f"{answer['unclipped_score']:8.1f}  = score 信用分"


def _products(answer: dict[str, Any]) -> Iterator[str]:
    yield f"\nproducts 产品: {len(answer['products'])} shown of {answer['considered']} considered"
    for product in answer["products"]:
        rate, limit = product["all_in_rate"], product["limit_fen"]
        amount = f"limit 额度 {money(limit).zh if limit is not None else 'open 待定'}"
        cost = f"all-in 综合成本 {_cost(rate)}" if rate else "rate 利率 not stated 未公布"
        name = f"{product['bank']['name']['zh']} {product['name']['zh']} {product['name']['en']}"
        yield f"{product['rank']:3}. {name} ({product['status']})   {amount}   {cost}"
        yield from _fit(product)
        for need in product["needs"]:
            yield f"       needs 待补: {need}"
        for subsidy in (one for one in product["subsidies"] if one["state"] != ENDED):
            yield f"       subsidy 补贴: {subsidy['text']['zh']}\n       {subsidy['text']['en']}"
    yield from _ended(answer["products"])
    if answer["products"] and (why := answer["products"][0]["why_above_next"]):
        yield f"\nwhy 1 above 2 为何1优于2: {why['zh']}\n{why['en']}"
    for refused in answer["not_eligible"][:NOT_ELIGIBLE_SHOWN]:
        yield f"not eligible 不符合: {refused['product_id']}"
        for rule in refused["failed"]:
            yield f"       {rule['text']['zh']}\n       {rule['text']['en']}"


def _fit(product: dict[str, Any]) -> Iterator[str]:
    """What a model of fit says of a product, and of the first one what moved the chance of approval."""
    if product["approval_probability"] is None:
        return
    approval, kept = (percent(round(product[name], WHOLE_PERCENT)) for name in ("approval_probability", "fit"))
    yield f"       approval 获批概率 {approval}   drawn and repaid if approved 获批后用款并还清 {kept}"
    told = [one for one in product["reasons"] if one["share"] is not None]
    for reason in told if product["rank"] == 1 else ():
        share = percent(round(reason["share"], WHOLE_PERCENT))
        yield f"       {DIRECTIONS[reason['direction']]} {share}  {reason['text']['zh']}\n       {reason['text']['en']}"


def _cost(rate: dict[str, float]) -> str:
    before, after = percent(rate["before"]), percent(rate["after"])
    return after if before == after else f"{after} (before subsidies 补贴前 {before})"


def _ended(products: list[dict[str, Any]]) -> Iterator[str]:
    """Each subsidy whose term has passed, once for all products: it lowers no rate."""
    ended = {one["code"]: one["text"] for product in products for one in product["subsidies"] if one["state"] == ENDED}
    for text in ended.values():
        yield f"\nsubsidy ended 补贴已到期: {text['zh']}\n{text['en']}"


def tell_rejects(rejects: pl.DataFrame) -> None:
    """Say on standard error how many rows of a folder were left out, by table and rule."""
    counted = rejects.group_by("table", "rule").len().sort("table", "rule")
    for table, rule, rows in counted.iter_rows():
        sys.stderr.write(f"{table}: {rows:,} rows left out 剔除行, rule {rule}\n")


def answers_frame(answers: list[dict[str, Any]], records: Records) -> pl.DataFrame:
    """One row an enterprise: score, grade, reasons and products, with the alias where the register has one."""
    rows = [_row(answer) for answer in answers]
    frame = pl.DataFrame(rows, infer_schema_length=None)
    if records.registry is None:
        return frame
    aliases = records.registry.group_by("enterprise_id").agg(pl.col("alias").drop_nulls().first())
    return frame.join(aliases, on="enterprise_id", how="left", maintain_order="left")


def _row(answer: dict[str, Any]) -> dict[str, Any]:
    plain = ("enterprise_id", "as_of", "rules_on", "score", "unclipped_score", "grade", "base_points", "other_points")
    return {
        **{name: answer[name] for name in plain},
        "reasons": [
            {"code": r["code"], "points": r["points"], "zh": r["text"]["zh"], "en": r["text"]["en"]}
            for r in answer["reasons"]
        ],
        "review_required": answer["review"]["required"],
        "products": [{name: product[name] for name in PRODUCT_COLUMNS} for product in answer["products"]],
        "considered": answer["considered"],
        "model_digest": answer["model"]["digest"],
        "policy_version": answer["policy_version"],
        "catalogue_version": answer["catalogue_version"],
    }
