"""Bookings of the enterprise's settlement accounts (银行流水)."""

import dataframely as dy
import polars as pl

from sources.contracts.columns import (
    MOST_FEN,
    choice,
    count,
    day,
    enterprise_id,
    known_on,
    pseudonym,
    reference,
    signed_money,
)
from sources.contracts.table import Table

BOOKING_DIRECTIONS = {"in": "收入", "out": "支出"}
PURPOSES = {
    "sales": "货款收入",
    "purchase": "货款支出",
    "salary": "工资",
    "tax": "税费",
    "social_insurance": "社保公积金",
    "rent": "房租",
    "utilities": "水电气",
    "loan_in": "贷款发放",
    "loan_repayment": "还贷",
    "interest": "利息",
    "internal": "本企业账户间划转",
    "investment": "投资理财",
    "refund": "退款",
    "fee": "手续费",
    "qr": "收款码",
    "cash": "现金存取",
    "other": "其他",
}
MOST_BOOKINGS_A_DAY = 10_000_000


class BankTransactions(dy.Schema):
    """One row a booking in CNY on an account of the enterprise."""

    enterprise_id = enterprise_id()
    account = pseudonym("the account (账号)")
    booking = reference("Number of the booking within the account (交易流水号)")
    booked_on = day("交易日期")
    sequence = count("Place among the bookings of the account on that day", most=MOST_BOOKINGS_A_DAY)
    direction = choice(BOOKING_DIRECTIONS, "借贷方向")
    amount_fen = dy.Int64(min=1, max=MOST_FEN, description="金额, fen")
    balance_after_fen = signed_money("余额 after the booking")
    counterparty = pseudonym("the other side (对方户名)", nullable=True)
    purpose = choice(PURPOSES, "用途, as the source's text was classified", nullable=True)
    known_on = known_on()

    @dy.rule()
    def known_not_before_booked(cls) -> pl.Expr:
        return cls.known_on.col >= cls.booked_on.col


BANK_TRANSACTIONS = Table(
    name="bank_transactions",
    schema=BankTransactions,
    block="bank",
    zh="银行流水",
    known_on_default=("booked_on",),
    key=("enterprise_id", "account", "booking"),
    first_order=("known_on", "booked_on"),
)
