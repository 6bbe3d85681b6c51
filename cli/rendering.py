"""Answers as people read them in a terminal, and as rows of a table."""

from typing import Any

import polars as pl
from rich.console import Console
from rich.table import Table

from sources.records import Records

FEN_PER_WAN = 1_000_000
PRODUCT_COLUMNS = ("rank", "product_id", "status", "expected_value_fen", "limit_fen")


def show_answer(answer: dict[str, Any], console: Console) -> None:
    """Print the score, its reasons, the products and why others were refused."""
    model = answer["model"]
    console.print(f"\n[bold]{answer['enterprise_id']}[/bold]  as of {answer['as_of']}, rules on {answer['rules_on']}")
    console.print(f"score 信用分 [bold]{answer['score']}[/bold]   grade 等级 [bold]{answer['grade']}[/bold]")
    console.print(
        f"model {model['name']} version {model['version']}, decision {answer.get('decision_id', '—')}", style="dim"
    )
    for stop in answer["policy_stops"]:
        console.print(f"STOP 政策限制: {stop['text']['zh']}  {stop['text']['en']}", style="bold")
    _show_reasons(answer, console)
    if "products" in answer:
        _show_products(answer, console)
    if answer["rejects"]:
        console.print(f"{len(answer['rejects'])} rows left out, first: {answer['rejects'][0]}")


def _show_reasons(answer: dict[str, Any], console: Console) -> None:
    console.print(f"\nreasons 原因  (base 基准 {answer['base_points']:.1f})")
    for reason in answer["reasons"]:
        console.print(
            f"  {reason['points']:+7.1f}  {reason['text']['zh']}\n           {reason['text']['en']}", highlight=False
        )
    console.print(f"  {answer['other_points']:+7.1f}  其他 other")
    console.print(f"  [bold]{answer['unclipped_score']:7.1f}[/bold]")


def _show_products(answer: dict[str, Any], console: Console) -> None:
    table = Table(
        title=f"\nproducts 产品 ({len(answer['products'])} of {answer['considered']} considered)", show_lines=True
    )
    for heading in ("", "bank 银行", "product 产品", "limit 额度", "all-in 综合成本", "needs 待补材料"):
        table.add_column(heading)
    for product in answer["products"]:
        rate, limit = product["all_in_rate"], product["limit_fen"]
        table.add_row(
            str(product["rank"]),
            product["bank"]["name"]["zh"],
            f"{product['name']['zh']}\n{product['name']['en']} ({product['status']})",
            f"{limit / FEN_PER_WAN:,.0f} 万元" if limit is not None else "未知 unknown",
            f"{rate['after']:.2%}" if rate else "未知 unknown",
            "\n".join(product["needs"][:3]) or "—",
        )
    console.print(table)
    if answer["products"] and answer["products"][0]["why_above_next"]:
        why = answer["products"][0]["why_above_next"]
        console.print(f"why 1 above 2 为何第1优于第2: {why['zh']}\n{why['en']}", highlight=False)
    for refused in answer["not_eligible"][:3]:
        failed = "; ".join(
            f"{rule['rule']} {rule['value']}, expected {rule['threshold']}" for rule in refused["failed"]
        )
        console.print(f"not eligible 不符合: {refused['product_id']}: {failed}", highlight=False)


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
