"""The secret of the cluster's service principal has expired.

What is read
    The cluster's `servicePrincipalProfile.clientId`, and in Microsoft Graph the credentials of the application and of
    the service principal of that id: end dates, hints and key ids. Graph never returns a secret, and which of several
    credentials AKS holds cannot be seen anywhere.

Why pulls fail
    Nodes of such a cluster send the client id and secret straight to the registry, which checks them with Entra. An
    expired secret is refused: `failed to fetch oauth token: ... 401 Unauthorized`, `AADSTS7000222`. Secrets last one
    year unless told otherwise, so that clusters break "after a year of working".

What to do
    Make a new secret and give it to the cluster, or, better, move the cluster to a managed identity, which has no
    secret. Both roll the node pools.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from aksacr.check import Check, Evidence, Fix, Gap, Status, Verdict, az, not_applicable, unknown
from aksacr.facts import Unseen

from ._anonymous import refusal
from ._wording import (
    CLUSTER_READ,
    REGISTRY_READ,
    counted,
    move_to_managed_identity,
    no_identity,
    seen,
    subscription_words,
)

if TYPE_CHECKING:
    from datetime import datetime

    from aksacr.facts import Credential, Facts

_SOON_DAYS = 30
_HOURS_OF_DAY = 24


def judge(facts: Facts) -> Verdict:
    app_id = facts.cluster.service_principal_client_id
    if facts.cluster.pulls_with == "managed-identity":
        return not_applicable(f"Cluster {facts.cluster.name} pulls with a managed identity, which has no secret.")
    if facts.cluster.pulls_with == "unknown":
        return no_identity(facts)
    gaps = [Gap.of(fact) for fact in (facts.application, facts.service_principal) if isinstance(fact, Unseen)]
    if gaps:
        return unknown(
            f"Could not read the credentials of service principal {app_id} ({gaps[0].reason}); needs {gaps[0].action}. "
            f"Someone who may can look with: {_look(app_id)}",
            *gaps,
        )
    if facts.application.value is None and facts.service_principal.value is None:
        return not_applicable(f"Neither application nor service principal {app_id} is in the directory; see AKA112.")
    secrets = [item for item in _credentials(facts) if item.kind == "client secret"]
    at_home = facts.application.value is None
    if not secrets or (at_home and all(_has_ended(facts, item) for item in secrets)):
        return _no_secret(facts, app_id)
    return _by_dates(facts, app_id, secrets)


def _credentials(facts: Facts) -> list[Credential]:
    objects = [fact.value for fact in (facts.application, facts.service_principal)]
    unique = {(item.key_id or item.hint, item.end): item for found in objects if found for item in found.credentials}
    return sorted(unique.values(), key=lambda item: (item.end is None, item.end, item.key_id))


def _no_secret(facts: Facts, app_id: str) -> Verdict:
    where = "neither the application nor the service principal lists a client secret"
    if facts.application.value is None:
        where = "the application lives in another tenant, or is gone, and its secrets are listed only there"
    return unknown(
        f"Service principal {app_id}: {where}, so that it cannot be told whether the secret that AKS holds is valid. "
        f"Look in the application's home tenant with: {_look(app_id)}",
        Gap(f"application {app_id}", "", where),
    )


def _by_dates(facts: Facts, app_id: str, secrets: list[Credential]) -> Verdict:
    expired = [item for item in secrets if _has_ended(facts, item)]
    valid = [item for item in secrets if item not in expired and not _has_yet_to_begin(facts, item)]
    evidence = tuple(_evidence(item) for item in secrets[:8])
    fixes = (_renew(facts, app_id), _migrate(facts))
    if not valid:
        return refusal(
            facts,
            _none_valid(facts, app_id, expired, [item for item in secrets if item not in expired]),
            "Registry and Entra refuse the cluster's credentials, so that every pull fails.",
            evidence=evidence,
            fixes=fixes,
        )
    first = valid[0]
    if first.end is not None and first.end - facts.now < timedelta(days=_SOON_DAYS + 1):
        when = f"expires on {_day(first.end)}, in {_span(facts, first.end)}"
        text = f"A secret of service principal {app_id} ({_named(first)}) {when}."
        return Verdict(
            Status.WARN,
            f"{text} If it is the one that AKS holds, pulls fail from then on.",
            evidence=evidence,
            fixes=fixes,
        )
    if expired:
        last = f"the last on {_day(expired[-1].end)}"
        text = f"Of the secrets of service principal {app_id}, {len(expired)} expired ({last}), {len(valid)} did not"
        return Verdict(Status.WARN, f"{text}; which one AKS holds cannot be seen.", evidence=evidence, fixes=fixes)
    until = f"until {_day(first.end)}, {_span(facts, first.end)} left" if first.end else "without an end date"
    return Verdict(
        Status.PASS, f"Service principal {app_id} has a valid secret ({_named(first)}), {until}.", evidence=evidence
    )


def _none_valid(facts: Facts, app_id: str, expired: list[Credential], coming: list[Credential]) -> str:
    """What is said of secrets none of which is valid now: they have ended, or have not begun."""
    began = ""
    if coming:
        first = min(coming, key=lambda item: item.start or facts.now)
        began = f"begins on {_day(first.start)}, in {_span(facts, first.start)}"
        began = f"({_named(first)}) {began}"
    if not expired:
        return f"No secret of service principal {app_id} is valid yet: the first {began}."
    last = expired[-1]
    ended = f"the last one ({_named(last)}) on {_day(last.end)}, {_span(facts, last.end)} ago"
    if coming:
        return f"Every secret of service principal {app_id} that had begun has expired, {ended}; the next {began}."
    return f"Every secret of service principal {app_id} has expired, {ended}."


def _has_ended(facts: Facts, item: Credential) -> bool:
    return item.end is not None and item.end <= facts.now


def _has_yet_to_begin(facts: Facts, item: Credential) -> bool:
    return item.start is not None and item.start > facts.now


def _renew(facts: Facts, app_id: str) -> Fix:
    cluster = facts.cluster
    make = az("ad", "app", "credential", "reset", "--id", app_id, "--append", "--query", "password", "-o", "tsv")
    where = ("-g", cluster.id.resource_group, "-n", cluster.name, *subscription_words(facts, cluster.id))
    give = az("aks", "update-credentials", *where, "--reset-service-principal", "--service-principal", app_id)
    return Fix(
        f"Make a new secret for application {app_id} and give it to the cluster: `SP_SECRET=$({make})`, then "
        f'`{give} --client-secret "$SP_SECRET"`',
        manual=True,
        caveat="Without --append the other secrets are deleted; update-credentials rolls every node pool.",
        needs=f"owner of application {app_id}, and Azure Kubernetes Service Contributor on {cluster.name}",
    )


def _migrate(facts: Facts) -> Fix:
    return Fix(
        f"Better: move {facts.cluster.name} to a managed identity (`{move_to_managed_identity(facts)}`), upgrade the "
        "node image of every pool, and grant the new kubelet identity its pull role",
        manual=True,
        caveat="Nodes keep the service principal until their pool is upgraded; the new identity holds no role yet.",
        needs=f"Azure Kubernetes Service Contributor on {facts.cluster.name}",
    )


def _look(app_id: str) -> str:
    fields = "[].{ends:endDateTime, hint:hint, name:displayName}"
    return az("ad", "app", "credential", "list", "--id", app_id, "--query", fields, "-o", "table")


def _evidence(item: Credential) -> Evidence:
    return seen(f"Microsoft Graph: {item.held_by}", f"passwordCredentials[{item.key_id}].endDateTime", _stamp(item.end))


def _named(item: Credential) -> str:
    words = [f'"{item.display_name}"' if item.display_name else "", f"hint {item.hint}" if item.hint else ""]
    return ", ".join(word for word in [*words, f"key {item.key_id[:8]}"] if word)


def _span(facts: Facts, moment: datetime | None) -> str:
    """How far a moment is from now, in whole days, or hours where it is less than a day."""
    seconds = abs((moment - facts.now).total_seconds()) if moment else 0
    hours = int(seconds // 3600)
    if hours < _HOURS_OF_DAY:
        return counted(hours, "hour") if hours else "less than an hour"
    return counted(hours // _HOURS_OF_DAY, "day")


def _day(moment: datetime | None) -> str:
    return moment.date().isoformat() if moment else "no date"


def _stamp(moment: datetime | None) -> str | None:
    return moment.isoformat().replace("+00:00", "Z") if moment else None


CHECK = Check(
    code="AKA111",
    name="service-principal-secret-expired",
    title="The cluster's service principal has a valid secret",
    explains=("unauthorized-401", "token-expired"),
    judge=judge,
    page=__doc__ or "",
    permissions=(CLUSTER_READ, REGISTRY_READ, "Application.Read.All (Microsoft Graph)"),
    docs=(
        "https://learn.microsoft.com/azure/aks/update-credentials",
        "https://learn.microsoft.com/azure/aks/use-managed-identity",
    ),
)
