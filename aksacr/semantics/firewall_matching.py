"""Whether one rule of an Azure Firewall matches what a node wants to reach on TCP 443.

Rules (Azure Firewall): an application rule goes by the host name (TLS server name) and needs `Https:443`; a `*` stands
only at the left of a name, for any text. An FQDN tag or a service tag stands for Microsoft's own lists: the tag
AzureKubernetesService covers mcr.microsoft.com, never a customer's registry. A network rule goes by address, service
tag or whole host name. A rule that inspects TLS, as rules by URL must, shows nodes a certificate of the firewall's own.
What cannot be decided is neither a match nor none: it is a doubt, with its name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from aksacr.facts import Unseen, look, same

from .address_ranges import EVERYTHING, PRIVATE, Range, holds, is_address, joined, range_of, without
from .service_tags import region_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from aksacr.facts import Fact, FirewallRule, ResourceId

Doubt: TypeAlias = str | Unseen
# The storage accounts of a cloud that does not say what its hosts end in: any host may be one.
ANY_HOST = "*"
_IpGroups: TypeAlias = "Mapping[ResourceId, Fact[tuple[str, ...] | None]]"

# Microsoft's lists of hosts for these FQDN tags name neither customers' registries nor their storage. What
# AzureKubernetesService holds is what learn.microsoft.com/azure/aks/outbound-rules-control-egress lists (so says
# limit-egress-traffic there): mcr.microsoft.com, its data hosts and single hosts of Microsoft's, and no wildcard of
# azurecr.io (it even left out mcrprod.azurecr.io: mspnp/aks-baseline#457) or of blob.core.windows.net.
_TAGS_WITHOUT_STORAGE = {
    *("azurekubernetesservice", "windowsupdate", "windowsdiagnostics"),
    *("microsoftactiveprotectionservice", "microsoftintune"),
}
_TAGS_WITHOUT_REGISTRY = {
    *_TAGS_WITHOUT_STORAGE,
    *("appserviceenvironment", "azurebackup", "azurehdinsight", "hdinsight"),
    *("windowsvirtualdesktop", "azurevirtualdesktop", "windows365", "citrixhdxplusforwindows365"),
}
# Categories that a host of Azure may be filed under; vice, leisure and the like are not.
_LIKELY_CATEGORIES = {
    *("business", "computersandtechnology", "informationsecurity", "webrepositoryandstorage"),
    *("uncategorized", "general", "generalbusiness", "downloadsites"),
}
# Service tags whose addresses hold no registry and no storage.
_OTHER_SERVICE_TAGS = set(
    """actiongroup apimanagement appconfiguration applicationinsightsavailability appservice appservicemanagement
    autonomousdevelopmentplatform azureactivedirectory azureactivedirectorydomainservices azureadvancedthreatprotection
    azurearcinfrastructure azureattestation azurebackup azurebotservice azurecognitivesearch azureconnectors
    azurecosmosdb azuredatabricks azuredatalake azuredevops azuredevspaces azuredigitaltwins azureeventgrid
    azurefrontdoor azurehealthcareapis azureiothub azurekeyvault azureloadbalancer azuremachinelearning azuremonitor
    azureopendatasets azureplatformdns azureplatformimds azureplatformlkm azurepolicyinsights azureportal
    azureresourcemanager azuresecuritycenter azuresentinel azuresignalr azuresiterecovery azuresphere
    azurespringcloud azurestack azuretrafficmanager azureupdatedelivery azurewebpubsub batchnodemanagement
    cognitiveservicesfrontend cognitiveservicesmanagement datafactory datafactorymanagement dynamics365 eventhub
    gatewaymanager githubactions guestandhybridmanagement hdinsight keyvault logicapps logicappsmanagement
    microsoftcloudappsecurity microsoftcontainerregistry microsoftdefenderforendpoint onedsinternal powerbi
    powerplatforminfra powerplatformplex powerqueryonline scuba serialconsole servicebus servicefabric sql
    sqlmanagement storagesyncservice windowsadmincenter windowsvirtualdesktop virtualdesktop m365managementactivityapi
    """.split()  # noqa: SIM905
)
_APPLICATION_PROTOCOLS = {"http", "https", "mssql"}


@dataclass(frozen=True, slots=True)
class Target:
    """Something to reach on TCP 443.

    `name` is a host, or `*.` and a suffix where any host below it may be meant (the storage accounts of a registry);
    `ANY_HOST` where the suffix is not known.
    `tag` is the service tag that its public addresses are in; `regions` where it is, all of them when `regions_known`;
    `regions_gap` would show the others, and may not be read.
    `address` is its private address where it is reached by a private endpoint, else "".
    """

    name: str
    tag: str
    regions: frozenset[str] = frozenset()
    regions_known: bool = True
    address: str = ""
    regions_gap: Unseen | None = None

    @property
    def host(self) -> str:
        """The name as people should read it."""
        return "the storage accounts of this cloud (Azure Storage, blob)" if self.name == ANY_HOST else self.name


@dataclass(frozen=True, slots=True)
class Answer:
    """Yes, no, or (None) a doubt that `doubts` name."""

    value: bool | None
    doubts: tuple[Doubt, ...] = ()


YES = Answer(True)
NO = Answer(False)


@dataclass(frozen=True, slots=True)
class NameView:
    """Whether the firewall goes where the nodes go: by an application rule (`connects`), a network rule (`listed`)."""

    connects: Answer = YES
    listed: Answer = YES


AS_NODES = NameView()


def doubt(*doubts: Doubt) -> Answer:
    return Answer(None, doubts)


def any_of(answers: Iterable[Answer]) -> Answer:
    """Yes when one is; else a doubt when one is; else no."""
    found = list(answers)
    if any(item.value for item in found):
        return YES
    doubts = tuple(dict.fromkeys(each for item in found for each in item.doubts))
    return Answer(None, doubts) if doubts else NO


def all_of(*answers: Answer) -> Answer:
    """No when one is; else a doubt when one is; else yes."""
    if any(item.value is False for item in answers):
        return NO
    doubts = tuple(dict.fromkeys(each for item in answers for each in item.doubts))
    return Answer(None, doubts) if doubts else YES


def reaches(rule: FirewallRule, action: str, target: Target, groups: _IpGroups, names: NameView = AS_NODES) -> Answer:
    """Whether a rule is about the target, whoever asks for it; what it allows must also lead where the nodes want."""
    if rule.kind == "network":
        by_protocol = Answer(any(protocol.lower() in {"tcp", "any"} for protocol in rule.protocols))
        by_port = Answer(any(_holds_port(port) for port in rule.ports))
        return all_of(by_protocol, by_port, _destination(rule, target, groups, action, names))
    https = _https(rule)
    to_addresses = _destination(rule, target, groups, action, names) if rule.destinations else YES
    arrives = all_of(names.connects, _trusted(rule)) if same(action, "Allow") else YES
    return all_of(https, to_addresses, _application(rule, target, action), arrives)


def _trusted(rule: FirewallRule) -> Answer:
    """Whether nodes accept what answers: with inspection of TLS, only where they trust the firewall's authority."""
    inspects = rule.inspects_tls or bool(rule.target_urls and not rule.target_names)
    return doubt("it inspects TLS; whether the nodes trust its certificate authority is not seen") if inspects else YES


