"""What screening says of one enterprise, as plain dictionaries ready for JSON; texts are {"zh", "en"}."""

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from decisions.fact_sources import GRADES
from decisions.formatting import NOT_AVAILABLE, shown
from decisions.screening.columns import UNITS
from decisions.screening.policy import (
    GROUPS,
    STANDARDS,
    Check,
    Condition,
    Group,
    Part,
    ScreeningPolicy,
    Sign,
    Standard,
)
from decisions.screening.promise import BOOSTS, POINTS, most_points
from decisions.screening.screening import Screened
from decisions.screening.standards import KEPT, VERDICT
from decisions.text import Text, joined

Row = Mapping[str, Any]
Json = dict[str, Any]

NAMES: Mapping[Standard, Text] = {
    "compliant_going_concern": Text(zh="合规持续经营", en="compliant going concern"),
    "fixed_premises": Text(zh="固定经营场所", en="fixed premises"),
    "genuine_need": Text(zh="真实融资需求", en="genuine need"),
    "good_credit": Text(zh="信用状况良好", en="good credit"),
    "lawful_use": Text(zh="贷款用途依法合规", en="lawful use"),
}
GROUP_NAMES: Mapping[Group, Text] = {
    "conditions": Text(zh="经营情况", en="conditions"),
    "type": Text(zh="企业类型", en="type of firm"),
    "fiscal": Text(zh="财源贡献", en="fiscal contribution"),
    "risk": Text(zh="风险情况", en="risk"),
}
WORDS: Mapping[str, Text] = {
    "owned": Text(zh="自有", en="owned"),
    "leased": Text(zh="租赁", en="leased"),
    "provided": Text(zh="无偿使用", en="provided free of charge"),
    "online": Text(zh="网络经营场所", en="online"),
    "stated": Text(zh="已申报", en="stated"),
    "seen": Text(zh="记录显示", en="seen in the records"),
}
"""Words that stand in sentences; others are shown as they are."""

PLACES: Mapping[str, Text] = {
    "visit": Text(zh="列入走访清单", en="on the visiting list"),
    "check_first": Text(zh="疑似空壳或僵尸，先核实", en="a possible shell or zombie: check first"),
    "help_first": Text(zh="有标准未达到，先按一企一策帮助", en="fails a standard: help first, case by case"),
    "out_of_scope": Text(zh="大型企业，不在机制范围", en="a large firm, outside the mechanism"),
    "closed": Text(zh="已注销", en="struck off"),
}
EXCUSES: Mapping[str, Text] = {
    "lawful_rest": Text(zh="依法歇业，沉寂不计", en="at lawful rest (歇业): its silence does not count"),
    "seasonal": Text(zh="季节性经营，与上年同期一致", en="a seasonal trade, quiet in the same months last year"),
    "newly_founded": Text(zh="新成立，沉寂不计", en="newly founded: its silence does not count"),
    "lawful_zero_vat": Text(
        zh="小规模纳税人有销售、依法无需缴税", en="a small-scale taxpayer with sales and lawfully no tax due"
    ),
    "signs_of_life": Text(zh="有经营活动迹象", en="signs of life outweigh the others"),
    "real_operation": Text(zh="有真实经营迹象", en="signs of real operation outweigh the others"),
}
PROMISE = Text(zh="成长性{points}分（满分100）", en="promise {points} of 100")
OPEN_QUESTIONS = Text(zh="{count}项标准待核实", en="open questions among the five standards: {count}")
NOT_SEEN = Text(zh="{label}：未取得数据", en="{label}: not given")
SINCE = Text(zh="（自{day}）", en=" (since {day})")
BEST_PARTS = 3


