"""The report as JUnit XML: a test a check, as Azure Pipelines' PublishTestResults and other readers of JUnit take it.

There is no one schema. The form is what the Azure Pipelines agent reads (`JunitResultReader.cs` of
microsoft/azure-pipelines-agent), and it is valid by the schema of Jenkins' xUnit plugin.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from . import plain, reading, wording

if TYPE_CHECKING:
    from .model import CheckResult, Report, StatusWord

# What XML 1.0 cannot hold, not even as a reference; of it, `printable` leaves the two that are no characters.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# Checks judge facts that were read together, so that a check has no time of its own.
_NO_TIME = "0.000"


def render_junit(report: Report) -> str:
    """The report as JUnit XML, ending in a newline.

    It is written in ASCII, with references for all other characters, so that it is right in whatever encoding a
    terminal or a shell writes it to a file. What a pipeline agent would act on is broken (`##_vso[`).
    """
    suites = ET.Element("testsuites")
    suite = ET.SubElement(suites, "testsuite", _attributes(report))
    properties = ET.SubElement(suite, "properties")
    for name, value in _properties(report):
        ET.SubElement(properties, "property", {"name": name, "value": _safe(value)})
    for check in report.checks:
        _add_case(suite, report, check)
    ET.indent(suites)
    body = ET.tostring(suites, encoding="us-ascii", xml_declaration=False).decode("ascii")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'


def _attributes(report: Report) -> dict[str, str]:
    def count(*statuses: StatusWord) -> str:
        return str(sum(check.status in statuses for check in report.checks))

    target = report.target
    return {
        # Azure Pipelines names the test run by it.
        "name": _safe(f"aksacr: {target.cluster.name} pulls from {target.registry.login_server}"),
        "tests": str(len(report.checks)),
        "failures": count("fail"),
        "errors": count("crash"),
        "skipped": count("unknown", "not-applicable"),
        "time": f"{report.stats.elapsed_seconds:.3f}",
        "timestamp": report.generated_at,
    }


def _properties(report: Report) -> list[tuple[str, str]]:
    verdict, target = report.verdict, report.target
    known = [
        ("aksacr", report.tool.version),
        ("outcome", verdict.outcome),
        ("summary", wording.said(verdict.summary)),
        ("rootCauses", ", ".join(verdict.root_causes)),
        ("exitStatus", str(verdict.exit_status)),
        ("cluster", target.cluster.id),
        ("registry", target.registry.id),
        ("image", target.image or ""),
    ]
    return [(name, value) for name, value in known if value]


def _add_case(suite: ET.Element, report: Report, check: CheckResult) -> None:
    warning = " (warning)" if check.status == "warn" else ""
    case = ET.SubElement(
        suite,
        "testcase",
        {
            "classname": _group(check.code),
            "name": _safe(f"{check.code} {check.name}: {check.title}{warning}"),
            "time": _NO_TIME,
        },
    )
    match check.status:
        case "fail":
            _add_outcome(case, "failure", check, _said(report, check))
        case "crash":
            _add_outcome(case, "error", check, _said(report, check))
        case "unknown":
            _add_outcome(case, "skipped", check, _said(report, check))
        case "not-applicable":
            _add_outcome(case, "skipped", check, "")
        case "warn":
            ET.SubElement(case, "system-out").text = _said(report, check)
        case "pass":
            pass


def _add_outcome(case: ET.Element, tag: str, check: CheckResult, text: str) -> None:
    """Readers show the message first and the text below it or on demand; of a skipped test, only the message."""
    message = plain.message(check)
    if tag == "skipped":
        missing = [f"({gap})" for gap in plain.unseen(check)]
        message = " ".join([f"{wording.STATUS[check.status]}: {message}", *missing])
    outcome = ET.SubElement(case, tag, {"type": check.status, "message": _safe(message)})
    outcome.text = text or None


def _said(report: Report, check: CheckResult) -> str:
    """The finding as a page of text, as a box for stack traces shows it."""
    text = plain.paragraphs(
        [plain.message(check), plain.standing(report, check)],
        plain.unseen(check),
        [_where(report, check)],
        plain.evidence(check),
        *plain.remedies(report, check),
        plain.documents(check),
    )
    return _FORBIDDEN.sub(_shown, text)


def _where(report: Report, check: CheckResult) -> str:
    cluster = f"cluster {report.target.cluster.name}"
    pools = reading.pools_named(check, report)
    place = f"{wording.node_pools(pools)} of {cluster}" if pools else cluster
    return plain.line(f"Where: {place}, registry {report.target.registry.login_server}")


def _group(code: str) -> str:
    """`aksacr.who-pulls`: a class name that sorts the tests into the groups of the catalogue."""
    words = wording.group(code[3:4]).lower().replace("'", "")
    return f"aksacr.{'-'.join(words.split())}"


def _safe(text: str) -> str:
    return _FORBIDDEN.sub(_shown, plain.line(text))


def _shown(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"
