"""The parts of the Markdown report that list: the pull path, every check, what was not seen, versions and identity.

They are lists and no tables: the box of a support request shows the raw text, and the Extensions tab of a pipeline run
shows tables as they are written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import reading, wording
from .markdown_findings import fix_lines
from .markdown_safe import code, inline
from .room import shortened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .model import CheckResult, HopResult, Report
    from .room import Room

_BLANKS_SHOWN = 200


def path_lines(report: Report, room: Room) -> list[list[str]]:
    """The steps of a pull for each node pool; pools that are alike are told together."""
    if not report.pull_path:
        return []
    found = reading.pools_alike(report)
    shown = found[: room.pools or None]
    blocks = [["## The pull path"]]
    for names, hops in shown:
        title = wording.node_pools(names)
        blocks.append([f"### {inline(title[0].upper() + title[1:])}"])
        facts = wording.pool_facts(report, names)
        if facts:
            blocks.append([f"{inline(facts)}."])
        blocks.append([_step(hop, report, room) for hop in hops])
        if ending := wording.predicted(hops, report):
            blocks.append([inline(ending)])
    rest = sum(len(names) for names, _ in found[len(shown) :])
    return [*blocks, [f"And {wording.plural(rest, 'node pool', 'node pools')} more."]] if rest else blocks


def _step(hop: HopResult, report: Report, room: Room) -> str:
    detail = shortened(wording.said(hop.detail), room.words)
    speaking = reading.checks_behind(hop, report) if hop.status not in ("pass", "not-applicable") else []
    codes = f" ({', '.join(speaking)})" if speaking else ""
    step = f"{hop.hop} ({wording.HOPS[hop.hop]})"
    return f"- **{wording.STATUS[hop.status]}** {step}: {inline(f'{detail}{codes}')}"


def check_lines(report: Report, room: Room) -> list[list[str]]:
    """Every check, by group; then what does not apply, one line a reason."""
    blocks = [["## Every check"]]
    for digit, checks in reading.groups(report):
        lines = [_check(check, room) for check in checks if check.status != "not-applicable"]
        if lines:
            blocks += [[f"### {wording.group(digit)}"], lines]
    reasons = [
        f"- {wording.codes(checks)}: {inline(shortened(wording.said(checks[0].message), room.words))}"
        for checks in reading.alike(reading.of_status(report, "not-applicable"))
    ]
    return [*blocks, ["### Not applicable here"], reasons] if reasons else blocks


def _check(check: CheckResult, room: Room) -> str:
    """A finding stands in full above, and a gap below; so only what passed is told here."""
    lead = f"- **{wording.STATUS[check.status]}** {check.code}"
    if check.status != "pass":
        return f"{lead}: {inline(wording.headline(check))}"
    return f"{lead}: {inline(f'{check.title}. {shortened(wording.said(check.message), room.words)}')}"


def unseen_lines(report: Report, room: Room) -> list[list[str]]:
    """What could not be seen, the permission that shows it, and the questions that this leaves open."""
    unknown = reading.of_status(report, "unknown")
    if not unknown:
        return []
    found = reading.blanks(report)
    gaps = [line for blank in found[:_BLANKS_SHOWN] for line in _gap(blank)]
    more = [f"- and {len(found) - _BLANKS_SHOWN} more"] if len(found) > _BLANKS_SHOWN else []
    blocks = [["## What could not be seen"], *([[*gaps, *more]] if gaps else [])]
    return [*blocks, ["Left open:"], list(_open(unknown, room)), *_settling(report, room)]


def _gap(blank: reading.Blank) -> Iterator[str]:
    item = blank.item
    where = wording.place(item.source)
    yield f"- {inline(f'{where}: {item.reason}')}"
    if item.action:
        yield f"  - needs {code(item.action)}"
    yield f"  - for {wording.codes(blank.checks)}"
    if where != item.source:
        yield f"  - asked {code(item.source)}"


def _open(unknown: list[CheckResult], room: Room) -> Iterator[str]:
    for checks in reading.alike(unknown):
        own = "" if reading.says_only_unseen(checks[0]) else wording.said(checks[0].message)
        for check in checks:
            yield f"- {check.code}: {inline(wording.whether(check))}"
        if own:
            yield f"  - {inline(shortened(own, room.words))}"


def _settling(report: Report, room: Room) -> list[list[str]]:
    found = reading.settling(report)
    blocks = [[f"### {wording.TO_SETTLE}"]] if found else []
    shown = found[: room.fixes or None]
    for number, (fix, checks) in enumerate(shown, start=1):
        blocks += [*fix_lines(fix, number if len(found) > 1 else None), [f"For {wording.codes(checks)}."]]
    if len(shown) < len(found):
        blocks.append([f"And {len(found) - len(shown)} more."])
    return blocks


def version_lines(report: Report) -> list[list[str]]:
    """Which program looked, when and at what, and the identity that the cluster pulls with."""
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
        *_subnets(report),
    ]
    return [["## Versions and identity"], [f"- {inline(label)}: {inline(text)}" for label, text in rows if text]]


def _subnets(report: Report) -> list[tuple[str, str]]:
    by_subnet: dict[str, list[str]] = {}
    for pool in report.target.node_pools:
        by_subnet.setdefault(pool.subnet_id or "not seen", []).append(pool.name)
    return [(f"Subnet of {wording.node_pools(names)}", subnet) for subnet, names in by_subnet.items()]
