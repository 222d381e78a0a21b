"""What every test needs: no network beyond this machine, and none of the user's own Azure."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
import pytest_socket
from hypothesis import settings

if TYPE_CHECKING:
    from pathlib import Path

# A machine that is busy with something else must not fail a property.
settings.register_profile("aksacr", deadline=None)
settings.load_profile("aksacr")

# Nothing answers there: a test that signs in with no credential must not ask the machine it runs on for one.
NO_METADATA_SERVICE = "http://127.0.0.1:9"


@pytest.fixture(autouse=True)
def _only_this_machine() -> None:  # pyright: ignore[reportUnusedFunction]
    pytest_socket.socket_allow_hosts(["127.0.0.1", "::1", "localhost"], allow_unix_socket=True)


@pytest.fixture(autouse=True)
def _nobodys_azure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # pyright: ignore[reportUnusedFunction]
    for name in list(os.environ):
        if name.upper().startswith(("AZURE", "ARM_", "IDENTITY_", "MSI_", "SYSTEM_", "TF_BUILD")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("AZURE_CONFIG_DIR", str(tmp_path / "azure"))
    monkeypatch.setenv("AZURE_POD_IDENTITY_AUTHORITY_HOST", NO_METADATA_SERVICE)
