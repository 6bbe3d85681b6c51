"""The catalogue: every bank's products, read from one file a bank, and what of it is offered on a day."""

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from decisions.files import FOLDER, FileMistakesError, read
from decisions.offered.areas import covers, narrowness
from decisions.offered.products import Bank, BankFile, Contact, Product

CATALOGUE_FOLDER = FOLDER / "catalogue"

NAMES_PRODUCTS = "products_held"
"""The fact whose codes are ids of products."""


@dataclass(frozen=True)
class Entry:
    """Terms of a product and the bank that offers it."""

    bank: Bank
    product: Product


@dataclass(frozen=True)
class FieldChange:
    """A field of a product, by its name in the file, before and after."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True)
class Changed:
    """A product offered on two days on different terms."""

    before: Entry
    after: Entry
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True)
class Changes:
    """What is offered on the later of two days and not on the earlier, the reverse, and what is on other terms."""

    added: tuple[Entry, ...]
    ended: tuple[Entry, ...]
    changed: tuple[Changed, ...]


@dataclass(frozen=True)
class Catalogue:
    """Terms of products in the order of their ids; of one product, those of an earlier time first."""

    entries: tuple[Entry, ...]

    @property
    def version(self) -> str | None:
        """The newest day on which terms of one of the products began; None without products."""
        return max((entry.product.from_day.isoformat() for entry in self.entries), default=None)

    def on(self, day: dt.date) -> "Catalogue":
        """What is offered on a day: at most one version of a product."""
        return Catalogue(tuple(entry for entry in self.entries if entry.product.is_offered(day)))

    def of_banks(self, bank_ids: Collection[str]) -> "Catalogue":
        """What some banks offer."""
        return Catalogue(tuple(entry for entry in self.entries if entry.bank.id in bank_ids))

    def find(self, product_id: str, *, on: dt.date | None = None) -> Entry:
        """The terms of a product: those offered on a day, else the newest.

        Raises:
            KeyError: there is no such product.
        """
        versions = self._by_id.get(product_id)
        if not versions:
            raise KeyError(f"got product {product_id!r}, expected one of the {len(self._by_id)} in the catalogue")
        return next((entry for entry in versions if on is not None and entry.product.is_offered(on)), versions[-1])

    @cached_property
    def _by_id(self) -> Mapping[str, tuple[Entry, ...]]:
        found: dict[str, tuple[Entry, ...]] = {}
        for entry in self.entries:
            found[entry.product.id] = (*found.get(entry.product.id, ()), entry)
        return found

    @property
    def product_ids(self) -> tuple[str, ...]:
        """Each product once, however many versions of it there are."""
        return tuple(self._by_id)

    def contact(self, entry: Entry, district: str | None) -> Contact | None:
        """Whom an enterprise of a district asks about a product: its own contact before the bank's, the nearest first.

        Args:
            entry: the product and its bank.
            district: GB/T 2260 code; None = not known, and then only a contact for the whole country is right.
        """
        for contacts in (entry.product.contacts, entry.bank.contacts):
            near = [contact for contact in contacts if covers(contact.district, district)]
            if near:
                return max(near, key=lambda contact: narrowness(contact.district))
        return None

    def changes(self, earlier: dt.date, later: dt.date) -> Changes:
        """What differs between what is offered on two days; terms that are merely prolonged are no change."""
        before = {entry.product.id: entry for entry in self.on(earlier).entries}
        after = {entry.product.id: entry for entry in self.on(later).entries}
        both = [(entry, after[name]) for name, entry in before.items() if name in after]
        found = (Changed(old, new, tuple(_field_changes(old.product, new.product))) for old, new in both)
        return Changes(
            added=tuple(entry for name, entry in after.items() if name not in before),
            ended=tuple(entry for name, entry in before.items() if name not in after),
            changed=tuple(change for change in found if change.fields),
        )


def _field_changes(old: Product, new: Product) -> Iterator[FieldChange]:
    for name, field in Product.model_fields.items():
        before, after = getattr(old, name), getattr(new, name)
        if name not in {"from_day", "until"} and before != after:
            yield FieldChange(field.alias or name, before, after)


@dataclass(frozen=True)
class Reading:
    """Bank files as read, and a line for every mistake in them."""

    files: tuple[BankFile, ...]
    lines: tuple[str, ...]

    @property
    def catalogue(self) -> Catalogue:
        """All that could be read."""
        entries = (Entry(file.bank, product) for file in self.files for product in file.product)
        return Catalogue(tuple(sorted(entries, key=lambda entry: (entry.product.id, entry.product.from_day))))


def read_bank_files(paths: Iterable[Path], *, known_ids: Collection[str] = ()) -> Reading:
    """Bank files, checked each by itself and against each other.

    Args:
        paths: files named `<bank id>.toml`.
        known_ids: products of other files that a rule may name.

    Raises:
        OSError: a file cannot be read.
    """
    files: dict[Path, BankFile] = {}
    unread: list[str] = []
    paths = tuple(paths)
    times = Counter(path.name for path in paths)
    lines = [f"{name}: got {count} files of this bank, expected one" for name, count in times.items() if count > 1]
    for path in paths:
        try:
            files[path] = read(path, BankFile)
        except FileMistakesError as mistakes:
            lines += mistakes.lines
            unread.append(path.stem)
        else:
            lines += [f"{path.name}: {line}" for line in files[path].mistakes(path.stem)]
    ids = {product.id for file in files.values() for product in file.product}.union(known_ids)
    for path, file in files.items():
        lines += [f"{path.name}: {line}" for line in _unknown_products(file, ids, unread)]
    return Reading(tuple(files.values()), tuple(lines))


def _unknown_products(file: BankFile, ids: Collection[str], unread: Collection[str]) -> Iterator[str]:
    """Rules that name a product that no file has; what a file that could not be read may have is let pass."""
    for product in file.product:
        for place, rule in enumerate(product.rules, 1):
            named = rule.one_of + rule.none_of if rule.fact == NAMES_PRODUCTS else ()
            foreign = [name for name in named if name not in ids]
            foreign = [name for name in foreign if not any(name.startswith(f"{stem}-") for stem in unread)]
            for name in foreign:
                yield f"{product.id}: rules[{place}]: {rule.fact}: got {name!r}, expected a product of the catalogue"


def load_catalogue(folder: Path = CATALOGUE_FOLDER, *, illustrative: bool) -> Catalogue:
    """Every product of every bank's file in a folder, at whatever time it was offered.

    Args:
        folder: holds one `<bank id>.toml` a bank.
        illustrative: whether invented products of fictional banks belong to it (in a demonstration only).

    Raises:
        FileMistakesError: with a line for every mistake in every file.
        OSError: a file cannot be read.
    """
    reading = read_bank_files(sorted(folder.glob("*.toml")))
    lines = reading.lines
    if not reading.files and not lines:
        lines = (f"{folder}: got no products, expected one <bank id>.toml a bank",)
    if lines:
        raise FileMistakesError(lines)
    return Reading(tuple(file for file in reading.files if illustrative or not file.bank.fictional), ()).catalogue
