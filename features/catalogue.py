"""The catalogue of features: what every number is called, says, needs and means, for people and for programs."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from features.definition import Feature, Risk, Unit
from features.fingerprint import feature_digest
from features.pairs.good_match import FIRM, PAIRS
from features.peers import SUFFIX, deviations_of
from features.sets import FEATURES
from sources.contracts import BLOCKS, BLOCKS_WITH_CONSENT

SEVERAL, PEERS = "several", "peers"
"""Where features stand that need more than one block, and those that compare with peers."""

NAMES_ZH: Mapping[str, str] = {
    **BLOCKS_WITH_CONSENT,
    "registry": "市场主体登记",
    "ip": "知识产权与资质",
    "legal": "司法与处罚",
    SEVERAL: "跨数据块",
    PEERS: "与同业比较",
}

RISKS: Mapping[Risk, str] = {"rises": "↑", "falls": "↓", "either": "·"}

HOW_TO_READ = """# Features 特征目录

Written by `python -m cli.documents` from the definitions in `features/`; do not edit. The service gives the same as
`GET /v1/features`. 本页由特征定义自动生成，请勿手工修改。

- **Window 窗口**: `12` = the last twelve complete calendar months before the day stood on; `0` = to the day itself;
  `all` = the whole history known. 完整自然月；0 为当日状态；all 为全部历史。
- **Unit 单位**: `fen` 分 · `count` 个数 · `share` and `ratio` plain fractions 小数（0.13 = 13%） · `days` 天 ·
  `months` 月 · `level` a rung of a ladder, higher is better 等级，越高越好 · `flag` 1 or 0.
- **Risk 风险方向**: ↑ the risk of default may only rise with the value, ↓ may only fall, · either way; scores keep to
  it. ↑ 数值越大风险越高，↓ 越低，· 不限方向；评分模型受此约束。
- A feature is null when a source it needs was not given, when the enterprise gave no consent to its block, or when the
  rows cannot tell; it is 0 when nothing was seen where something could have been. 空值为未知，0 为已观测到的零。
- Features that end in `_vs_peers` compare with firms of the same trade and size as the model's own reference
  population had them; they need a model that was trained with such a reference.
  以 `_vs_peers` 结尾的特征与同行业、同规模企业比较，需模型附带参照总体。
"""

ABOUT_PAIRS = """## pairs 企业与产品

What models of product fit see of an enterprise and a product together; the one list of what makes a good match is
`features/pairs/good_match.py`. They read what the product offers, what the rules make of it for this enterprise, the
bank's earlier loans to it (`tie_…`) and its profile; `turnover` is invoiced sales of 12 months, else declared sales,
else receipts. **Approval** ↑: the chance of approval may only rise with the value, ↓ may only fall, · either way. A
strength is null for a product that does not rest on it. No identity and no margin of a bank is among them.
产品匹配模型所见的“企业 × 产品”特征；`turnover` 为近 12 个月开票销售额，缺失时依次取申报销售额、账户流入。
**Approval** ↑ 数值越大获批可能性只升不降，↓ 只降不升，· 不限方向；与产品无关的优势为空值；不含银行身份与银行收益。

Of the enterprise alone they see 另含企业自身特征："""


@dataclass(frozen=True)
class Entry:
    """What is said of one feature.

    Attributes:
        blocks, sources: without one of which the value is null.
        group: code of the reason that it counts towards.
        window: newest months looked at; 0 = to the day; None = the whole history.
        inputs: names of the features that it combines.
    """

    name: str
    blocks: tuple[str, ...]
    sources: tuple[str, ...]
    unit: Unit
    risk: Risk
    group: str
    window: int | None
    zh: str
    en: str
    inputs: tuple[str, ...]


@cache
def entries() -> tuple[Entry, ...]:
    """Every feature in the order of the sets, then how those that depend on the trade stand beside peers."""
    return tuple(map(_entry, _every_feature()))


@cache
def digest() -> str:
    """Digest of the definitions of all these features."""
    return feature_digest(_every_feature())


def markdown() -> str:
    """The catalogue as a page, by block; features that need several blocks stand apart."""
    by_section = {section: tuple(_in_section(section)) for section in (*BLOCKS, SEVERAL, PEERS)}
    parts = [HOW_TO_READ, *_counts(by_section)]
    for section, members in by_section.items():
        if members:
            parts += [f"\n## {_title(section)}\n", _heading(), *map(_line, members)]
    return "\n".join([*parts, *_pairs()]) + "\n"


def _every_feature() -> tuple[Feature, ...]:
    return (*FEATURES.values(), *deviations_of(FEATURES.values()))


def _entry(feature: Feature) -> Entry:
    return Entry(
        name=feature.name,
        blocks=feature.blocks,
        sources=feature.sources,
        unit=feature.unit,
        risk=feature.risk,
        group=feature.group,
        window=feature.window,
        zh=feature.zh,
        en=feature.en,
        inputs=tuple(one.name for one in feature.inputs),
    )


def _in_section(section: str) -> Iterator[Entry]:
    for entry in entries():
        if section == (PEERS if entry.name.endswith(SUFFIX) else _one_or_several(entry.blocks)):
            yield entry


def _one_or_several(blocks: tuple[str, ...]) -> str:
    return blocks[0] if len(blocks) == 1 else SEVERAL


def _counts(by_section: Mapping[str, Sequence[Entry]]) -> Iterator[str]:
    yield "| block 数据块 | features 特征数 |\n|---|---:|"
    yield from (f"| {_title(section)} | {len(members)} |" for section, members in by_section.items() if members)
    yield f"| all 合计 | {len(entries())} |"


def _title(section: str) -> str:
    return f"{section} {NAMES_ZH[section]}"


def _heading() -> str:
    return (
        "| feature 特征 | 含义 | meaning | unit | risk | window | reason | sources |\n|---|---|---|---|---|---|---|---|"
    )


def _line(entry: Entry) -> str:
    window = "all" if entry.window is None else str(entry.window)
    cells = (f"`{entry.name}`", entry.zh, entry.en, entry.unit, RISKS[entry.risk], window, entry.group)
    return _row(*cells, _names(entry.inputs or entry.sources))


def _row(*cells: str) -> str:
    return f"| {' | '.join(cell.replace('|', '∣') for cell in cells)} |"


def _names(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _pairs() -> Iterator[str]:
    """What models of product fit see of an enterprise and a product together."""
    yield f"\n{ABOUT_PAIRS}\n{_names(one.name for one in FIRM)}\n"
    yield _heading().replace("risk", "approval").replace("sources", "reads")
    for one in PAIRS:
        reads = _names(dict.fromkeys(one.expression.meta.root_names()))
        yield _row(f"`{one.name}`", one.zh, one.en, one.unit, RISKS[one.approval], "0", one.group, reads)
