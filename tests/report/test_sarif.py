from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from msgspec.structs import replace
from validity import sarif

from aksacr.report.sarif import FINGERPRINT, render_sarif

from .builders import CLUSTER, REGISTRY, check, fix, gap, pool, report, seen, target
from .hostile import HOSTILE, saying
from .samples import SAMPLES, at_risk, blocked, clear, crashed, role_missing, undetermined
from .test_log_safety import TEXTS, as_a_culture_aware_search_sees

if TYPE_CHECKING:
    from aksacr.report.model import Report, StatusWord

ALL = pytest.mark.parametrize("made", [sample() for sample in SAMPLES.values()], ids=list(SAMPLES))
PAGE = """The door is shut.

What is read
    The `door` and
    its lock.

    A second paragraph.

Why pulls fail
    Nobody enters.
"""


def run_of(made: Report, pages: dict[str, str] | None = None) -> dict[str, Any]:
    (run,) = sarif(render_sarif(made, pages))["runs"]
    return run


def results_of(made: Report) -> dict[str, dict[str, Any]]:
    return {item["ruleId"]: item for item in run_of(made)["results"]}


def only(status: StatusWord, **more: Any) -> Report:
    one = replace(check("AKA201", status, "It is so."), **more)
    return report(target(pool("a")), "blocked", "x", [one], [])


def shown(message: dict[str, Any], form: str = "text") -> str:
    """What a viewer shows that knows sections 3.11.5 and 3.11.11."""
    arguments = message.get("arguments", [])
    parts = re.split(r"\{(\d+)\}", message[form])
    assert not re.search("[{}]", "".join(parts[::2])), "a brace that is no placeholder must be doubled"
    return "".join(arguments[int(part)] if number % 2 else part for number, part in enumerate(parts))


@ALL
def test_valid_by_the_schema(made: Report) -> None:
    sarif(render_sarif(made))
    sarif(render_sarif(made, {item.code: PAGE for item in made.checks}))


def test_the_schema_is_strict() -> None:
    log = json.loads(render_sarif(blocked()))
    log["runs"][0]["results"][0]["severity"] = "high"
    with pytest.raises(jsonschema.ValidationError):
        sarif(json.dumps(log))


@pytest.mark.parametrize(
    ("status", "kind", "level"),
    [("fail", "fail", "error"), ("warn", "fail", "warning"), ("unknown", "open", "none")],
)
def test_what_a_finding_becomes(status: StatusWord, kind: str, level: str) -> None:
    found = results_of(only(status))["AKA201"]
    assert (found["kind"], found["level"], found["properties"]["status"]) == (kind, level, status)


@pytest.mark.parametrize("status", ["pass", "not-applicable", "crash"])
def test_what_is_no_finding_is_no_result(status: StatusWord) -> None:
    run = run_of(only(status))
    assert run["results"] == []
    assert run["properties"]["statuses"] == {"AKA201": status}


def test_a_crash_is_the_tools_own_failure() -> None:
    (invocation,) = run_of(crashed())["invocations"]
    assert invocation["executionSuccessful"] is False
    assert invocation["exitCode"] == 6
    (notification,) = invocation["toolExecutionNotifications"]
    assert notification["level"] == "error"
    assert notification["associatedRule"] == {"id": "AKA201", "index": 3}
    assert "broke off with ValueError" in shown(notification["message"])


@pytest.mark.parametrize(("made", "status"), [(blocked(), 1), (clear(), 0), (undetermined(), 3)])
def test_an_invocation_that_went_well(made: Report, status: int) -> None:
    (invocation,) = run_of(made)["invocations"]
    assert invocation["executionSuccessful"] is True
    assert (invocation["exitCode"], invocation["endTimeUtc"]) == (status, "2026-11-22T10:00:00Z")
    assert invocation["exitCodeDescription"]


@ALL
def test_results_point_at_their_rules(made: Report) -> None:
    run = run_of(made)
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [item.code for item in made.checks]
    for found in run["results"]:
        assert rules[found["ruleIndex"]]["id"] == found["ruleId"]


@ALL
def test_every_fault_warning_and_unknown_is_a_result_once(made: Report) -> None:
    expected = sorted(item.code for item in made.checks if item.status in ("fail", "warn", "unknown"))
    assert sorted(found["ruleId"] for found in run_of(made)["results"]) == expected


def test_root_causes_come_first() -> None:
    assert list(results_of(blocked()))[:2] == ["AKA301", "AKA111"]
    assert [found["properties"]["rootCause"] for found in results_of(blocked()).values()][:3] == [True, True, False]


def test_a_rule_from_its_page() -> None:
    rule = run_of(role_missing(), {"AKA101": PAGE})["tool"]["driver"]["rules"][0]
    assert rule["name"] == "pull-role-missing"
    assert rule["shortDescription"]["text"] == "The pulling identity holds a role that grants pull on the registry"
    assert rule["fullDescription"]["text"] == "The door is shut."
    assert rule["help"]["text"] == PAGE.strip()
    assert rule["help"]["markdown"] == (
        "The door is shut.\n\n### What is read\n\nThe `door` and its lock.\n\nA second paragraph.\n\n"
        "### Why pulls fail\n\nNobody enters."
    )
    assert rule["helpUri"].startswith("https://learn.microsoft.com/")


def test_a_rule_without_a_page_has_its_title() -> None:
    rule = run_of(role_missing())["tool"]["driver"]["rules"][0]
    assert "help" not in rule
    assert rule["shortDescription"]["text"]


