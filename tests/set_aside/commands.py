"""The commands of a report, read as a shell and az read them."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aksacr.report import model

_PARENTS = {
    "--vnet-name": "Microsoft.Network/virtualNetworks",
    "--nsg-name": "Microsoft.Network/networkSecurityGroups",
    "--route-table-name": "Microsoft.Network/routeTables",
    "--policy-name": "Microsoft.Network/firewallPolicies",
    "--zone-name": "Microsoft.Network/privateDnsZones",
    "-z": "Microsoft.Network/privateDnsZones",
    "--registry-name": "Microsoft.ContainerRegistry/registries",
    "--cluster-name": "Microsoft.ContainerService/managedClusters",
}


@dataclass(frozen=True)
class Command:
    """`verb` is what comes before the first option; an option without a value has an empty one."""

    text: str
    check: str
    verb: str
    options: dict[str, tuple[str, ...]]

    def one(self, *names: str) -> str:
        return next((self.options[name][0] for name in names if self.options.get(name)), "")

    @property
    def made(self) -> tuple[str, ...]:
        """What it makes, by the names that must be unique; empty where it makes nothing or adds to a list."""
        adds_to_list = self.verb == "az acr network-rule add"
        if adds_to_list or self.verb.rpartition(" ")[2] not in {"create", "add"} or not self.one("-n", "--name"):
            return ()
        names = ("--subscription", "-g", *_PARENTS, "--rule-collection-group-name", "--collection-name", "-n", "--name")
        return (self.verb, *(self.one(name).lower() for name in names))

    @property
    def folded(self) -> str:
        return self.text.lower()

    def named(self) -> Iterator[str]:
        """The lower-case ids of what it says is there."""
        scope = f"/subscriptions/{self.one('--subscription')}/resourceGroups/{self.one('-g')}/providers"
        for option, kind in _PARENTS.items():
            if self.one(option):
                yield f"{scope}/{kind}/{self.one(option)}".lower()
        if self.verb.startswith("az acr ") and "--registry-name" not in self.options:
            yield f"{scope}/Microsoft.ContainerRegistry/registries/{self.one('-n')}".lower()
        for option in ("--remote-vnet", "--virtual-network", "--scope"):
            if self.one(option):
                yield self.one(option).lower()


def commands_of(report: model.Report) -> list[Command]:
    return [_read(command, check.code) for check in report.checks for fix in check.fixes for command in fix.commands]


def _read(text: str, check: str) -> Command:
    words = shlex.split(text)
    first = next((place for place, word in enumerate(words) if word.startswith("-")), len(words))
    options: dict[str, tuple[str, ...]] = {}
    name = ""
    for word in words[first:]:
        if word.startswith("-"):
            name = word
            options[name] = ()
        else:
            options[name] = (*options[name], word)
    return Command(text, check, " ".join(words[:first]), options)
