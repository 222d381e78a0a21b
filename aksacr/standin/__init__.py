"""A stand-in Azure: `World` answers requests out of one JSON file.

Two thin faces serve it: `transport.WorldTransport` in process, `server.StandIn` over loopback TLS. Both are imported
by their own names, because they need what a world does not: azure-core, and a certificate.
"""

from __future__ import annotations

from .loading import Cloud, Target, WorldError
from .messages import Request, Response
from .world import World

__all__ = ["Cloud", "Request", "Response", "Target", "World", "WorldError"]
