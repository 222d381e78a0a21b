"""The knowledge: one file a cause, in reading order. A file's docstring is its page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import (
    egress_address_not_allowed,
    kubelet_identity_off_node_pool,
    peering_not_connected,
    private_dns_zone_not_linked,
    public_access_disabled_without_private_path,
    pull_role_missing,
    service_principal_secret_expired,
)

if TYPE_CHECKING:
    from aksacr.check import Check

ALL: tuple[Check, ...] = (
    pull_role_missing.CHECK,
    service_principal_secret_expired.CHECK,
    kubelet_identity_off_node_pool.CHECK,
    egress_address_not_allowed.CHECK,
    public_access_disabled_without_private_path.CHECK,
    private_dns_zone_not_linked.CHECK,
    peering_not_connected.CHECK,
)
