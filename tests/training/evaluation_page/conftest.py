import pytest
from evaluations import bare, full, leaking

from scoring.card import Card
from training.evaluation.page.page import page

HOSTILE = "<script>alert('x')</script>"
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c636060606000000005000160e5c7d40000000049454e44ae426082"
)


@pytest.fixture(scope="session")
def card():
    training = {"as_of": "2024-01-01", "enterprises": 6144, "settings": {"leaves": 31, "seed": None}}
    metrics = {"auc": 0.81, "auc_low": 0.79, "auc_high": 0.83, "gini": {"value": 0.62, "low": 0.58, "high": 0.66}}
    limits = ({"zh": "仅供演示。", "en": "For show only."},)
    return Card("creditworthiness", "12", training, metrics, limits)


@pytest.fixture(scope="session")
def pages(card):
    """A page of each kind of evaluation, by name."""
    pictures = {"beeswarm": PIXEL, "dependence_sales_12m": PIXEL, HOSTILE: PIXEL}
    return {
        "full": page(full(), card=card, pictures=pictures),
        "bare": page(bare()),
        "leaking": page(leaking(HOSTILE)),
    }
