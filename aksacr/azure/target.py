"""Finding the cluster and the registry that a user named, in any subscription that the caller sees.

Raises `TargetError` with one line that names what was looked for, where, and the nearest names that exist.
"""

from __future__ import annotations

import asyncio
import difflib
import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from azure.core.exceptions import AzureError, HttpResponseError

from aksacr.facts import Cluster, Registry, ResourceId, same

from . import managed_cluster, registries, subscriptions
from .dataflow import lengthen, together
from .forms import UNKNOWN_FORM, UnknownFormError
from .reading import code_of, reason_of, unknown_form
from .sign_in_errors import SignInError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .session import Session

_GUID = re.compile(r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", re.IGNORECASE)


# A body of another form than Azure's makes the SDK raise any of the last four.
_FAILURES = (AzureError, TimeoutError, AttributeError, KeyError, TypeError, ValueError)


# learn.microsoft.com/azure/azure-resource-manager/troubleshooting/common-deployment-errors, and recorded answers.
_TOKEN_ADVICE = {
    "expiredauthenticationtoken": "it is over: sign in again (`az login`, or start the job anew), and check the "
    "clock of this machine",
    "invalidauthenticationtokentenant": "it is of another Entra tenant than the subscription: sign in to that tenant "
    "(`az login --tenant`, AZURE_TENANT_ID)",
}


class TargetError(Exception):
    """The cluster or the registry is not there, or may not be read. One line, for a person."""


@dataclass(frozen=True, slots=True)
class Target:
    """What a user named. `subscription`: id, name or "" (then it is found); `registry`: name, login server or id."""

    resource_group: str
    cluster: str
    registry: str
    subscription: str = ""


class Finder:
    """Finds the target's cluster and registry."""

    def __init__(self, session: Session, target: Target) -> None:
        self._session = session
        self._target = target
        self._visible: list[subscriptions.Subscription] | None = None

    async def subscription_id(self) -> str:
        """The id of the named subscription, or "" when none was named."""
        named = self._target.subscription
        if not named or _GUID.match(named):
            return named
        visible = await self._subscriptions()
        matching = [item for item in visible if same(item.name, named)]
        if len(matching) == 1:
            return matching[0].id
        if matching:
            ids = ", ".join(item.id for item in matching)
            raise TargetError(f'{len(matching)} subscriptions are named "{named}" ({ids}); name one by its id')
        near = _nearest(named, (item.name for item in visible))
        raise TargetError(f'there is no subscription "{named}" among those you can read{near}')

    async def cluster(self, subscription_id: str) -> Cluster:
        """The named cluster; looked for in every visible subscription when none is named."""
        if subscription_id:
            return await self._cluster_in(subscription_id)
        visible = await self._subscriptions()
        if not visible:
            raise TargetError("you can read no subscription in this cloud; name one with --subscription")
        if len(visible) == 1:
            return await self._cluster_in(visible[0].id)
        answers: list[Cluster | str] = await together(*(self._cluster_if_there(item.id) for item in visible))
        found = [answer for answer in answers if isinstance(answer, Cluster)]
        refusals = list(dict.fromkeys(answer for answer in answers if isinstance(answer, str) and answer))
        if len(found) == 1:
            return found[0]
        where = f'cluster "{self._target.cluster}" in resource group "{self._target.resource_group}"'
        if found:
            ids = ", ".join(cluster.id.subscription_id for cluster in found)
            raise TargetError(f"{where} is in several subscriptions ({ids}); name one with --subscription")
        names = ", ".join(f'"{item.name}"' for item in visible[:5])
        unread = f"; could not look everywhere: {'; '.join(refusals[:3])}" if refusals else ""
        raise TargetError(
            f"{where} was found in none of the {len(visible)} subscriptions you can read ({names}){unread}"
        )

    async def _cluster_if_there(self, subscription_id: str) -> Cluster | str:
        """The cluster; "" where there is none; why it cannot be told."""
        try:
            return await self._get_cluster(subscription_id)
        except HttpResponseError as error:
            raise_if_not_signed_in(error)
            needs = f" in {subscription_id}; needs {managed_cluster.READ}"
            return "" if error.status_code == 404 else reason_of(error) + needs
        except (AzureError, *UNKNOWN_FORM) as error:
            return f"{_reason(error)} in {subscription_id}"

    async def _get_cluster(self, subscription_id: str) -> Cluster:
        try:
            async with asyncio.timeout_at(self._session.deadline):
                return await managed_cluster.get(
                    self._session, subscription_id, self._target.resource_group, self._target.cluster
                )
        finally:
            lengthen()

    async def _cluster_in(self, subscription_id: str) -> Cluster:
        target = self._target
        what = f'cluster "{target.cluster}" (resource group "{target.resource_group}", subscription {subscription_id})'
        try:
            return await self._get_cluster(subscription_id)
        except HttpResponseError as error:
            raise_if_not_signed_in(error)
            raise TargetError(await self._why_no_cluster(error, subscription_id, what)) from error
        except _FAILURES as error:
            raise TargetError(f"could not read {what}: {_reason(error)}") from error

    async def _why_no_cluster(self, error: HttpResponseError, subscription_id: str, what: str) -> str:
        code = code_of(error).lower()
        if error.status_code == 404 and code == "subscriptionnotfound":
            return f"there is no subscription {subscription_id} that you can read{await self._near_subscriptions()}"
        if error.status_code == 404 and code == "resourcegroupnotfound":
            return (
                f'there is no resource group "{self._target.resource_group}" in subscription {subscription_id}'
                f"{await self._near_groups(subscription_id)}"
            )
        if error.status_code == 404:
            return f"there is no {what}{await self._near_clusters(subscription_id)}"
        return f"could not read {what}: {reason_of(error)}; needs {managed_cluster.READ}"

    async def _near_subscriptions(self) -> str:
        try:
            visible = await self._subscriptions()
        except TargetError:
            return ""
        names = ", ".join(f'"{item.name}" ({item.id})' for item in visible[:3])
        return f"; you can read {names}" if names else ""

    async def _near_groups(self, subscription_id: str) -> str:
        try:
            names = await subscriptions.resource_groups(self._session, subscription_id)
        except _FAILURES:
            return ""
        return _nearest(self._target.resource_group, names)

    async def _near_clusters(self, subscription_id: str) -> str:
        try:
            ids = await managed_cluster.names_near(self._session, subscription_id)
        except _FAILURES:
            return ""
        exact = [item for item in ids if same(item.name, self._target.cluster)]
        if exact:
            groups = ", ".join(f'"{item.resource_group}"' for item in exact)
            return f"; one of that name is in resource group {groups}"
        return _nearest(self._target.cluster, (item.name for item in ids))

    async def registry(self, cluster_subscription_id: str) -> Registry:
        """The named registry: by resource id, else by name or login server, first in the cluster's subscription."""
        named = self._target.registry.strip().removeprefix("https://").rstrip("/")
        if named.lower().startswith("/subscriptions/") or named.lower().startswith("subscriptions/"):
            return await self._registry_by_id(ResourceId(named))
        seen: list[Registry] = []
        refusal = ""
        try:
            seen = await self._registries(cluster_subscription_id)
        except _FAILURES as error:
            refusal = (
                f"; could not list the registries of {cluster_subscription_id} ({_reason(error)}); "
                f"needs {registries.READ}"
            )
        found = _named(named, seen)
        if found is None:
            others, more = await self._elsewhere(cluster_subscription_id)
            seen, refusal = [*seen, *others], refusal + more
            found = _named(named, seen)
        if found is None:
            names = [registry.login_server if "." in named else registry.name for registry in seen]
            where = f"subscription {cluster_subscription_id} or the others that you can read"
            if refusal:
                hint = "; `--acr <resource id>` works without the list"
                raise TargetError(
                    f'could not find registry "{named}" in {where}{refusal}{hint}{_nearest(named, names)}'
                )
            raise TargetError(f'there is no registry "{named}" in {where}{_nearest(named, names)}')
        return found

    async def _registries(self, subscription_id: str) -> list[Registry]:
        try:
            async with asyncio.timeout_at(self._session.deadline):
                return await registries.list_in(self._session, subscription_id)
        finally:
            lengthen()

    async def _elsewhere(self, but: str) -> tuple[list[Registry], str]:
        try:
            visible = await self._subscriptions()
        except TargetError:
            return [], ""
        ids = [item.id for item in visible if not same(item.id, but)]
        found = await together(*(self._registries_or_none(item) for item in ids))
        searched: list[list[Registry]] = [some for some in found if some is not None]
        refused = len(ids) - len(searched)
        note = f"; {refused} subscriptions could not be searched" if refused else ""
        return [registry for some in searched for registry in some], note

    async def _registries_or_none(self, subscription_id: str) -> list[Registry] | None:
        try:
            return await self._registries(subscription_id)
        except _FAILURES:
            return None

    async def _registry_by_id(self, registry_id: ResourceId) -> Registry:
        if registry_id.type != "microsoft.containerregistry/registries":
            raise TargetError(f"{registry_id} is not the id of a container registry")
        try:
            return await registries.get(self._session, registry_id)
        except HttpResponseError as error:
            if error.status_code == 404:
                raise TargetError(f"there is no registry {registry_id} ({code_of(error) or 404})") from error
            raise TargetError(f"could not read {registry_id}: {reason_of(error)}; needs {registries.READ}") from error
        except _FAILURES as error:
            raise TargetError(f"could not read {registry_id}: {_reason(error)}") from error
        finally:
            lengthen()

    async def _subscriptions(self) -> list[subscriptions.Subscription]:
        if self._visible is None:
            try:
                self._visible = await subscriptions.list_all(self._session)
            except _FAILURES as error:
                raise_if_not_signed_in(error)
                raise TargetError(f"could not list your subscriptions: {_reason(error)}") from error
        return self._visible


def raise_if_not_signed_in(error: Exception) -> None:
    """Raise `SignInError` when Resource Manager refused the caller's token as such, whatever was asked for."""
    if not isinstance(error, HttpResponseError) or error.status_code != HTTPStatus.UNAUTHORIZED:
        return
    code = code_of(error)
    advice = _TOKEN_ADVICE.get(code.lower(), "sign in again, and check the clock of this machine and --cloud")
    raise SignInError(f"Azure Resource Manager refused the token ({code or 401}): {advice}") from error


def _reason(error: Exception) -> str:
    if isinstance(error, AzureError):
        return reason_of(error)
    if isinstance(error, TimeoutError):
        return "no answer before the time was up"
    if isinstance(error, UnknownFormError):
        return unknown_form(error)
    return f"answered in a form that aksacr does not know ({type(error).__name__})"


def _named(named: str, found: Iterable[Registry]) -> Registry | None:
    """By login server, by name, or by a login server's first label (a name with a domain-name label is `name-hash`)."""
    for registry in found:
        label = registry.login_server.split(".", 1)[0]
        if any(same(named, form) for form in (registry.login_server, registry.name, label)):
            return registry
    return None


def _nearest(named: str, names: Iterable[str]) -> str:
    """`; nearest: "x", "y"`, or "" when there is nothing near; letter case never counts."""
    by_key = {name.lower(): name for name in names}
    near = difflib.get_close_matches(named.lower(), list(by_key), n=3, cutoff=0.5)
    if not near and 0 < len(by_key) <= 3:
        near = list(by_key)
    return "; nearest: " + ", ".join(f'"{by_key[key]}"' for key in near) if near else ""
