"""Where the project is, and what a test may need that is not everywhere."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def require(condition: object, reason: str) -> None:
    """Skip a test that cannot run here; in CI nothing may be skipped."""
    if condition:
        return
    if os.environ.get("CI"):
        pytest.fail(f"needed in CI: {reason}")
    pytest.skip(reason)
