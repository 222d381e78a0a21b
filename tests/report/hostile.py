"""A report whose every string was written by somebody who means harm, or who likes long names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from .builders import REGISTRY, TITLES, check, fix, gap, path, pool, report, seen, target

if TYPE_CHECKING:
    from aksacr.report.model import Report

COMMANDS = "##vso[task.setvariable variable=PATH]/tmp ##[error]x ##VSO[task.complete result=Failed]"
ESCAPES = "\x1b[2J\x1b]0;owned\x07\x9b31m\r\n\u202egnp.exe\u2028next\x00"
MARKDOWN = (
    "| a | <script>alert(1)</script> </details> [click](https://evil.example) ![x](https://evil.example/i.png) "
    "```\n# Heading\n- item `code` *b* __u__ ~~s~~ #123 @octocat &lt; <https://evil.example> www.evil.example $x$ "
    "\\| end"
)
LONG = "a-very-long-node-pool-subnet-name-" * 5
HOSTILE = f"{COMMANDS} {ESCAPES} {MARKDOWN}"


def hostile() -> Report:
    """Every string that Azure or a user may choose holds commands, escapes, markup; names are long or not Latin."""
    return saying(HOSTILE)


def saying(words: str) -> Report:
    """A report that says `words` wherever somebody else chooses the text."""
    source = f"{REGISTRY}/tags/{words}"
    failing = check(
        "AKA201",
        "fail",
        words,
        node_pools=("größe", words),
        evidence=(
            seen(source, f"properties.{words}", {words: [words, None, 1.5, True]}),
            seen("漢字の登録", "", LONG * 4),
        ),
        fixes=(
            fix(
                words,
                f"az acr network-rule add -n '{words}' --ip-address 20.86.11.4",
                "az group show -n 資源グループ",
                caveat=words,
                needs=words,
            ),
        ),
        docs=("https://learn.microsoft.com/azure/container-registry/",),
        explains=("forbidden-403",),
    )
    hidden = check("AKA301", "unknown", words, unseen=(gap(source, words, words),))
    checks = [
        failing,
        check("AKA202", "not-applicable", words),
        check("AKA322", "warn", f"1. {words}"),
        hidden,
        check("AKA131", "pass", f"- {words}"),
    ]
    made = report(
        target(pool("größe", "20.86.11.4"), pool(words), pool(LONG, subnet=None), image=f"shop/{words}"),
        "blocked",
        words,
        sorted(checks, key=lambda item: list(TITLES).index(item.code)),
        [
            path(
                name,
                ("fail", words, ("AKA301",)),
                ("pass", "", ()),
                ("warn", LONG, ()),
                ("unknown", "漢字" * 40, ()),
                ("crash", words, ("AKA201",)),
                ("not-applicable", "not reached", ()),
            )
            for name in ("größe", words, LONG)
        ],
        root_causes=("AKA201",),
        observed=({"text": words, "symptom": words, "stage": words},),
    )
    named = msgspec.structs.replace(made.target.cluster, name=words, resource_group="größe_資源", location=words)
    return msgspec.structs.replace(made, target=msgspec.structs.replace(made.target, cluster=named))
