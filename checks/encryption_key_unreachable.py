"""The registry cannot reach its own encryption key.

What is read
    The registry's encryption settings, the identities on it, and its status.

Why pulls fail
    A registry that is encrypted with a customer's key reads it from a key vault with an identity of its own. When
    the key is gone or disabled, or the identity was taken off the registry, the registry refuses everything: 403,
    `The identity associated with the registry is inactive`, or a server error.

What to do
    Put the identity back on the registry, restore the key, and rotate it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aksacr.check import Check, Fix, Gap, Status, Verdict, not_applicable, passed, unknown
from aksacr.facts import same

from ._wording import REGISTRY_READ, seen, subscription_words

if TYPE_CHECKING:
    from aksacr.facts import Facts

_WORDS = ("encryption", "key vault", "keyvault", "identity", "cmk", "key ")


def judge(facts: Facts) -> Verdict:
    registry = facts.registry
    key = registry.encryption
    if key is None:
        return not_applicable(f"{registry.name} is not encrypted with a key of yours.")
    status = f"{registry.status} {registry.status_message}".strip()
    says_so = not same(registry.status or "Ready", "Ready") and any(word in status.lower() for word in _WORDS)
    lost = bool(key.identity_client_id) and not any(
        same(key.identity_client_id, item) for item in registry.identity_client_ids
    )
    if not says_so and not lost and not same(registry.status or "Ready", "Ready"):
        gap = Gap(registry.id.text, "", f'its status is "{status}", which does not say whether it reaches its key')
        return unknown(f"{registry.name} is encrypted with a key of yours and says: {status.rstrip('.')}.", gap)
    if not says_so and not lost:
        return passed(
            f"{registry.name} has the identity that reads its key, and says nothing else.",
            seen(registry.id, "properties.status.displayStatus", registry.status or None),
        )
    why = (
        f'it says "{status}"'
        if says_so
        else f"identity {key.identity_client_id}, which reads the key, is no longer on the registry"
    )
    return Verdict(
        Status.FAIL,
        f"{registry.name} cannot reach its encryption key {key.key_identifier}: {why}. It refuses every pull with 403 "
        "or a server error.",
        evidence=(
            seen(registry.id, "properties.encryption.keyVaultProperties.identity", key.identity_client_id or None),
            seen(registry.id, "identity.userAssignedIdentities", list(registry.identity_client_ids)),
            seen(registry.id, "properties.status", status or None),
        ),
        fixes=(_fix(facts),),
    )


def _fix(facts: Facts) -> Fix:
    registry = facts.registry
    where = " ".join(("-g", registry.id.resource_group, *subscription_words(facts, registry.id)))
    return Fix(
        f"Restore or enable the key, put its identity back (`az acr identity assign -n {registry.name} {where} "
        f"--identities <identity id>`), then `az acr encryption rotate-key -n {registry.name} {where} "
        "--key-encryption-key <key id> --identity <identity id>`",
        manual=True,
        caveat="A key that was purged cannot be restored, and what it encrypted is lost.",
        needs=f"Contributor on {registry.name} and Key Vault Crypto Officer on the vault",
    )


CHECK = Check(
    code="AKA211",
    name="encryption-key-unreachable",
    title="The registry can reach its own encryption key",
    explains=("forbidden-403", "server-error-5xx"),
    judge=judge,
    page=__doc__ or "",
    permissions=(REGISTRY_READ,),
    docs=("https://learn.microsoft.com/azure/container-registry/tutorial-troubleshoot-customer-managed-keys",),
)
