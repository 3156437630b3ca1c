"""Options as all programs declare them."""

import argparse
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

from indexer.errors import SettingsError
from indexer.index_url import IndexUrl, index_at

if TYPE_CHECKING:
    from indexer.article import Order
    from indexer.reading.fields import Fields


class Parser(argparse.ArgumentParser):
    """A parser with a word for each kind of option."""

    def flag(self, name: str, about: str) -> None:
        """Add an option that is given or not."""
        self.add_argument(name, action="store_true", help=about)

    def path(self, name: str, about: str | None = None, metavar: str = "DIR") -> None:
        """Add an option, or an argument, for a file or a folder."""
        self.add_argument(name, type=Path, metavar=metavar, help=about)

    def index(self, name: str, metavar: str = "INDEX") -> None:
        """Add the option, or an argument, for where the index is."""
        about = (
            "folder, file: or s3: URL of the index (default: ARTICLE_SEARCH_INDEX, else ./index)"
        )
        self.add_argument(name, type=_index, metavar=metavar, help=about)

    def mapping(self, name: str) -> None:
        """Add an option that says which field of a record is what."""
        self.add_argument(
            name,
            type=mapping,
            metavar="OURS=THEIRS",
            help="which field of a record is what, as title=head,text=story; or a .toml file of "
            "a table [fields]",
        )

    def dates(self, name: str) -> None:
        """Add an option that says what 03/04/2024 means; its value is an `Order`."""
        self.add_argument(
            name,
            type=order,
            metavar="us|eu|iso",
            help="what 03/04/2024 is: us, the month first; eu, the day first; iso, 24-03-04 begins "
            "with the year (default: what the other dates of its file or source tell)",
        )

    def number(
        self, name: str, default: float | list[int], about: str | None = None, least: float = 0
    ) -> None:
        """Add an option for a number like the default, or for several if that is a list."""
        several = isinstance(default, list)
        kind = int if several or isinstance(default, int) else float

        def number(text: str) -> float:
            value = kind(text)
            if value < least:
                raise argparse.ArgumentTypeError(f"{text} is less than {least}")
            return value

        nargs = "+" if several else None
        self.add_argument(name, type=number, nargs=nargs, default=default, metavar="N", help=about)


def _index(text: str) -> "Path | IndexUrl":
    try:
        return index_at(text)
    except SettingsError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def order(name: str) -> "Order":
    """The order of day, month and year that an option names."""
    orders: dict[str, Order] = {"us": "mdy", "eu": "dmy", "iso": "ymd"}
    if name not in orders:
        raise argparse.ArgumentTypeError(f"{name} is none of us, eu and iso")
    return orders[name]


def mapping(text: str) -> "Fields":
    """The fields that an option maps, or a file that it names."""
    from indexer.reading.fields import NAMES, Fields

    if text.endswith(".toml"):
        try:
            pairs = dict(tomllib.loads(Path(text).read_text("utf-8")).get("fields", {}))
        except (OSError, ValueError) as error:
            raise argparse.ArgumentTypeError(f"{text} cannot be read: {error}") from error
    else:
        parts = [part.partition("=") for part in text.split(",")]
        pairs = {ours.strip(): theirs.strip() for ours, _, theirs in parts}
    for ours, theirs in pairs.items():
        if ours not in NAMES or not isinstance(theirs, str) or not theirs:
            known = ", ".join(NAMES)
            raise argparse.ArgumentTypeError(f"{ours}={theirs}: map one of {known} to a field")
    return Fields(pairs)