def _https(rule: FirewallRule) -> Answer:
    """Whether an application rule is about HTTPS on port 443; a doubt for a protocol that is not known here."""
    if any(same(protocol, "Https:443") for protocol in rule.protocols):
        return YES
    strange = [item for item in rule.protocols if item.split(":")[0].lower() not in _APPLICATION_PROTOCOLS]
    on_port = [item for item in strange if item.partition(":")[2] in {"", "None", "443"}]
    on_port += [item for item in rule.protocols if same(item, "Https:None")]
    return doubt(*(f"the protocol {item} of rule {rule.name}" for item in on_port)) if on_port else NO


def sources(rule: FirewallRule, groups: _IpGroups) -> tuple[tuple[Range, ...], tuple[Doubt, ...]]:
    """The addresses that a rule is for, joined, and what of them cannot be told."""
    texts, doubts = _expanded(rule.sources, rule.source_ip_group_ids, groups)
    found = [item for item in map(range_of, texts) if item is not None]
    strange = [f"the source {text}" for text in texts if not is_address(text)]
    if not (rule.sources or rule.source_ip_group_ids):
        strange.append("its source")
    return joined(found), (*doubts, *strange)


def _expanded(
    texts: tuple[str, ...], group_ids: tuple[ResourceId, ...], groups: _IpGroups
) -> tuple[list[str], list[Doubt]]:
    found = list(texts)
    doubts: list[Doubt] = []
    for group_id in group_ids:
        group = look(groups, group_id)
        if isinstance(group, Unseen):
            doubts.append(group)
        elif group.value is None:
            doubts.append(f"IP group {group_id.name}, which Azure does not have")
        else:
            found += group.value
    return found, doubts


