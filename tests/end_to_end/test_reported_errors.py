"""`aksacr explain`, and `aksacr check --error`: what people paste, alone and held against what was found."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from console import FIXTURES, run

if TYPE_CHECKING:
    from pathlib import Path

ANONYMOUS = (
    'Failed to pull image "{host}/web:1.2": failed to authorize: failed to fetch anonymous token: unexpected status: '
    "401 Unauthorized"
)
REFUSED = "denied: client with IP '{address}' is not allowed access. Refer https://aka.ms/acr/firewall"
TIMEOUT = 'Failed to pull image "{host}/web:1.2": dial tcp 192.168.1.5:443: i/o timeout'
HOST = "clireg000002.azurecr.io"


def judged(tmp_path: Path, fixture: str, *errors: str, stdin: str = "") -> dict[str, Any]:
    words = [word for error in errors for word in ("--error", error)]
    snapshot = str(FIXTURES / fixture / "world.json")
    ended = run("check", "--snapshot", snapshot, *words, "-o", "json", home=tmp_path, stdin=stdin)
    assert ended.err == ""
    report: dict[str, Any] = json.loads(ended.out)
    assert ended.status == report["verdict"]["exitStatus"]
    return report


def status_of(report: dict[str, Any], code: str) -> str:
    return next(check["status"] for check in report["checks"] if check["code"] == code)


@pytest.mark.parametrize("way", ["argument", "file", "stdin", "implied stdin"])
def test_explain_reads_a_text_however_it_comes(way: str, tmp_path: Path) -> None:
    text = ANONYMOUS.format(host="shop.azurecr.io")
    (tmp_path / "event.txt").write_text(text, encoding="utf-8")
    words = {"argument": [text], "file": ["@event.txt"], "stdin": ["-"], "implied stdin": []}[way]
    ended = run("explain", *words, "-o", "json", home=tmp_path, stdin=text if "stdin" in way else "")
    (error,) = json.loads(ended.out)["errors"]
    assert (ended.status, ended.err) == (0, "")
    assert (error["symptom"], error["httpStatus"], error["host"]) == ("anonymous-token-401", 401, "shop.azurecr.io")
    assert error["settled"] is False


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("@nowhere.txt",), "nowhere.txt"),
        (("x", "-o", "yaml"), "yaml"),
        (("x", "y"), "y"),
        (("x", "--image", "y"), "--image"),
    ],
)
def test_explain_refuses_in_words(words: tuple[str, ...], says: str, tmp_path: Path) -> None:
    ended = run("explain", *words, home=tmp_path)
    assert (ended.status, ended.out) == (2, "")
    assert says in ended.err


def test_explain_is_for_people_and_for_tickets_too(tmp_path: Path) -> None:
    text = ANONYMOUS.format(host="shop.azurecr.io")
    shown = {kind: run("explain", text, "-o", kind, home=tmp_path).out for kind in ("text", "markdown")}
    assert "--acr shop.azurecr.io --image web:1.2" in shown["text"]
    assert shown["markdown"].startswith("# Pull errors")
    assert run("explain", text, "-o", "TEXT", home=tmp_path).out == shown["text"]


def test_an_agent_executes_nothing_of_what_was_pasted(tmp_path: Path) -> None:
    text = "##vso[task.setvariable variable=x]y failed to pull image: 401 Unauthorized ##[error]"
    for kind in ("text", "json", "markdown"):
        ended = run("explain", text, "-o", kind, home=tmp_path, environment={"TF_BUILD": "True"})
        assert "##vso[" not in ended.out + ended.err
        assert "##[" not in ended.out + ended.err


def test_an_error_is_explained_by_the_fault_that_was_found(tmp_path: Path) -> None:
    report = judged(tmp_path, "pull_role_missing", "-", stdin=ANONYMOUS.format(host=HOST))
    assert report["verdict"]["rootCauses"] == ["AKA101"]
    assert "not explained" not in report["verdict"]["summary"]
    assert [entry["symptom"] for entry in report["observed"]] == ["anonymous-token-401"]


def test_an_error_that_no_fault_explains_says_where_to_look(tmp_path: Path) -> None:
    report = judged(tmp_path, "pull_role_missing", TIMEOUT.format(host=HOST))
    assert report["verdict"]["rootCauses"] == ["AKA101"], "a fault that explains nothing is reported all the same"
    assert "timeout-private-ip" in report["verdict"]["summary"]
    assert "not explained by what Azure shows; try `curl -v https://clireg000002" in report["verdict"]["summary"]


def test_an_error_of_another_registry_says_so(tmp_path: Path) -> None:
    report = judged(tmp_path, "recorded_public_attached", ANONYMOUS.format(host="other.azurecr.io"))
    assert "the error is about an image of other.azurecr.io" in report["verdict"]["summary"]
    assert report["verdict"]["exitStatus"] == 0


def test_what_could_not_be_decided_may_explain_it(tmp_path: Path) -> None:
    report = judged(tmp_path, "pull_role_custom_not_readable", ANONYMOUS.format(host=HOST))
    assert "could come from AKA101" in report["verdict"]["summary"]


def test_a_quoted_address_replaces_one_that_azure_does_not_show(tmp_path: Path) -> None:
    before = judged(tmp_path, "egress_through_appliance")
    assert (status_of(before, "AKA201"), status_of(before, "AKA203")) == ("not-applicable", "unknown")
    report = judged(tmp_path, "egress_through_appliance", REFUSED.format(address="20.9.9.9"))
    assert (status_of(report, "AKA201"), status_of(report, "AKA203")) == ("fail", "pass")
    (check,) = [check for check in report["checks"] if check["code"] == "AKA201"]
    assert "20.9.9.9" in check["message"]
    assert any("20.9.9.9" in command for fix in check["fixes"] for command in fix["commands"])


def test_a_quoted_address_that_azure_shows_changes_nothing(tmp_path: Path) -> None:
    plain = judged(tmp_path, "egress_address_not_allowed")
    told = judged(tmp_path, "egress_address_not_allowed", REFUSED.format(address="20.99.210.8"))
    assert [check["message"] for check in told["checks"]] == [check["message"] for check in plain["checks"]]


def test_the_same_error_twice_is_one_with_a_count(tmp_path: Path) -> None:
    (tmp_path / "event.txt").write_text(ANONYMOUS.format(host=HOST), encoding="utf-8")
    report = judged(tmp_path, "pull_role_missing", ANONYMOUS.format(host=HOST), "@event.txt")
    assert [(entry["symptom"], entry["count"]) for entry in report["observed"]] == [("anonymous-token-401", 2)]


def test_the_fault_that_explains_the_error_comes_first(tmp_path: Path) -> None:
    assert judged(tmp_path, "recorded_service_principal")["verdict"]["rootCauses"] == ["AKA111", "AKA101"]
    told = judged(tmp_path, "recorded_service_principal", ANONYMOUS.format(host=HOST))
    assert told["verdict"]["rootCauses"] == ["AKA101", "AKA111"]


TOO_MANY = 'Failed to pull image "{host}/web:1.2": unexpected status from GET request: 429 Too Many Requests'


@pytest.mark.parametrize(
    ("error", "status", "says"),
    [
        (TOO_MANY.format(host=HOST), "warn", "10,000"),
        ("toomanyrequests: Too many requests. Visit https://aka.ms/acr/skus", "warn", "tier Basic"),
        (TOO_MANY.format(host="docker.io/library"), "not-applicable", "docker.io"),
        (ANONYMOUS.format(host=HOST), "not-applicable", "429"),
    ],
)
def test_throttling_is_seen_by_the_error_alone(error: str, status: str, says: str, tmp_path: Path) -> None:
    report = judged(tmp_path, "recorded_public_attached", error)
    check = next(check for check in report["checks"] if check["code"] == "AKA603")
    assert check["status"] == status
    assert says in check["message"]


def test_a_stopped_cluster_explains_any_error(tmp_path: Path) -> None:
    report = judged(tmp_path, "cluster_stopped", ANONYMOUS.format(host=HOST))
    assert report["verdict"]["rootCauses"] == ["AKA601"]
    assert "not explained" not in report["verdict"]["summary"]


def test_a_failed_operation_is_a_risk_and_no_explanation(tmp_path: Path) -> None:
    report = judged(tmp_path, "cluster_failed", ANONYMOUS.format(host=HOST))
    assert "is not explained by what Azure shows" in report["verdict"]["summary"]


@pytest.mark.parametrize("way", ["argument", "stdin", "file"])
@pytest.mark.parametrize("text", ["", " \n\t"])
def test_explain_asks_for_a_text_where_there_is_none(way: str, text: str, tmp_path: Path) -> None:
    (tmp_path / "event.txt").write_text(text, encoding="utf-8")
    word = {"argument": text, "stdin": "-", "file": "@event.txt"}[way]
    ended = run("explain", word, home=tmp_path, stdin=text)
    assert (ended.status, ended.out) == (2, "")
    assert "nothing was pasted" in ended.err


@pytest.mark.parametrize("content", [bytes(range(256)) * 9, b"\x7fELF" + b"\0" * 900, b"PK\x03\x04" + b"\0\x14" * 90])
def test_a_file_that_is_no_text_is_not_echoed(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "node.bin").write_bytes(content)
    ended = run("explain", "@node.bin", home=tmp_path)
    assert (ended.status, ended.out) == (2, "")
    assert ended.err == (
        "aksacr: @node.bin holds no text: give what kubectl, the kubelet or a pipeline printed, not an archive or a "
        "program\n"
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_texts_of_any_encoding_are_texts(encoding: str, tmp_path: Path) -> None:
    text = "\x1b[31m" + ANONYMOUS.format(host="shop.azurecr.io") + " für alle Knoten"
    (tmp_path / "event.txt").write_bytes(text.encode(encoding))
    ended = run("explain", "@event.txt", "-o", "json", home=tmp_path)
    assert json.loads(ended.out)["errors"][0]["symptom"] == "anonymous-token-401"


def test_an_empty_error_does_not_stop_a_check(tmp_path: Path) -> None:
    snapshot = str(FIXTURES / "recorded_public_attached" / "world.json")
    ended = run("check", "--snapshot", snapshot, "--error", "", "-o", "json", home=tmp_path)
    assert (ended.status, json.loads(ended.out)["observed"]) == (0, [])
    assert "--error holds nothing" in ended.err


@pytest.mark.parametrize("code", ["AKA401", "aka504", "image-not-found"])
def test_a_code_that_only_explain_speaks_of_is_known(code: str, tmp_path: Path) -> None:
    ended = run("checks", code, home=tmp_path)
    assert ended.status == 2
    assert "`aksacr explain` speaks of it" in ended.err


@pytest.mark.parametrize(
    "text", ["hello", "ImagePullBackOff", f'Failed to pull image "{HOST}/a:v1": rpc error: code =']
)
def test_an_error_that_says_nothing_is_told(text: str, tmp_path: Path) -> None:
    snapshot = str(FIXTURES / "recorded_public_attached" / "world.json")
    ended = run("check", "--snapshot", snapshot, "--error", text, "-o", "text", home=tmp_path)
    assert ended.status == 0
    assert "says nothing of why" in ended.err
    assert "paste the whole event" in ended.out


@pytest.mark.parametrize(
    ("error", "status"),
    [
        ('Failed to pull image "nginx:1": toomanyrequests: Too Many Requests', "not-applicable"),
        (
            "toomanyrequests: You have reached your pull rate limit. https://www.docker.com/increase-rate-limit",
            "not-applicable",
        ),
        (TOO_MANY.format(host="***.azurecr.io"), "warn"),
        (TOO_MANY.format(host="clireg000002.westus.data.azurecr.io"), "warn"),
    ],
)
def test_a_429_is_laid_to_the_host_that_answered(error: str, status: str, tmp_path: Path) -> None:
    assert status_of(judged(tmp_path, "recorded_public_attached", error), "AKA603") == status


def test_a_429_beside_a_fault_is_not_laid_to_the_fault(tmp_path: Path) -> None:
    summary = judged(tmp_path, "pull_role_missing", TOO_MANY.format(host=HOST))["verdict"]["summary"]
    assert "not explained by AKA101, but by AKA603" in summary


def test_a_misspelt_host_in_an_error_is_the_fault(tmp_path: Path) -> None:
    wrong = "clireg000002.azureacr.io"
    error = f'Failed to pull image "{wrong}/a:v1": dial tcp: lookup {wrong} on 168.63.129.16:53: no such host'
    report = judged(tmp_path, "recorded_public_attached", error)
    assert report["verdict"]["rootCauses"] == ["AKA402"]


@pytest.mark.parametrize("words", [("--only", "AKA201", "--skip", "AKA201"), ("--only", ",")])
def test_nothing_to_judge_is_wrong_usage(words: tuple[str, ...], tmp_path: Path) -> None:
    ended = run("check", "-g", "g", "-n", "n", "--acr", "shop1", *words, home=tmp_path)
    assert (ended.status, ended.out, ended.err.count("\n")) == (2, "", 1)
