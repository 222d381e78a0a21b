"""Names that could as well be words of the report: replacing them wherever they stand would wreck its sentences."""

from __future__ import annotations

import re
from functools import cache

SHORTEST = 5  # shorter names are words of every text; must-gather-clean draws the line there, too

# Azure's own names of resources and rules: they are the same for everybody.
KEPT_NAMES = frozenset(
    name.lower()
    for name in (
        *("default", "AzureFirewallSubnet", "AzureFirewallManagementSubnet", "AzureBastionSubnet", "GatewaySubnet"),
        *(
            "RouteServerSubnet",
            "kubernetes",
            "kubernetes-internal",
            "AllowVnetInBound",
            "AllowAzureLoadBalancerInBound",
        ),
        *("DenyAllInBound", "AllowVnetOutBound", "AllowInternetOutBound", "DenyAllOutBound", "RootManagementGroup"),
        *(
            "localhost",
            "NetworkWatcherRG",
            "DefaultNetworkRuleCollectionGroup",
            "DefaultApplicationRuleCollectionGroup",
        ),
        *("DefaultDnatRuleCollectionGroup", "nodepool", "agentpool", "system", "none", "null", "msi", "true", "false"),
    )
)
_WORD = re.compile(r"[a-z]+")
_MORE_WORDS = """
address addresses admits allows another answers arrives attached azure backend between blocked called carried check
checks client cloud cluster clusters commands compute condition connection contained container containers control
could creating credentials data database default demo denied denies deny directory disabled dropped drops egress
enabled encryption endpoint error errors every exists expired expires external fails fault faults firewall frontend
gateway gets granted grants group groups held helm here holds image images ingress internal internet kubelet label
large latest layer layers leaves linked linux local login machine machines main managed manifest master message
metadata microsoft minutes missing model monitoring namespace network networks never nobody node nodepool nodepools
nodes nothing observed only other others outbound pass passed path peered peering platform pool pools premium
principal principals private proxy public pull pulls reach reached reaches read reading reason records refused
registries registry release removed report repository request requests resolve resolves resource resources result
route routes rule rules scope second secret security seen server servers service services shared small space
standard start state status storage subnet subnets subscription support system table tables target team tenant
tenants test testing tests that there these this through token tokens traffic unknown until update user users valid
value values vault version virtual warning where whether which while windows without worker workers workload
workloads zones
"""
_MORE = frozenset(_MORE_WORDS.split())


@cache
def _vocabulary() -> frozenset[str]:
    from aksacr.catalogue import every_check  # noqa: PLC0415 - the pages are long, and read when names are masked

    pages = (f"{check.title} {check.page}".lower() for check in every_check())
    return _MORE | {word for page in pages for word in _WORD.findall(page)}


def stands_out(name: str) -> bool:
    """Whether a name can be told from the words of a sentence, so that it may be replaced wherever it stands."""
    return len(name) >= SHORTEST and name.lower() not in _vocabulary()


def is_kept(name: str) -> bool:
    """Whether a name is Azure's own, or a number."""
    return name.lower() in KEPT_NAMES or name.isdigit()
