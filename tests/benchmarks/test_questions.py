"""The question that benchmarks ask is one that the service takes, and never the same twice."""

import datetime as dt

import polars as pl
import pytest
from samples import ENTERPRISES, invoice_frame

from benchmarks.questions import SMALLEST_AMOUNT, question_about
from serving.api_types import MatchRequest
from sources.records import Records


@pytest.fixture
def records(simple_invoice):
    few = [{**simple_invoice, "number": str(number)} for number in range(3)]
    many = [{**simple_invoice, "number": str(number), "enterprise_id": ENTERPRISES[1]} for number in range(50)]
    return Records.of({"vat_invoices": invoice_frame(few + many)}, enterprises=pl.Series(ENTERPRISES))


def test_the_enterprise_nearest_to_the_usual_size_is_asked_about(records):
    question = question_about("invented", records, dt.date(2026, 3, 15))

    asked = MatchRequest.model_validate_json(question.template)
    assert asked.enterprise_id == ENTERPRISES[1]
    assert len(asked.records["vat_invoices"]) == question.invoices == 50


def test_no_two_questions_are_equal(records):
    question = question_about("invented", records, dt.date(2026, 3, 15))

    amounts = [MatchRequest.model_validate_json(question.body(number)).request.amount_fen for number in range(3)]
    assert amounts == [SMALLEST_AMOUNT, SMALLEST_AMOUNT + 1, SMALLEST_AMOUNT + 2]
