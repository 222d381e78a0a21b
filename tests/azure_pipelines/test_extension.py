"""What is packed and what is declared: the .vsix, task.json, the examples and the page about them."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

import jsonschema
import pytest
import yaml
from jsonschema import Draft202012Validator

from aksacr import __version__
from aksacr.catalogue import find_all

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "azure-pipelines"
TASK: dict[str, Any] = json.loads((FOLDER / "AksAcrCheck" / "AksAcrCheckV1" / "task.json").read_text(encoding="utf-8"))
EXTENSION: dict[str, Any] = json.loads((FOLDER / "vss-extension.json").read_text(encoding="utf-8"))
PACKAGE: dict[str, Any] = json.loads((FOLDER / "package.json").read_text(encoding="utf-8"))
EXAMPLES = sorted((FOLDER / "examples").glob("*.yml"))
PAGE = (ROOT / "docs" / "azure-pipelines.md").read_text(encoding="utf-8")
INPUTS: dict[str, dict[str, Any]] = {
    name: one for one in TASK["inputs"] for name in (one["name"], *one.get("aliases", ()))
}
IN_THE_TASK = "AksAcrCheck/AksAcrCheckV1/"


def test_task_json_is_what_agents_and_editors_read() -> None:
    schema = json.loads((Path(__file__).parent / "task.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    jsonschema.validate(TASK, schema, Draft202012Validator)


def test_pickers_fill_inputs_that_take_other_words_too() -> None:
    targets = {one["target"] for one in TASK["dataSourceBindings"]}
    assert targets == {"subscription", "resourceGroup", "clusterName", "registryName"}
    for name in targets:
        assert INPUTS[name]["type"] == "pickList"
        assert INPUTS[name]["properties"] == {"EditableOptions": "True"}
    for binding in TASK["dataSourceBindings"]:
        assert set(re.findall(r"\$\((\w+)\)", binding["endpointUrl"] + binding["endpointId"])) <= set(INPUTS)


def test_inputs_stand_in_groups_and_rules_that_exist() -> None:
    groups = {one["name"] for one in TASK["groups"]}
    for one in TASK["inputs"]:
        assert one.get("groupName", "error") in groups
        for name, value in re.findall(r"(\w+) !?= (\w+)", one.get("visibleRule", "")):
            allowed = INPUTS[name].get("options", {"true": "", "false": ""})
            assert value in allowed, f"{one['name']} is shown when {name} is {value}, which it never is"


def test_the_versions_agree() -> None:
    major, minor, patch = (int(part) for part in __version__.split("."))
    assert EXTENSION["version"] == PACKAGE["version"] == __version__
    assert TASK["version"] == {"Major": 1, "Minor": 100 * major + minor, "Patch": patch}


def test_packages_are_pinned_and_no_address_is_recorded() -> None:
    pins = {**PACKAGE["devDependencies"], **PACKAGE["optionalDependencies"]}
    assert [name for name, version in pins.items() if not re.fullmatch(r"\d+\.\d+\.\d+", version)] == []
    assert "registry" not in (FOLDER / ".npmrc").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def packed(built: Path) -> Iterator[ZipFile]:
    (file,) = (built / "dist").glob("*.vsix")
    with ZipFile(file) as archive:
        yield archive


def test_the_package_holds_the_task_and_nothing_else(packed: ZipFile, built: Path) -> None:
    names = {name for name in packed.namelist() if not name.endswith("/")}
    assert names == {
        "[Content_Types].xml",
        "extension.vsomanifest",
        "extension.vsixmanifest",
        "overview.md",
        "license.md",
        "images/extension-icon.png",
        *(IN_THE_TASK + name for name in ("icon.png", "index.js", "notices.md", "task.json")),
    }
    assert json.loads(packed.read(IN_THE_TASK + "task.json")) == TASK
    bundle = packed.read(IN_THE_TASK + "index.js").decode()
    assert "sourceMappingURL" not in bundle
    assert str(built) not in bundle
    assert str(Path.home()) not in bundle
    assert len(bundle) < 1_000_000
    assert packed.read("license.md") == (ROOT / "LICENSE").read_bytes()
    for licence in ("azure-pipelines-task-lib", "minimatch", "semver"):
        assert f"## {licence} " in packed.read(IN_THE_TASK + "notices.md").decode()


def test_the_manifest_names_the_folder_of_the_task(packed: ZipFile) -> None:
    manifest = json.loads(packed.read("extension.vsomanifest"))
    (contribution,) = manifest["contributions"]
    assert contribution["type"] == "ms.vss-distributed-task.task"
    assert contribution["properties"]["name"] == "AksAcrCheck"
    assert f'Version="{__version__}"' in packed.read("extension.vsixmanifest").decode()


@pytest.mark.parametrize(("name", "size"), [(IN_THE_TASK + "icon.png", 32), ("images/extension-icon.png", 128)])
def test_icons_have_their_size(packed: ZipFile, name: str, size: int) -> None:
    data = packed.read(name)
    assert data.startswith(b"\x89PNG")
    assert (int.from_bytes(data[16:20]), int.from_bytes(data[20:24])) == (size, size)


def steps(node: object) -> Iterator[dict[str, Any]]:
    """Every task of a pipeline, however deep."""
    if isinstance(node, dict):
        if "task" in node:
            yield node
        for value in node.values():  # pyright: ignore[reportUnknownVariableType]
            yield from steps(value)  # pyright: ignore[reportUnknownArgumentType]
    elif isinstance(node, list):
        for value in node:  # pyright: ignore[reportUnknownVariableType]
            yield from steps(value)  # pyright: ignore[reportUnknownArgumentType]


def our_steps(example: Path) -> list[dict[str, Any]]:
    return [one for one in steps(yaml.safe_load(example.read_text(encoding="utf-8"))) if "AksAcrCheck" in one["task"]]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.stem)
def test_examples_use_inputs_that_exist(example: Path) -> None:
    needed = [one for one in TASK["inputs"] if one["required"]]
    for step in our_steps(example):
        given: dict[str, Any] = step["inputs"]
        assert step["task"] == f"AksAcrCheck@{TASK['version']['Major']}"
        assert set(given) <= set(INPUTS)
        assert all({one["name"], *one.get("aliases", ())} & set(given) for one in needed)
        for name, value in given.items():
            assert "options" not in INPUTS[name] or value in INPUTS[name]["options"]
        find_all(str(given.get("allowUnknown", "")))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.stem)
def test_examples_have_what_their_jobs_do_not_bring(example: Path) -> None:
    """Deployment jobs fetch no sources by themselves, and hosted images have no kubelogin."""
    text = example.read_text(encoding="utf-8")
    if "kubelogin convert" in text:
        assert 0 < text.find("task: KubeloginInstaller@0") < text.index("kubelogin convert")
    if "- deployment:" in text and "manifests/" in text:
        assert text.index("- deployment:") < text.find("- checkout: self") < text.index("manifests/")


@pytest.mark.parametrize("name", ["after-a-failed-rollout", "without-the-extension"])
@pytest.mark.parametrize("failing", ["", "az", "apply", "rollout"])
def test_examples_explain_a_rollout_wherever_it_failed(tmp_path: Path, name: str, failing: str) -> None:
    """Their scripts are run with stand-ins for the programs: what fails ends the rollout only."""
    document = yaml.safe_load((FOLDER / "examples" / f"{name}.yml").read_text(encoding="utf-8"))
    scripts = [one["inputs"]["inlineScript"] for one in document["steps"] if "inlineScript" in one.get("inputs", {})]
    programs = tmp_path / "bin"
    programs.mkdir()
    for program in ("az", "kubelogin", "kubectl", "aksacr"):
        file = programs / program
        file.write_text(
            f'#!/bin/sh\necho "{program} $*" | tee -a "$CALLS"\n'
            'case " $0 $* " in *"$FAILING"*) test -z "$FAILING" || exit 1;; esac\n'
        )
        file.chmod(0o755)
    environment = {
        "PATH": f"{programs}:/usr/bin:/bin",
        "CALLS": str(tmp_path / "calls"),
        "FAILING": failing and {"az": "/az ", "apply": " apply ", "rollout": " rollout "}[failing],
        "KUBECONFIG": str(tmp_path / "kubeconfig"),
        "EVENTS": str(tmp_path / "events.json"),
        "FAILURE": str(tmp_path / "failure.txt"),
        "REPORTS": str(tmp_path),
    }

    def status_of(script: str) -> int:
        words = script.replace("$(Agent.TempDirectory)/aksacr/bin", str(programs))
        return subprocess.run(["/bin/bash", "-c", words], env=environment, check=False, capture_output=True).returncode

    assert (status_of(scripts[0]) == 0) is (failing == "")
    kept = tmp_path / ("events.json" if name == "after-a-failed-rollout" else "failure.txt")
    if failing in {"apply", "rollout"}:
        assert "get events" in kept.read_text()
    if len(scripts) > 1:
        assert status_of(scripts[1]) == 0
        (call,) = [line for line in (tmp_path / "calls").read_text().splitlines() if line.startswith("aksacr ")]
        assert (f"--error @{kept}" in call) is kept.exists()


def test_there_is_an_example_of_each_use() -> None:
    assert [example.stem for example in EXAMPLES] == [
        "after-a-failed-rollout",
        "gate-before-deployment",
        "nightly-report",
        "without-the-extension",
    ]
    assert [bool(our_steps(example)) for example in EXAMPLES] == [True, True, True, False]


def test_the_example_without_the_extension_signs_in_and_names_options_that_exist() -> None:
    text = (FOLDER / "examples" / "without-the-extension.yml").read_text(encoding="utf-8")
    (check,) = [one for one in steps(yaml.safe_load(text)) if '/aksacr" check' in str(one.get("inputs"))]
    assert check["env"]["SYSTEM_ACCESSTOKEN"] == "$(System.AccessToken)"
    assert '--error "@$FAILURE"' in check["inputs"]["inlineScript"]


def test_outputs_that_examples_read_exist() -> None:
    outputs = {one["name"] for one in TASK["outputVariables"]}
    for example in EXAMPLES:
        read = re.findall(r"\bcheck\.(\w+)", example.read_text(encoding="utf-8"))
        assert set(read) <= outputs


def test_the_page_names_every_input_output_and_example() -> None:
    for one in TASK["inputs"]:
        shown = [f"`{name}`" for name in (one["name"], *one.get("aliases", ()))]
        assert all(name in PAGE for name in shown), f"docs/azure-pipelines.md leaves out {shown}"
    for one in TASK["outputVariables"]:
        assert f"| `{one['name']}` |" in PAGE
    for example in EXAMPLES:
        assert example.name in PAGE
