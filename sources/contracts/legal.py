"""Courts, lists and penalties."""

import dataframely as dy
import polars as pl

from sources.contracts.columns import choice, day, enterprise_id, known_on, money, reference
from sources.contracts.table import Table

LEGAL_KINDS = {
    "defendant": "被告案件",
    "plaintiff": "原告案件",
    "enforcement": "被执行",
    "terminated_enforcement": "终本案件",
    "dishonest_list": "失信被执行人",
    "consumption_limit": "限制高消费",
    "account_freeze": "账户冻结",
    "penalty": "行政处罚",
    "environment_penalty": "环保处罚",
    "tax_abnormal": "税务非正常户",
    "tax_violation_list": "重大税收违法失信主体",
    "tax_arrears_notice": "欠税公告",
    "wage_arrears": "拖欠农民工工资",
    "safety_penalty": "安全生产处罚",
}
OF_A_DAY = ("penalty", "environment_penalty", "safety_penalty")
"""Kinds that are over with the day on which they happen."""

CAUSES = {
    "loan": "借款合同纠纷",
    "sales_contract": "买卖合同纠纷",
    "labour": "劳动争议",
    "intellectual_property": "知识产权纠纷",
    "lease": "租赁合同纠纷",
    "construction": "建设工程纠纷",
    "other": "其他",
}
SEVERITIES = {"minor": "一般", "major": "重大"}


class LegalEvents(dy.Schema):
    """One row a case, list entry or penalty that the enterprise is a party to."""

    enterprise_id = enterprise_id()
    case = reference("Number of the case or decision (案号, 文书号)")
    kind = choice(LEGAL_KINDS, "What it is")
    cause = choice(CAUSES, "案由", nullable=True)
    severity = choice(SEVERITIES, "Weight of a penalty", nullable=True)
    opened_on = day("Opened, listed, frozen or decided on this day")
    closed_on = day("Settled, delisted, released on this day; null = still open", nullable=True)
    repaired_on = day("信用修复 on this day", nullable=True)
    amount_fen = money("标的, 冻结 or 处罚金额")
    known_on = known_on()

    @dy.rule()
    def closed_not_before_opened(cls) -> pl.Expr:
        return cls.closed_on.col >= cls.opened_on.col

    @dy.rule()
    def repaired_not_before_opened(cls) -> pl.Expr:
        return cls.repaired_on.col >= cls.opened_on.col

    @dy.rule()
    def known_not_before_opened(cls) -> pl.Expr:
        return cls.known_on.col >= cls.opened_on.col


LEGAL_EVENTS = Table(
    name="legal_events",
    schema=LegalEvents,
    block="legal",
    zh="司法与行政处罚",
    known_on_default=("opened_on",),
    key=("enterprise_id", "case", "kind", "known_on"),
    versions_of=("enterprise_id", "case", "kind"),
    changes_later={"closed_on": (), "repaired_on": ()},
    negative_until=pl.coalesce("closed_on", pl.when(pl.col("kind").cast(pl.String).is_in(OF_A_DAY)).then("opened_on")),
    repaired_on="repaired_on",
)
