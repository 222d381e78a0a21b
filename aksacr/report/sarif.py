"""The report as SARIF 2.1.0: a rule a check, a result a finding.

Section numbers are those of the OASIS standard, "Static Analysis Results Interchange Format (SARIF) Version 2.1.0".
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, TypeAlias

from . import plain, reading, sarif_messages
from .json_format import dump
from .sarif_locations import located, related
from .sarif_rules import rule

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .model import CheckResult, Report, StatusWord

Json: TypeAlias = dict[str, Any]

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
FINGERPRINT = "aksacrFinding/v1"

# Kind and level (3.27.9, 3.27.10): any kind but "fail" has the level "none". "open" is what could not be decided.
_RESULTS: dict[StatusWord, tuple[str, str]] = {
    "fail": ("fail", "error"),
    "warn": ("fail", "warning"),
    "unknown": ("open", "none"),
}
_EXIT_STATUS = {
    0: "no fault found, and everything asked could be seen, or may stay unseen",
    1: "at least one fault, or a warning where warnings count",
    3: "no fault found, but something could not be seen",
    6: "no fault found, but a check crashed",
}


def render_sarif(report: Report, pages: Mapping[str, str] | None = None) -> str:
    """The report as SARIF, ending in a newline.

    pages: the checks' own pages by code, for the help of the rules; without them a rule has only its title.
    """
    return dump({"$schema": SCHEMA, "version": "2.1.0", "runs": [_run(report, pages or {})]}) + "\n"


def _run(report: Report, pages: Mapping[str, str]) -> Json:
    target, verdict = report.target, report.verdict
    found = [check for check in _in_order(report) if check.status in _RESULTS]
    return {
        "tool": {
            "driver": {
                "name": report.tool.name,
                "version": report.tool.version,
                "rules": [rule(check, pages.get(check.code, "")) for check in report.checks],
            }
        },
        # Runs about one cluster and one registry can be compared with each other (3.17.3).
        "automationDetails": {"id": f"{report.tool.name}/{target.cluster.name}/{target.registry.name}/"},
        "invocations": [_invocation(report)],
        "results": [_result(report, check) for check in found],
        # What no result says: a check that passed is not in `results`, nor one that does not apply.
        "properties": {
            "outcome": verdict.outcome,
            "summary": verdict.summary,
            "rootCauses": verdict.root_causes,
            "statuses": {check.code: check.status for check in report.checks},
        },
    }


def _in_order(report: Report) -> list[CheckResult]:
    """Root causes first, the most probable one before the others; what could not be judged last."""
    return [*reading.causes(report), *reading.others(report), *reading.of_status(report, "unknown")]


def _invocation(report: Report) -> Json:
    crashed = [check for check in report.checks if check.status == "crash"]
    status = report.verdict.exit_status
    return {
        "executionSuccessful": not crashed,
        "exitCode": status,
        "exitCodeDescription": _EXIT_STATUS.get(status, ""),
        "endTimeUtc": report.generated_at,
        "toolExecutionNotifications": [_notification(report, check) for check in crashed],
    }


def _notification(report: Report, check: CheckResult) -> Json:
    """A check that broke off says nothing of the cluster: it is a fault of the tool, and belongs here (3.20.21)."""
    return {
        "level": "error",
        "associatedRule": {"id": check.code, "index": report.checks.index(check)},
        "message": sarif_messages.message([[plain.message(check)]]),
    }


def _result(report: Report, check: CheckResult) -> Json:
    kind, level = _RESULTS[check.status]
    return {
        "ruleId": check.code,
        "ruleIndex": report.checks.index(check),
        "kind": kind,
        "level": level,  # said although kind and rule imply it: viewers take a missing one for "warning"
        "message": sarif_messages.finding(report, check),
        "locations": [located(report, check)],
        "relatedLocations": related(check),
        "partialFingerprints": {FINGERPRINT: _fingerprint(report, check)},
        "properties": {
            "status": check.status,
            "rootCause": check.code in report.verdict.root_causes,
            "nodePools": check.node_pools,
        },
    }


def _fingerprint(report: Report, check: CheckResult) -> str:
    """What stays the same from run to run while the same thing is wrong: check, cluster, registry and node pools.

    Messages and evidence are left out: an address may change, and the wording with the next version.
    """
    target = report.target
    parts = [check.code, target.cluster.id, target.registry.id, *sorted(check.node_pools)]
    return hashlib.sha256(json.dumps([part.lower() for part in parts]).encode()).hexdigest()
