"""The command serve: how it fails."""

from pathlib import Path

import pytest

from scripts.cli import main

pytestmark = pytest.mark.usefixtures("fake_model")

Captured = pytest.CaptureFixture[str]


def test_serve_where_it_cannot(corpus_index: Path, capsys: Captured) -> None:
    for host, port in (("256.0.0.1", "0"), ("127.0.0.1", "99999")):
        arguments = ["serve", "--host", host, "--port", port, "--index", str(corpus_index)]
        assert main(arguments) == 1
        assert "cannot listen" in capsys.readouterr().err
