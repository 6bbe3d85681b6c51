"""Orders: the work at hand, for whom it is, and how orders come in, are delivered and are called off."""

import polars as pl

from features.arithmetic import growth, ratio
from features.definition import feature
from features.trade.panels import order_book

backlog, lately = pl.col("backlog"), pl.col("lately")
at_hand, secure = backlog > 0, pl.col("secure")
signed_12m = pl.col("this_year").sum()
two_years = pl.col("earlier").any()
"""Whether the earlier year was seen in full."""


@feature(order_book, unit="fen", risk="falls", group="ORDERS", window=0, zh="在手订单未交付金额")
def order_backlog() -> pl.Expr:
    """Value of orders at hand that is still to be delivered"""
    return backlog.sum()


@feature(order_book, unit="count", risk="falls", group="ORDERS", window=0, zh="在手订单数")
def orders_open() -> pl.Expr:
    """Orders at hand with something still to be delivered"""
    return at_hand.sum()


@feature(order_book, unit="fen", risk="falls", group="ORDERS", window=12, zh="近12个月新签订单金额")
def orders_signed_12m() -> pl.Expr:
    """Value of orders signed in the last 12 months, those called off left out"""
    return signed_12m


@feature(order_book, unit="share", risk="falls", group="ORDERS", window=24, zh="近12个月新签订单金额同比增幅")
def orders_growth_12m() -> pl.Expr:
    """Growth of the value of orders signed, last 12 months against the 12 before, those called off left out"""
    return growth(signed_12m, pl.col("year_before").sum(), observed=two_years)


@feature(order_book, unit="fen", risk="either", group="ORDERS", window=12, zh="近12个月新签订单平均金额")
def order_mean_12m() -> pl.Expr:
    """Mean value of an order signed in the last 12 months, those called off left out"""
    return ratio(signed_12m, pl.col("this_year").count())


@feature(order_book, unit="share", risk="falls", group="ORDERS", window=0, zh="在手订单中政府、国企与上市公司客户占比")
def backlog_secure_share() -> pl.Expr:
    """Share of government bodies, state-owned and listed buyers in the backlog whose kind of buyer is known"""
    return ratio(pl.when(secure).then(backlog).sum(), pl.when(secure.is_not_null()).then(backlog).sum())


@feature(order_book, unit="share", risk="rises", group="ORDERS", window=0, zh="在手订单第一大客户占比")
def backlog_top_buyer_share() -> pl.Expr:
    """Share of the largest buyer in the backlog"""
    return ratio(pl.col("of_buyer").max(), backlog.sum())


@feature(order_book, unit="share", risk="rises", group="ORDERS", window=12, zh="近12个月到期订单未交付金额占比")
def undelivered_share_12m() -> pl.Expr:
    """Share still undelivered of the value of orders that fell due in the last 12 months"""
    return ratio(pl.col("undelivered").sum(), pl.col("fell_due").sum())


@feature(order_book, unit="fen", risk="either", group="ORDERS", window=36, zh="近36个月签订订单已交付未收款金额")
def delivered_unpaid_36m() -> pl.Expr:
    """Value delivered and not paid yet, on orders signed in the last 36 months or this one"""
    return pl.col("unpaid").sum()


@feature(order_book, unit="share", risk="rises", group="ORDERS", window=24, zh="近24个月新签订单取消比例")
def orders_cancelled_share_24m() -> pl.Expr:
    """Share called off of the orders signed in the last 24 months"""
    return ratio((lately & pl.col("cancelled")).sum(), lately.sum())


@feature(order_book, unit="days", risk="either", group="ORDERS", window=0, zh="距最近一笔在手订单交付期天数")
def days_to_next_delivery() -> pl.Expr:
    """Days to the next due date of an order at hand"""
    return pl.when(at_hand).then("due_in").min()
