"""The report as Markdown: for a support ticket, an issue, or the summary of a pipeline run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import reading, wording
from .markdown_findings import finding_lines
from .markdown_safe import fence, inline, table
from .markdown_summary import description_lines

if TYPE_CHECKING:
    from .model import Report

_TEXTS_SHOWN = 5
_TEXT_SHOWN = 4000


def render_markdown(report: Report) -> str:
    """The report as Markdown that reads well raw and rendered, ending in a newline.

    It holds headings, paragraphs, plain tables, lists and fenced blocks; `<details>` only around raw evidence.
    """
    target = report.target
    open_first = report.verdict.outcome == "undetermined"  # there it is the news
    title = f"Pulls by {target.cluster.name} from {target.registry.login_server}: {_outcome(report)}"
    blocks = [
        [f"# {inline(title)}"],
        *description_lines(report),
        *_causes(report),
        *_others(report),
        *_reported(report),
        *(_unseen(report) if open_first else ()),
        *_pull_path(report),
        *_checks(report),
        *(() if open_first else _unseen(report)),
        *_versions(report),
    ]
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def _outcome(report: Report) -> str:
    certain = report.verdict.outcome == "clear" and not reading.undecided(report)
    return wording.MEANINGS["clear"] if certain else wording.outcome(report)


def _causes(report: Report) -> list[list[str]]:
    found = reading.causes(report)
    if not found:
        return []
    heading = wording.causes_heading(report.verdict.outcome, len(found))
    return [[f"## {heading}"], *[block for check in found for block in finding_lines(report, check)]]


def _others(report: Report) -> list[list[str]]:
    found = reading.others(report)
    return [["## Also found"], *[block for check in found for block in finding_lines(report, check)]] if found else []


def _reported(report: Report) -> list[list[str]]:
    texts = [text for entry in report.observed if isinstance(text := entry.get("text"), str)]
    if not texts:
        return []
    blocks = [fence(text[:_TEXT_SHOWN].splitlines(), "text") for text in dict.fromkeys(texts[:_TEXTS_SHOWN])]
    return [["## The errors that were reported"], *blocks]


def _pull_path(report: Report) -> list[list[str]]:
    if not report.pull_path:
        return []
    blocks = [["## The pull path"]]
    for names, hops in reading.pools_alike(report):
        title = wording.node_pools(names)
        blocks.append([f"### {inline(title[0].upper() + title[1:])}"])
        facts = wording.pool_facts(report, names)
        if facts:
            blocks.append([f"{inline(facts)}."])
        rows = [
            [
                hop.hop,
                wording.HOPS[hop.hop],
                wording.STATUS[hop.status],
                inline(wording.said(hop.detail)),
                inline(", ".join(reading.checks_behind(hop, report))),
            ]
            for hop in hops
        ]
        blocks.append(table(["Step", "What happens", "Status", "Seen", "Checks"], rows))
        if ending := wording.predicted(hops, report):
            blocks.append([inline(ending)])
    return blocks


def _checks(report: Report) -> list[list[str]]:
    rows = [
        [
            inline(f"{check.code} {check.name}"),
            wording.STATUS[check.status],
            inline(check.title),
            inline(wording.said(check.message)),
        ]
        for check in report.checks
    ]
    return [["## Every check"], table(["Check", "Status", "What should hold", "What was seen"], rows)]


def _unseen(report: Report) -> list[list[str]]:
    unknown = reading.of_status(report, "unknown")
    if not unknown:
        return []
    rows = [
        [
            inline(wording.place(blank.item.source)),
            inline(blank.item.reason),
            inline(blank.item.action),
            inline(", ".join(blank.codes)),
            inline(blank.item.source),
        ]
        for blank in reading.blanks(report)
    ]
    alone = [f"- {inline(f'{check.code}: {wording.said(check.message)}')}" for check in unknown if not check.unseen]
    blocks = [["## What could not be seen"]]
    if rows:
        blocks.append(table(["What", "Answer", "Permission that shows it", "Checks", "Asked"], rows))
    return [*blocks, alone] if alone else blocks


def _versions(report: Report) -> list[list[str]]:
    target = report.target
    rows = [
        ("Report", f"{report.tool.name} {report.tool.version}, schema {report.schema_version}, {report.generated_at}"),
        ("Effort", wording.effort(report.stats.requests, report.stats.elapsed_seconds)),
        ("Result", wording.outcome_sentence(report)),
        ("Counts", wording.counts(check.status for check in report.checks)),
        ("Exit status", str(report.verdict.exit_status)),
        ("Cloud", target.cloud),
        ("Kubernetes", target.cluster.kubernetes_version),
        ("Cluster", target.cluster.id),
        ("Registry", target.registry.id),
        ("Pulls as", ", ".join(wording.identity(target.cluster.identity))),
        *[(f"Subnet of {pool.name}", pool.subnet_id or "not seen") for pool in target.node_pools],
    ]
    return [["## Versions and identity"], [f"- {inline(label)}: {inline(text)}" for label, text in rows if text]]
