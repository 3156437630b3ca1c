"""Reading the log of a server."""

import logging
import traceback
from pathlib import Path

from scripts.lab.server import errors_in


def _chained() -> Exception:
    """An error that another caused, while a third was handled."""
    try:
        try:
            try:
                raise OSError("no file")
            except OSError as error:
                raise ValueError("damaged") from error
        except ValueError:
            raise RuntimeError("refused")  # noqa: B904 - the implicit chain is what is tested
    except RuntimeError as error:
        return error


def test_an_error_and_its_tracebacks_are_one(tmp_path: Path) -> None:
    log = tmp_path / "log"
    handler = logging.FileHandler(log)
    handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    logger = logging.Logger("server")
    logger.addHandler(handler)
    logger.info("began")
    logger.error("refused it", exc_info=_chained())
    logger.critical("ends")
    handler.close()
    assert log.read_text().count("Traceback") == 3
    assert errors_in(log) == ["ERROR refused it", "CRITICAL ends"]


def test_a_traceback_of_no_error_that_was_logged_counts(tmp_path: Path) -> None:
    log = tmp_path / "log"
    stray = "".join(traceback.format_exception(_chained()))
    log.write_text(f"ERROR refused it\nException in thread generations:\n{stray}", "utf-8")
    assert errors_in(log) == ["ERROR refused it", "Traceback (most recent call last):"]
