"""The task that was built, the nodes to run it on, and an Azure to sign in to.

`.ci/run` builds the task and names it: AKSACR_TEST_TASK is the folder `azure-pipelines` after `npm run package`,
AKSACR_TEST_NODES the node executables, and AKSACR_TEST_WHEELS a folder of wheels of aksacr and all that it needs.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from .agent import Agent

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
BUILT = os.environ.get("AKSACR_TEST_TASK", "")
NODES = [
    node
    for node in os.environ.get("AKSACR_TEST_NODES", shutil.which("node") or "").split(os.pathsep)
    if os.access(node, os.X_OK)  # Node 24 comes as a package for Linux on x64 only
]
WHEELS = os.environ.get("AKSACR_TEST_WHEELS", "")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without the built task nothing here can run; `.ci/run` always builds it."""
    reason = "not built: run `npm install && npm run package` in azure-pipelines, and name it in AKSACR_TEST_TASK"
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.enable_socket)
            if not BUILT and "built" in getattr(item, "fixturenames", ()):
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def built() -> Path:
    """The folder of the task after `npm run package`."""
    return Path(BUILT)


@pytest.fixture(params=NODES, ids=lambda node: Path(node).parent.parent.name if "node_modules" in node else "node")
def every_node(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def agent_on(built: Path, tmp_path: Path) -> Callable[[str], Agent]:
    """An agent that runs tasks on this node, with the aksacr under test on PATH."""

    def make(node: str) -> Agent:
        path = os.pathsep.join([str(Path(sys.executable).parent), "/usr/bin", "/bin"])
        task = built / "stage" / "AksAcrCheck" / "AksAcrCheckV1"
        return Agent(node, task, tmp_path / "agent", path)

    return make


@pytest.fixture
def agent(agent_on: Callable[[str], Agent]) -> Agent:
    return agent_on(NODES[0])
