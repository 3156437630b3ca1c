"""Options as all programs declare them."""

import argparse
from pathlib import Path


class Parser(argparse.ArgumentParser):
    """A parser with a word for each kind of option."""

    def flag(self, name: str, about: str) -> None:
        """Add an option that is given or not."""
        self.add_argument(name, action="store_true", help=about)

    def path(self, name: str, about: str | None = None, metavar: str = "DIR") -> None:
        """Add an option, or an argument, for a file or a folder."""
        self.add_argument(name, type=Path, metavar=metavar, help=about)

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
