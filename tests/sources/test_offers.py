"""Contracts of what models of product fit are given beside profiles."""

import dataframely as dy
import polars as pl
import pytest
from pairs_by_hand import offers, quotes, ties

from sources.contracts.offers import Offers, Quotes, Ties

every = pytest.mark.parametrize("schema", [Offers, Quotes, Ties])


@every
def test_every_column_says_what_it_is(schema):
    for name, column in schema.columns().items():
        assert column.description, name
        assert name.endswith("_fen") == ("fen" in column.description.split()), name


@every
def test_money_is_whole_fen(schema):
    dtypes = {name: column.dtype for name, column in schema.columns().items()}
    assert {dtype for name, dtype in dtypes.items() if name.endswith("_fen")} <= {pl.Int64()}


@pytest.mark.parametrize(("schema", "frame"), [(Offers, offers({})), (Quotes, quotes({})), (Ties, ties({}))])
def test_a_plain_row_keeps_its_contract(schema, frame):
    assert schema.is_valid(frame)


@pytest.mark.parametrize(
    ("schema", "frame"),
    [
        (Offers, offers({"rate_low": 1.5})),
        (Offers, offers({"conditions": None})),
        (Quotes, quotes({"usable_fen": 2, "wanted_fen": 1})),
        (Quotes, quotes({"wanted_fen": None})),
        (Quotes, quotes({"margin": -0.1})),
        (Quotes, quotes({"enterprise_id": "Y1110108XP000001X4"})),
        (Ties, ties({"loans_open": -1})),
        (Ties, ties({"months_since": None})),
    ],
)
def test_what_breaks_a_contract_is_refused(schema, frame):
    assert not schema.is_valid(frame)


@every
def test_there_is_no_place_for_what_a_bank_earns(schema):
    """A column that the contract does not name is not carried on."""
    frame = {Offers: offers({}), Quotes: quotes({}), Ties: ties({})}[schema]
    carried = schema.validate(frame.with_columns(bank_margin=0.02))
    assert isinstance(carried, pl.DataFrame)
    assert carried.columns == list(schema.columns())


def test_a_frame_that_lacks_a_column_is_refused():
    with pytest.raises(dy.exc.SchemaError):
        Quotes.validate(quotes({}).drop("wanted_fen"))
