"""The cluster's HTTP proxy takes requests that it must leave alone.

What is read
    The cluster's `httpProxyConfig` with its `noProxy`, and what the nodes resolve the registry's names to.

Why pulls fail
    Nodes send every request to the proxy whose host is not in `noProxy`. A registry behind a private endpoint is
    then asked for by the proxy, from another network and another address: `proxyconnect tcp`, or 403. The instance
    metadata service, 169.254.169.254, is never reached through a proxy, so that nodes get no token. Entries are
    names, suffixes such as `.azurecr.io`, or addresses; wildcards do not count.

What to do
    Add the registry's names, login server and data endpoints, to `noProxy`. The change renews the node pools.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aksacr.check import Check, Fix, Status, Verdict, across_pools, az, not_applicable, passed
from aksacr.semantics.name_resolution import registry_names, resolve
from aksacr.semantics.pools import network_of
from aksacr.semantics.proxy import METADATA_SERVICE, bypasses

from ._wording import ENDPOINTS_READ, NAMES_READ, REGISTRY_READ, for_each_pool, listed, seen, subscription_words

if TYPE_CHECKING:
    from aksacr.facts import Facts, HttpProxy, NodePool


def judge(facts: Facts) -> Verdict:
    proxy = facts.cluster.http_proxy
    if proxy is None:
        return not_applicable(f"Cluster {facts.cluster.name} has no HTTP proxy.")
    return across_pools(for_each_pool(facts, lambda pool: _judge_pool(facts, pool, proxy)))


def _judge_pool(facts: Facts, pool: NodePool, proxy: HttpProxy) -> Verdict:
    if pool.os_type.lower() == "windows":
        return not_applicable(f"Node pool {pool.name} runs Windows, where the proxy is not set.")
    taken = (
        [METADATA_SERVICE] if facts.cluster.kubelet_identity and not bypasses(proxy.no_proxy, METADATA_SERVICE) else []
    )
    resolution = resolve(facts, network_of(facts, pool))
    if resolution.kind == "private":
        taken += [name for name in registry_names(facts) if not bypasses(proxy.no_proxy, name)]
    if not taken:
        return passed(
            f"Node pool {pool.name}: noProxy leaves alone what the proxy must not take.", _evidence(facts, proxy)
        )
    return Verdict(
        Status.FAIL,
        f"Node pool {pool.name} sends requests for {listed(taken)} to the proxy "
        f"{proxy.https_proxy or proxy.http_proxy}: noProxy does not name it. The proxy does not reach it, or asks "
        "from another address, and pulls fail.",
        evidence=(_evidence(facts, proxy),),
        fixes=(_fix(facts, taken),),
    )


def _evidence(facts: Facts, proxy: HttpProxy) -> Evidence:
    return seen(facts.cluster.id, "properties.httpProxyConfig.noProxy", list(proxy.no_proxy))


def _fix(facts: Facts, taken: list[str]) -> Fix:
    cluster = facts.cluster
    where = ("-g", cluster.id.resource_group, "-n", cluster.name, *subscription_words(facts, cluster.id))
    apply = az("aks", "update", *where, "--http-proxy-config", "proxy.json")
    return Fix(
        f"Add {listed(taken)} to `noProxy` in the proxy's configuration file (here proxy.json) and apply it: `{apply}`",
        manual=True,
        caveat="It renews every node pool. A suffix covers all names under it; wildcards do not count.",
        needs=f"Azure Kubernetes Service Contributor on {cluster.name}",
    )


if TYPE_CHECKING:
    from aksacr.check import Evidence

CHECK = Check(
    code="AKA344",
    name="proxy-in-the-way",
    title="The cluster's HTTP proxy leaves private names alone",
    explains=("proxy-error", "forbidden-403"),
    judge=judge,
    page=__doc__ or "",
    permissions=(REGISTRY_READ, *NAMES_READ, *ENDPOINTS_READ),
    docs=("https://learn.microsoft.com/azure/aks/http-proxy",),
)