def _holds_port(text: str) -> bool:
    first, dash, last = text.strip().partition("-")
    if first == "*":
        return True
    if not (first.isdigit() and (last.isdigit() or not dash)):
        return False
    return int(first) <= 443 <= int(last if dash else first)


def _destination(rule: FirewallRule, target: Target, groups: _IpGroups, action: str, names: NameView) -> Answer:
    texts, doubts = _expanded(rule.destinations, rule.ip_group_ids, groups)
    ranges = joined(item for item in map(range_of, texts) if item is not None)
    tags = [_service_tag(text, target) for text in texts if not is_address(text)]
    hosts = rule.target_names if rule.kind == "network" else ()
    by_name = [all_of(_whole_name(name, target, action), names.listed) for name in hosts]
    unseen = [doubt(item) for item in doubts]
    return any_of([_addresses(ranges, target), *tags, *by_name, *unseen])


def _addresses(ranges: tuple[Range, ...], target: Target) -> Answer:
    if target.address:
        wanted = range_of(target.address)
        return Answer(wanted is not None and holds(ranges, wanted))
    if holds(ranges, EVERYTHING):
        return YES
    # One address is some other host's: a registry has none to rely on. A range may be a copy of Azure's lists.
    public = [item for item in without(ranges, PRIVATE) if item[0] != item[1]]
    return doubt("public addresses as destination, where Azure does not tell the service's own") if public else NO


def _service_tag(text: str, target: Target) -> Answer:
    name, _, region = text.strip().lower().partition(".")
    if target.address:
        return doubt(f"service tag {text}") if name == "virtualnetwork" else NO
    if name == "internet":
        return YES
    if name in {target.tag.lower(), "azurecloud"}:
        return _region(text, region_name(region), target)
    known = name in _OTHER_SERVICE_TAGS or name in {"storage", "azurecontainerregistry"}
    return NO if known else doubt(f"service tag {text}")


def _region(text: str, region: str, target: Target) -> Answer:
    if not region or region in target.regions:
        return YES
    if target.regions_known:
        return NO
    return doubt(target.regions_gap or f"service tag {text}, a region that the registry may have a replica in")


def _whole_name(name: str, target: Target, action: str) -> Answer:
    """Host names in network rules take no wildcard."""
    if target.name.startswith("*"):
        return _some_account(name, target, action)
    return Answer(same(name.strip().rstrip("."), target.name))


def _some_account(name: str, target: Target, action: str) -> Answer:
    """One storage account, or some: it may be the registry's. One that is denied by name is somebody else's."""
    below = name.strip().lower().rstrip(".").endswith(target.name[1:].lower())
    return doubt(f"{name}, which may be the registry's storage account") if below and same(action, "Allow") else NO


def _application(rule: FirewallRule, target: Target, action: str) -> Answer:
    answers = [_pattern(name, target, action) for name in rule.target_names]
    answers += [_url(url, target, action) for url in rule.target_urls]
    answers += [_fqdn_tag(tag, target) for tag in rule.target_tags]
    answers += [doubt(f"web category {item}") for item in rule.web_categories if item.lower() in _LIKELY_CATEGORIES]
    return any_of(answers)


def _pattern(pattern: str, target: Target, action: str) -> Answer:
    pattern = pattern.strip().lower().rstrip(".")
    name = target.name.lower().rstrip(".")
    if pattern.startswith("*"):
        if name.removeprefix("*").endswith(pattern[1:]):
            return YES
    elif pattern == name:
        return YES
    return _some_account(pattern, target, action) if name.startswith("*") else NO


def _url(url: str, target: Target, action: str) -> Answer:
    """A URL is matched behind TLS inspection only, which aksacr does not follow; its host tells if it could be."""
    host, _, path = url.strip().partition("/")
    answer = _pattern(host, target, action)
    return answer if answer.value is False or path in {"", "*"} else doubt(f"URL {url}")


def _fqdn_tag(tag: str, target: Target) -> Answer:
    known = _TAGS_WITHOUT_STORAGE if same(target.tag, "Storage") else _TAGS_WITHOUT_REGISTRY
    return NO if tag.partition(".")[0].lower() in known else doubt(f"FQDN tag {tag}")
