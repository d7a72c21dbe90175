"""Fixtures of the whole-system tests."""
import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent / "system"))

from harness import TemporaryCity  # noqa: E402

ENGINES = ["sqlite"] + (["postgres"] if os.environ.get("MUSUBI_TEST_POSTGRES") else [])


@pytest.fixture(scope="session", params=ENGINES)
def city(request):
    """One city for all tests that only register people of their own."""
    with TemporaryCity(postgres=request.param == "postgres") as made:
        yield made
