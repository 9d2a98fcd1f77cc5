from __future__ import annotations

import pytest

from tests.certs.pki import World, make_world


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Return the operator whose documents are verified."""
    return make_world(tmp_path_factory.mktemp("a"))


@pytest.fixture(scope="session")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Return an operator whom the first one does not trust."""
    return make_world(tmp_path_factory.mktemp("b"), "Port B")