def answer_of(row: Row, screened: Screened) -> Json:
    """Everything that is said of one enterprise: the fields of POST /v1/screen.

    Args:
        row: of `screened.firms`.
        screened: what it belongs to.
    """
    policy = screened.policy
    return {
        "enterprise_id": row["enterprise_id"],
        "as_of": screened.as_of.isoformat(),
        "place": {"code": row["place"], "text": PLACES[row["place"]].as_dict()},
        "recommended": row["is_recommended"],
        "standards": [_standard(name, row, policy) for name in STANDARDS],
        "shell": _flag(row["shell"], row["shell_evidence"], row, policy),
        "zombie": _flag(row["zombie"], row["zombie_evidence"], row, policy),
        "excuses": [{"code": code, "text": EXCUSES[code].as_dict()} for code in row["excuses"]],
        "never_lent": None if row["never_lent"] is None else bool(row["never_lent"]),
        "promise": _promise(row, policy),
        "visit_priority": row["visit_priority"],
        "reasons": [reason | {"text": reason["text"].as_dict()} for reason in reasons_of(row, policy)],
        "policy_version": policy.version,
    }


def reasons_of(row: Row, policy: ScreeningPolicy) -> list[Json]:
    """Why it stands where it does: `code`, `points` of priority (null where it has none) and `text`.

    For a firm to be visited: promise with the parts that did most for it, boosts, and open questions. For another: the
    signs that hold, or the standards that fail.
    """
    if row["place"] == "check_first":
        return [_reason(code, None, text) for code, text in _signs(row, policy)]
    if row["place"] == "help_first":
        return [_reason(check.code, None, _said(check, row)) for check in _failed(row, policy)]
    if row["place"] != "visit":
        return [_reason(row["place"].upper(), None, PLACES[row["place"]])]
    weight = policy.numbers.promise_weight.value
    found = [_reason("PROMISE", round(weight * row["promise"], 1), _promise_text(row, policy))]
    found += [_reason(boost.code, boost.points, boost.text) for boost in policy.boosts if row[f"{BOOSTS}{boost.code}"]]
    open_ones = sum(row[f"{VERDICT}{name}"] == "unknown" for name in STANDARDS)
    if open_ones:
        off = min(open_ones * policy.numbers.open_question_points.value, policy.numbers.most_open_question_points.value)
        found.append(_reason("OPEN_QUESTIONS", -off, _filled(OPEN_QUESTIONS, count=open_ones)))
    return found


def needs_of(row: Row, policy: ScreeningPolicy) -> list[Text]:
    """The papers and visits that would settle what fails or is open, each once."""
    return list(dict.fromkeys(check.need for check in policy.checks if _asks(check, row)))


def _reason(code: str, points: float | None, text: Text) -> Json:
    return {"code": code, "points": points, "text": text}


def _promise_text(row: Row, policy: ScreeningPolicy) -> Text:
    """The promise, and the known parts that did most for it."""
    known = [part for part in policy.parts if row[part.column] is not None and row[f"{POINTS}{part.code}"]]
    best = sorted(known, key=lambda part: -row[f"{POINTS}{part.code}"])[:BEST_PARTS]
    whole = _filled(PROMISE, points=f"{row['promise']:g}")
    if not best:
        return whole
    parts = joined((_part_text(part, row) for part in best), zh="；", en="; ")
    return Text(zh=f"{whole.zh}：{parts.zh}", en=f"{whole.en}: {parts.en}")


def _part_text(part: Part, row: Row) -> Text:
    value = _worded(row[part.column], part.column)
    return Text(zh=f"{part.label.zh}{value.zh}", en=f"{part.label.en}: {value.en}")


def _promise(row: Row, policy: ScreeningPolicy) -> Json:
    groups = [_group(group, [part for part in policy.parts if part.group == group], row) for group in GROUPS]
    return {"value": row["promise"], "most": 100, "groups": groups}


def _group(group: Group, parts: list[Part], row: Row) -> Json:
    return {
        "group": group,
        "name": GROUP_NAMES[group].as_dict(),
        "points": sum(row[f"{POINTS}{part.code}"] for part in parts),
        "most": most_points(parts),
        "parts": [
            {
                "code": part.code,
                "value": row[part.column],
                "unit": UNITS[part.column],
                "points": row[f"{POINTS}{part.code}"],
                "most": part.most,
                "text": (_part_text(part, row) if row[part.column] is not None else _unseen(part.label)).as_dict(),
            }
            for part in parts
        ],
    }


