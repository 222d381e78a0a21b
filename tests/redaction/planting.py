"""Reports of recorded situations, with values planted that must not be found again."""

from __future__ import annotations

import asyncio
import base64
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import quote

import msgspec
from judging import scenario

from aksacr.azure.gather import from_world
from aksacr.catalogue import every_check
from aksacr.report import model
from aksacr.report.build import build
from aksacr.report.json_format import render_json
from aksacr.report.markdown import render_markdown
from aksacr.report.text import render_text
from aksacr.runner import run
from aksacr.standin.transport import WorldTransport

if TYPE_CHECKING:
    from collections.abc import Callable

    from aksacr.facts import Facts

SUBSCRIPTION = "6f2d6c1e-8a0b-4a51-9c53-2f7d1f0c4b10"
TENANT = "3b1f0d55-1111-4b4e-9d2a-5a1c8e9b6d21"
PRINCIPAL = "7d1f3c55-0b07-4b4e-9d2a-5a1c8e9b6d99"
MAIL = "jane.doe@contoso.com"
GUEST = "jane_contoso.com#EXT#@fabrikam.onmicrosoft.com"
GROUP = "rg-zebra-prod"
VNET = "Vnet-Zebra"
OTHER_REGISTRY = "zebraimages"
PUBLIC_ADDRESS = "51.144.77.9"
PRIVATE_ADDRESS = "10.77.3.9"
PRIVATE_RANGE = "10.77.0.0/16"
PROXY = "proxy.zebra-corp.com"
PASSWORD = "Pl4nted~Secret"  # gitleaks:allow - nobody's
CLIENT_SECRET = "Abc8Q~" + "zY9x" * 8 + "Q1"  # of the form that Entra gives, and nobody's
JWT = "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJ6ZWJyYSJ9.c2lnbmF0dXJlLW9mLXplYnJh"

SECRETS = (PASSWORD, CLIENT_SECRET, JWT)
PEOPLE = (MAIL, GUEST)
NAMED = (GROUP, VNET, OTHER_REGISTRY, TENANT, PRINCIPAL, PUBLIC_ADDRESS, PRIVATE_ADDRESS, PROXY)

ID = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{GROUP}/providers/Microsoft.Network/virtualNetworks/{VNET}"
TEXTS = (
    f"could not read {ID} for {MAIL}",
    f"object id {PRINCIPAL} in tenant {TENANT}, asked by {GUEST}.",
    f"dial tcp {PUBLIC_ADDRESS}:443 by http://user:{PASSWORD}@{PROXY}:3128/ from {PRIVATE_ADDRESS} in {PRIVATE_RANGE}",
    f'{{"createdBy": "{MAIL}", "password": "{PASSWORD}", "clientSecret": "{CLIENT_SECRET}"}}',
    f"Authorization: Bearer {JWT}",
    f"https://{OTHER_REGISTRY}.azurecr.io/v2/team/app/manifests/1?sig={quote(PASSWORD)}&x=1",
    f"docker login -u {MAIL} -p {PASSWORD} {OTHER_REGISTRY}.azurecr.io",
    f"https://portal.example/?id={quote(ID, safe='')}&upn={quote(MAIL, safe='')}&ip={quote(PUBLIC_ADDRESS)}",
    f"twice {quote(quote(ID, safe=''), safe='')}",
    "lower " + quote(ID, safe="").lower(),
    f"encoded {base64.b64encode(ID.encode()).decode()}",
    "inside x/" + base64.b64encode(f"prefix {VNET} and {SUBSCRIPTION} suffix".encode()).decode() + "/tail",
    "urlsafe "
    + base64.urlsafe_b64encode(f'{{"oid":"{PRINCIPAL}","upn":"{MAIL}","ip":"{PRIVATE_ADDRESS}"}}'.encode()).decode(),
    "wide " + base64.b64encode(f"{VNET} {SUBSCRIPTION} {MAIL}".encode("utf-16-le")).decode(),
    f"ip-{PRIVATE_ADDRESS.replace('.', '-')} and pod_{PUBLIC_ADDRESS.replace('.', '_')}",
    f"bare {SUBSCRIPTION.replace('-', '')} {SUBSCRIPTION.upper()} {PRINCIPAL.replace('-', '')}",
    r"json \u002fsubscriptions\u002f" + SUBSCRIPTION + r" jane.doe\u0040contoso.com",
)

FORMATS: dict[str, Callable[[model.Report], str]] = {
    "text": lambda report: render_text(report, width=100, colour=False),
    "narrow": lambda report: render_text(report, width=60, colour=True, unicode=False),
    "json": render_json,
    "markdown": render_markdown,
}


@cache
def situation(name: str) -> tuple[Facts, model.Report]:
    """The facts and the report of a fixture."""
    world = scenario(name).world()
    gathered = asyncio.run(from_world(world, WorldTransport(world), image=None))
    stats = model.Stats(requests=gathered.requests, elapsed_seconds=0.0)
    return gathered.facts, build(gathered.facts, run(gathered.facts, every_check()), stats)


def planted(report: model.Report, texts: tuple[str, ...] = TEXTS) -> model.Report:
    """The report with every text in every field that can hold what somebody wrote."""
    words = " | ".join(texts)
    evidence = [model.EvidenceItem(source=ID, path=f"properties.x[{VNET}].createdBy", value=MAIL)]
    evidence += [
        model.EvidenceItem(source=text, path=text, value=[text, {"password": PASSWORD, "k": text}]) for text in texts
    ]
    commands = [
        f"az network vnet show -g {GROUP} -n {VNET} --subscription {SUBSCRIPTION} --ids '{words.replace(chr(39), '')}'"
    ]
    fix = model.FixItem(summary=words, commands=commands, manual=False, caveat=words, needs=words)
    unseen = model.UnseenItem(source=words, action=words, reason=words)
    replace = msgspec.structs.replace
    first = replace(report.checks[0], status="fail", message=words, evidence=evidence, fixes=[fix], unseen=[unseen])
    hops = [replace(hop, detail=words) for hop in report.pull_path[0].hops]
    observed = {
        "text": words,
        "symptom": "forbidden-403",
        "stage": "admit",
        "image": f"{OTHER_REGISTRY}.azurecr.io/team/app:1",
    }
    return replace(
        report,
        checks=[first, *report.checks[1:]],
        pull_path=[replace(report.pull_path[0], hops=hops), *report.pull_path[1:]],
        observed=[observed],
        verdict=replace(report.verdict, summary=words),
    )


def spellings(value: str) -> set[str]:
    """How a value may be written, in lower case."""
    forms = {value, quote(value, safe=""), quote(quote(value, safe=""), safe=""), value.replace("-", "")}
    if value.replace(".", "").isdigit():
        forms |= {value.replace(".", "-"), value.replace(".", "_")}
    return {form.lower() for form in forms}
