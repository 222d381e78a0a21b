"""What a check may know of the container registry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .resource_id import same
from .seen import Unseen, UnseenError

if TYPE_CHECKING:
    from .resource_id import ResourceId


@dataclass(frozen=True, slots=True)
class EndpointConnection:
    """One of the registry's `privateEndpointConnections`; status is Approved, Pending, Rejected or Disconnected."""

    name: str
    endpoint_id: ResourceId | None
    status: str
    description: str


@dataclass(frozen=True, slots=True)
class Encryption:
    """A customer-managed key: its id, and the client id of the identity that reads it ("" for the system's)."""

    key_identifier: str
    identity_client_id: str


@dataclass(frozen=True, slots=True)
class Registry:
    """`Microsoft.ContainerRegistry/registries`, read with an API version that knows `roleAssignmentMode`.

    `default_action` is Allow where the registry has no `networkRuleSet` (Basic and Standard).
    `ip_rules` hold addresses or CIDR ranges as Azure keeps them.
    """

    id: ResourceId
    name: str
    login_server: str
    location: str
    sku: str
    provisioning_state: str
    role_assignment_mode: str
    public_network_access: str
    default_action: str
    ip_rules: tuple[str, ...]
    data_endpoint_enabled: bool
    data_endpoint_host_names: tuple[str, ...]
    endpoint_connections: tuple[EndpointConnection, ...]
    encryption: Encryption | None
    identity_client_ids: tuple[str, ...]
    status: str
    status_message: str
    anonymous_pull: bool
    arm_audience_tokens: str

    @property
    def uses_abac(self) -> bool:
        """True in the mode "RBAC Registry + ABAC Repository Permissions". An absent mode is the older one.

        Raises `UnseenError` for a mode that is neither: which roles count in it is not known.
        """
        if not self.mode_is_known:
            mode = self.role_assignment_mode
            reason = f'its roleAssignmentMode is "{mode}", and which roles count in that mode is not known'
            raise UnseenError(Unseen(self.id.text, "", reason))
        return same(self.role_assignment_mode, "AbacRepositoryPermissions")

    @property
    def mode_is_known(self) -> bool:
        """Whether the permission mode is one of the two whose rules are known."""
        return self.role_assignment_mode.lower() in {"", "legacyregistrypermissions", "abacrepositorypermissions"}

    @property
    def admits_anonymous(self) -> bool:
        """Whether pulls without credentials are served: Basic registries have no anonymous pull."""
        return self.anonymous_pull and not same(self.sku, "Basic")


@dataclass(frozen=True, slots=True)
class Replica:
    """A replica of a Premium registry, its home among them. `is_routed` is false where no client is sent to it.

    `provisioning_state` and `status` (its `displayStatus`) are "" where Azure does not say.
    """

    name: str
    location: str
    is_routed: bool
    provisioning_state: str = ""
    status: str = ""


@dataclass(frozen=True, slots=True)
class SubnetRule:
    """A service-endpoint rule of the registry (`virtualNetworkRules`)."""

    subnet_id: ResourceId
    action: str