def test_a_finding_lies_in_a_resource() -> None:
    found = results_of(blocked())["AKA301"]
    (where,) = found["locations"]
    (place,) = where["logicalLocations"]
    assert place["fullyQualifiedName"].endswith("/privateDnsZones/privatelink.azurecr.io/virtualNetworkLinks")
    assert place["kind"] == "resource"
    seen_there = {
        item["logicalLocations"][0]["fullyQualifiedName"]: shown(item["message"]) for item in found["relatedLocations"]
    }
    assert seen_there[REGISTRY] == 'properties.publicNetworkAccess = "Disabled"'


def test_an_unknown_lies_where_it_could_not_look() -> None:
    found = results_of(undetermined())["AKA301"]
    (place,) = found["locations"][0]["logicalLocations"]
    assert place["fullyQualifiedName"].endswith("/providers/Microsoft.Network/privateDnsZones")
    assert "needs Microsoft.Network/privateDnsZones/read" in shown(found["message"])


def test_what_is_no_resource_is_named_and_the_cluster_stands_for_it() -> None:
    made = only("fail", evidence=[seen("the pull error", "client with IP", "192.0.2.1"), seen("", "a", 1)])
    found = results_of(made)["AKA201"]
    assert found["locations"][0]["logicalLocations"][0]["fullyQualifiedName"] == CLUSTER
    (related,) = found["relatedLocations"]
    assert related["logicalLocations"] == [{"name": "the pull error", "fullyQualifiedName": "the pull error"}]


def test_text_and_markdown_say_what_to_do() -> None:
    message = results_of(role_missing())["AKA101"]["message"]
    for form in ("text", "markdown"):
        assert "az role assignment create --assignee-object-id" in shown(message, form)
        assert "This is the root cause." in shown(message, form)
    assert "```sh\naz role assignment" in shown(message, "markdown")


def test_an_effect_offers_no_fix() -> None:
    message = results_of(blocked())["AKA202"]["message"]
    for form in ("text", "markdown"):
        assert "follows from AKA301" in shown(message, form)
        assert "Fix" not in shown(message, form)


def test_a_command_with_braces_comes_out_as_it_is() -> None:
    typed = "az role assignment create --condition '((!(ActionMatches{'\"'\"'x/read'\"'\"'})))' {0} {{1}}"
    made = only("fail", fixes=[fix("Grant {it}.", typed)], evidence=[seen("/subscriptions/s", "p", {"a": {}})])
    found = results_of(made)["AKA201"]
    assert typed in shown(found["message"])
    assert f"```sh\n{typed}\n```" in shown(found["message"], "markdown")
    assert found["message"]["arguments"].count(typed) == 1
    assert shown(found["relatedLocations"][0]["message"]) == 'p = {"a": {}}'


def test_the_fingerprint_holds_while_the_same_is_wrong() -> None:
    def fingerprint(made: Report) -> str:
        return results_of(made)["AKA101"]["partialFingerprints"][FINGERPRINT]

    made = role_missing()
    first = fingerprint(made)
    checks = [replace(item, message="other words", evidence=[]) for item in made.checks]
    assert fingerprint(replace(made, checks=checks, generated_at="2027-01-01T00:00:00Z")) == first
    shouted = replace(made.target, registry=replace(made.target.registry, id=REGISTRY.upper()))
    assert fingerprint(replace(made, target=shouted)) == first
    other = replace(made.target, registry=replace(made.target.registry, id=f"{REGISTRY}2"))
    assert fingerprint(replace(made, target=other)) != first
    some = [replace(item, node_pools=["gpu", "user"]) for item in made.checks]
    turned = [replace(item, node_pools=["user", "gpu"]) for item in made.checks]
    assert fingerprint(replace(made, checks=some)) == fingerprint(replace(made, checks=turned)) != first


def test_fingerprints_tell_findings_apart() -> None:
    found = [item["partialFingerprints"][FINGERPRINT] for item in run_of(blocked())["results"]]
    assert len(set(found)) == len(found) == 5


@given(TEXTS | st.text(alphabet=st.characters(), max_size=40))
def test_whatever_azure_says_the_log_stays_whole(words: str) -> None:
    text = render_sarif(saying(words))
    for found in sarif(text)["runs"][0]["results"]:
        for form in ("text", "markdown"):
            message = as_a_culture_aware_search_sees(shown(found["message"], form))
            assert "##vso[" not in message
            assert "##[" not in message
    assert "##vso[" not in as_a_culture_aware_search_sees(text)
    assert "##[" not in as_a_culture_aware_search_sees(text)


def test_hostile_words_are_no_links_and_no_html() -> None:
    message = results_of(saying(HOSTILE))["AKA201"]["message"]
    assert not re.search(r"\[[^\]]*\]\([^)]*\)", shown(message)), "3.11.6: that is a link in plain text, too"
    markdown = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    tokens = [
        inner for token in markdown.parse(shown(message, "markdown")) for inner in [token, *(token.children or ())]
    ]
    kinds = {token.type for token in tokens}
    assert not kinds & {"html_block", "html_inline", "link_open", "image", "heading_open", "table_open"}
    assert "fence" in kinds


def test_a_warning_lies_in_its_resource_too() -> None:
    found = results_of(at_risk())["AKA111"]
    assert found["level"] == "warning"
    assert "By hand: Renew the secret" in shown(found["message"])


def test_what_was_not_seen_is_not_said_twice() -> None:
    item = check("AKA301", "unknown", "y", unseen=(gap("/subscriptions/s/z", "a/read"), gap("/subscriptions/s/z", "b")))
    found = results_of(report(target(), "undetermined", "x", [item], []))["AKA301"]
    assert len(found["relatedLocations"]) == 1


@ALL
def test_runs_of_one_cluster_belong_together(made: Report) -> None:
    name = f"aksacr/{made.target.cluster.name}/{made.target.registry.name}/"
    assert run_of(made)["automationDetails"]["id"] == name