def _standard(standard: Standard, row: Row, policy: ScreeningPolicy) -> Json:
    checks = [check for check in policy.checks if check.standard == standard]
    told = [check for check in checks if _verdict(check, row) != "skipped"]
    needs = dict.fromkeys(check.need for check in told if _asks(check, row))
    return {
        "standard": standard,
        "name": NAMES[standard].as_dict(),
        "verdict": row[f"{VERDICT}{standard}"],
        "evidence": [_evidence(check, row) for check in told],
        "need": [need.as_dict() for need in needs],
    }


def _evidence(check: Check, row: Row) -> Json:
    since = _since(check, row)
    value = row[check.condition.column]
    return {
        "code": check.code,
        "verdict": _verdict(check, row),
        "value": str(value) if isinstance(value, dt.date) else value,
        "since": since.isoformat() if since else None,
        "text": _said(check, row).as_dict(),
    }


def _verdict(check: Check, row: Row) -> str:
    """What one check says: pass, fail, unknown; skipped where its value is unknown and nobody asks for it."""
    kept = row[f"{KEPT}{check.code}"]
    if kept is None:
        return "skipped" if check.unseen == "skip" else "unknown"
    if kept:
        return "pass"
    return "fail" if check.hard else "unknown"


def _asks(check: Check, row: Row) -> bool:
    """Whether it wants something settled."""
    return _verdict(check, row) in {"fail", "unknown"}


def _failed(row: Row, policy: ScreeningPolicy) -> Iterator[Check]:
    return (check for check in policy.checks if _verdict(check, row) == "fail")


def _said(check: Check, row: Row) -> Text:
    kept = row[f"{KEPT}{check.code}"]
    if kept is None:
        return _unseen(check.label)
    text = _filled(check.passed if kept else check.breached, **_places(check.condition, row))
    since = None if kept else _since(check, row)
    if since is None:
        return text
    behind = _filled(SINCE, day=since.isoformat())
    return Text(zh=f"{text.zh}{behind.zh}", en=f"{text.en}{behind.en}")


def _since(check: Check, row: Row) -> dt.date | None:
    """The day from which a finding stands; a firm's own first day belongs to its age whatever the verdict."""
    if check.since is None or (row[f"{KEPT}{check.code}"] is not False and check.since != "established_on"):
        return None
    day: dt.date | None = row[check.since]
    return day


def _unseen(label: Text) -> Text:
    return _filled(NOT_SEEN, label=label)


def _flag(flag: str | None, evidence: list[str], row: Row, policy: ScreeningPolicy) -> Json:
    texts = {sign.code: _sign_text(sign, row) for sign in policy.signs if sign.code in evidence}
    return {"flag": flag, "evidence": [{"code": code, "text": texts[code].as_dict()} for code in evidence]}


def _signs(row: Row, policy: ScreeningPolicy) -> Iterator[tuple[str, Text]]:
    """The signs behind the flags that are up."""
    flagged = set(row["zombie_evidence"] if row["zombie"] in {"hard", "suspect"} else ())
    flagged |= set(row["shell_evidence"] if row["shell"] == "suspect" else ())
    for sign in policy.signs:
        if sign.code in flagged:
            yield sign.code, _sign_text(sign, row)


def _sign_text(sign: Sign, row: Row) -> Text:
    return _filled(sign.text, **_places(sign.all[0], row))


def _places(condition: Condition, row: Row) -> dict[str, Text]:
    """What stands for {value} and {bound}."""
    bound: Any = condition.at_least if condition.at_least is not None else condition.at_most
    if condition.at_least_column is not None:
        bound = row[condition.at_least_column]
    return {"value": _worded(row[condition.column], condition.column), "bound": _worded(bound, condition.column)}


def _worded(value: Any, column: str) -> Text:
    if value is None:
        return NOT_AVAILABLE
    if UNITS[column] == "word":
        return WORDS.get(value, Text(zh=str(value), en=str(value)))
    if column == "tax_grade_level" and value in GRADES:
        return Text(zh=GRADES[value], en=GRADES[value])
    return shown(value, UNITS[column])


def _filled(text: Text, **places: Any) -> Text:
    zh = {name: value.zh if isinstance(value, Text) else value for name, value in places.items()}
    en = {name: value.en if isinstance(value, Text) else value for name, value in places.items()}
    return Text(zh=text.zh.format(**zh), en=text.en.format(**en))
