"""What people call the codes of a product: its category, status, security, channel, repayment and fees."""

from collections.abc import Mapping
from types import MappingProxyType

from decisions.offered.products import Category, Channel, FeeKind, GuaranteeMode, Repayment, Status
from decisions.text import Text

CATEGORY_NAMES: Mapping[Category, Text] = MappingProxyType(
    {
        "first_loan": Text(zh="首贷", en="First loan"),
        "tax_loan": Text(zh="税务贷", en="Tax loan"),
        "cashflow_loan": Text(zh="流水贷", en="Cash-flow loan"),
        "invoice_loan": Text(zh="发票贷", en="Invoice loan"),
        "ip_pledge": Text(zh="知识产权质押", en="IP pledge"),
        "tech_loan": Text(zh="科技贷", en="Technology loan"),
        "srdi_loan": Text(zh="专精特新贷", en="Loan for SRDI firms"),
        "supply_chain": Text(zh="订单与供应链", en="Orders and supply chain"),
        "export_loan": Text(zh="外贸", en="Foreign trade"),
        "market_loan": Text(zh="农产品保供", en="Farm produce supply"),
        "renewal": Text(zh="无还本续贷", en="Renewal without repaying principal"),
        "mortgage_loan": Text(zh="抵押贷", en="Mortgage loan"),
        "guarantee_loan": Text(zh="担保贷", en="Guaranteed loan"),
        "policy_loan": Text(zh="创业担保", en="Start-up guarantee"),
        "credit_loan": Text(zh="信用贷", en="Credit loan"),
        "relationship_loan": Text(zh="存量客户贷", en="Loan on assets held"),
    }
)
"""In the order of the city's handbook; what it does not name comes last."""

STATUS_NAMES: Mapping[Status, Text] = MappingProxyType(
    {
        "confirmed": Text(zh="银行已确认", en="confirmed by the bank"),
        "reference": Text(zh="公开页面，未经银行确认", en="seen on a public page, not confirmed"),
        "illustrative": Text(zh="虚构，仅供演示", en="invented, for demonstration only"),
    }
)

GUARANTEE_NAMES: Mapping[GuaranteeMode, Text] = MappingProxyType(
    {
        "credit": Text(zh="纯信用", en="pure credit"),
        "credit+mortgage": Text(zh="信用加抵押", en="credit, more with a mortgage"),
        "guarantee": Text(zh="担保", en="guarantee"),
        "insurance": Text(zh="保险", en="insurance"),
        "mortgage": Text(zh="抵押", en="mortgage"),
        "pledge_ip": Text(zh="知识产权质押", en="pledge of intellectual property"),
        "pledge_receivable": Text(zh="应收账款质押", en="pledge of receivables"),
    }
)

CHANNEL_NAMES: Mapping[Channel, Text] = MappingProxyType(
    {
        "online": Text(zh="线上申请", en="online"),
        "online_then_visit": Text(zh="线上申请，银行上门核实", en="online, then a visit by the bank"),
        "branch": Text(zh="网点申请", en="at a branch"),
        "tax_portal": Text(zh="电子税务局“银税互动”", en="the tax bureau's portal"),
        "platform": Text(zh="融资信用服务平台", en="the city's financing platform"),
    }
)

REPAYMENT_NAMES: Mapping[Repayment, Text] = MappingProxyType(
    {
        "revolving": Text(zh="随借随还", en="revolving"),
        "interest_then_principal": Text(zh="先息后本", en="interest first, principal at the end"),
        "equal_instalment": Text(zh="等额本息", en="equal instalments"),
        "mixed": Text(zh="多种方式", en="several ways"),
    }
)

FEE_NAMES: Mapping[FeeKind, Text] = MappingProxyType(
    {
        "guarantee": Text(zh="担保费", en="guarantee fee"),
        "appraisal": Text(zh="评估费", en="appraisal fee"),
        "insurance": Text(zh="保险费", en="insurance premium"),
        "registration": Text(zh="登记费", en="registration fee"),
        "service": Text(zh="服务费", en="service fee"),
    }
)
