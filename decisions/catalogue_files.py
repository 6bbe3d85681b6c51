"""The catalogue: every bank's products, read from one file a bank, and what of it is offered on a day."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from decisions.files import FOLDER, FileMistakesError, read
from decisions.products import Bank, BankFile, Product

CATALOGUE_FOLDER = FOLDER / "catalogue"


@dataclass(frozen=True)
class Entry:
    """A product and the bank that offers it."""

    bank: Bank
    product: Product


@dataclass(frozen=True)
class Catalogue:
    """Products in the order of their ids."""

    entries: tuple[Entry, ...]

    @property
    def version(self) -> str | None:
        """The newest day on which terms of one of the products began; None without products."""
        return max((entry.product.from_day.isoformat() for entry in self.entries), default=None)

    def on(self, day: dt.date) -> "Catalogue":
        """What is offered on a day."""
        return Catalogue(tuple(entry for entry in self.entries if entry.product.is_offered(day)))

    def of_banks(self, bank_ids: Collection[str]) -> "Catalogue":
        """What some banks offer."""
        return Catalogue(tuple(entry for entry in self.entries if entry.bank.id in bank_ids))

    def find(self, product_id: str) -> Entry:
        """The product with this id.

        Raises:
            KeyError: there is none.
        """
        for entry in self.entries:
            if entry.product.id == product_id:
                return entry
        raise KeyError(f"got product {product_id!r}, expected one of the {len(self.entries)} in the catalogue")


def load_catalogue(folder: Path = CATALOGUE_FOLDER, *, illustrative: bool) -> Catalogue:
    """Every product of every bank's file in a folder, at whatever time it was offered.

    Args:
        folder: holds one `<bank id>.toml` a bank.
        illustrative: whether invented products of fictional banks belong to it (in a demonstration only).

    Raises:
        FileMistakesError: with a line for every mistake in every file.
    """
    entries: list[Entry] = []
    lines: list[str] = []
    for path in sorted(folder.glob("*.toml")):
        try:
            file = read(path, BankFile)
        except FileMistakesError as mistakes:
            lines += mistakes.lines
            continue
        lines += [f"{path.name}: {line}" for line in file.mistakes(path.stem)]
        if illustrative or not file.bank.fictional:
            entries += [Entry(file.bank, product) for product in file.product]
    if not entries and not lines:
        lines = [f"{folder}: got no products, expected one <bank id>.toml a bank"]
    if lines:
        raise FileMistakesError(lines)
    return Catalogue(tuple(sorted(entries, key=lambda entry: entry.product.id)))
