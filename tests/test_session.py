"""One session: it only reads, gives up in time, signs in once for each audience, and imports in the background."""

from __future__ import annotations

import asyncio
import gc
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from azure.core.exceptions import HttpResponseError
from azure.core.pipeline.transport import AsyncHttpTransport
from azure.core.rest import AsyncHttpResponse, HttpRequest
from azure.mgmt.network.aio import NetworkManagementClient

from aksacr import __version__
from aksacr.azure import authorization, compute, graph, managed_cluster, network, private_dns, registries
from aksacr.azure.gather import Account, from_azure
from aksacr.azure.session import Importer, Session, WriteRefusedError
from aksacr.azure.target import Target
from aksacr.clouds import Cloud, known_cloud
from aksacr.facts import ResourceId, Seen, Unseen
from aksacr.standin.messages import Response, json_response
from aksacr.standin.server import StandIn
from aksacr.standin.transport import WorldResponse

from .standin.worlds import REGISTRY, SUBSCRIPTION, AnyToken, recorded

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator
    from pathlib import Path
    from types import TracebackType

VNET = ResourceId(f"{SUBSCRIPTION}/resourceGroups/Shop/providers/Microsoft.Network/virtualNetworks/shop")
ID = SUBSCRIPTION.rsplit("/", 1)[-1]
WORDS = "The subscription is not registered to use namespace 'Microsoft.Network'."
NOT_REGISTERED = json_response(409, {"error": {"code": "MissingSubscriptionRegistration", "message": WORDS}})
THROTTLED = json_response(429, {"error": {"code": "TooManyRequests", "message": "Slow down."}})
READS: dict[str, Callable[[Session], Awaitable[object]]] = {
    "containerservice": lambda session: managed_cluster.get(session, ID, "Shop", "shop"),
    "containerregistry": lambda session: registries.list_in(session, ID),
    "compute": lambda session: compute.read_scale_sets(session, ID, "Shop"),
    "network": lambda session: network.read_virtual_network(session, VNET),
    "authorization": lambda session: authorization.read_assignments(session, ResourceId(REGISTRY)),
    "privatedns": lambda session: private_dns.read_zones(session, ID, "azurecr.io"),
}


class OnlyGet(AsyncHttpTransport[HttpRequest, AsyncHttpResponse]):
    """Gives the answers one after the other, the last one again and again. Fails on anything but GET; never sleeps."""

    def __init__(self, *answers: Response) -> None:
        self._answers = answers
        self.asked: list[HttpRequest] = []
        self.slept: list[float] = []

    async def send(self, request: HttpRequest, **kwargs: Any) -> AsyncHttpResponse:  # noqa: ARG002 - the SDK's protocol
        assert request.method == "GET", f"{request.method} {request.url}"
        self.asked.append(request)
        if not self._answers:
            await asyncio.Event().wait()
        return WorldResponse(request, self._answers[min(len(self.asked), len(self._answers)) - 1])

    async def sleep(self, duration: float) -> None:
        self.slept.append(duration)

    async def open(self) -> None:
        """Nothing to open."""

    async def close(self) -> None:
        """Nothing to close."""

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        """Nothing to close."""


def public() -> Cloud:
    cloud = known_cloud("AzureCloud")
    assert cloud is not None
    return cloud


def session_on(transport: OnlyGet, **options: Any) -> Session:
    return Session(public(), AnyToken(), transport, **options)


# --- it only reads ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("package", list(READS))
async def test_a_provider_that_is_not_registered_stays_so(package: str) -> None:
    transport = OnlyGet(NOT_REGISTERED)
    read = READS[package](session_on(transport))
    if package.startswith("container"):
        with pytest.raises(HttpResponseError, match="not registered"):
            await read
    elif package == "authorization":
        assert isinstance(await read, Unseen), "every registry has assignments, or a list of none: this is neither"
    else:
        assert isinstance(await read, Seen), "a provider that is not registered has nothing: that is seen"
    assert len(transport.asked) == 1


async def test_the_sdk_by_itself_would_register_it() -> None:
    """The test above can fail: with its own policies, the SDK answers this 409 with a POST."""
    async with NetworkManagementClient(AnyToken(), ID, transport=OnlyGet(NOT_REGISTERED)) as client:
        with pytest.raises(AssertionError, match=r"POST .*/providers/Microsoft\.Network/register"):
            await client.virtual_networks.get("Shop", "shop")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_nothing_else_leaves_the_session(method: str) -> None:
    transport = OnlyGet(json_response(200, {}))
    session = session_on(transport)
    with pytest.raises(WriteRefusedError, match=f"refused to send {method} .*: aksacr only reads"):
        await session.resource_manager(HttpRequest(method, f"{public().resource_manager}{VNET.text}"))
    with pytest.raises(WriteRefusedError, match=method):
        await session.graph(HttpRequest(method, f"{public().graph}/v1.0/applications"))
    assert transport.asked == []


async def test_a_client_that_is_told_to_delete_does_not() -> None:
    transport = OnlyGet(json_response(200, {}))
    client = await session_on(transport).network(ID)
    with pytest.raises(WriteRefusedError, match="DELETE"):
        await client.virtual_networks.begin_delete("Shop", "shop")
    assert transport.asked == []


# --- it gives up in time -----------------------------------------------------------------------------------------


def after(answer: Response, **headers: str) -> Response:
    renamed = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(answer.status, {**answer.headers, **renamed}, answer.body)


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("header", [{"retry_after": "3600"}, {"retry_after_ms": "372000"}], ids=str)
async def test_a_wait_that_is_too_long_is_not_waited(status: int, header: dict[str, str]) -> None:
    busy = after(Response(status, THROTTLED.headers, THROTTLED.body), **header)
    transport = OnlyGet(busy)
    fact = await network.read_virtual_network(session_on(transport), VNET)
    assert isinstance(fact, Unseen)
    assert "(TooManyRequests)" in fact.reason
    assert (len(transport.asked), transport.slept) == (1, [])


async def test_a_short_wait_is_waited_as_long_as_azure_asks() -> None:
    transport = OnlyGet(after(THROTTLED, retry_after="7"), json_response(200, {"value": []}))
    session = session_on(transport)
    fact = await private_dns.read_zones(session, ID, "azurecr.io")
    assert fact == Seen((), fact.source)
    assert transport.slept == [7.0]
    assert session.requests == 2


async def test_throttling_without_a_word_of_how_long_ends_after_three_more_tries() -> None:
    transport = OnlyGet(THROTTLED)
    fact = await network.read_virtual_network(session_on(transport), VNET)
    assert isinstance(fact, Unseen)
    assert fact.reason == "throttled (TooManyRequests)"
    assert fact.action == "Microsoft.Network/virtualNetworks/read"
    assert len(transport.asked) == 4
    assert sum(transport.slept) <= 10


async def test_a_refusal_is_not_tried_again() -> None:
    transport = OnlyGet(json_response(403, {"error": {"code": "AuthorizationFailed", "message": "No."}}))
    fact = await network.read_virtual_network(session_on(transport), VNET)
    assert isinstance(fact, Unseen)
    assert fact.reason == "denied (AuthorizationFailed)"
    assert len(transport.asked) == 1


async def test_silence_until_the_deadline_is_unseen() -> None:
    transport = OnlyGet()
    session = session_on(transport, deadline=asyncio.get_running_loop().time())
    fact = await network.read_virtual_network(session, VNET)
    assert isinstance(fact, Unseen)
    assert fact.reason == "no answer before the time was up"
    assert fact.source == VNET.text


async def test_no_more_requests_are_under_way_than_allowed() -> None:
    transport = OnlyGet()
    session = session_on(transport, at_once=3)
    vnets = [ResourceId(f"{VNET.text}{number}") for number in range(9)]
    reads = [asyncio.create_task(network.read_virtual_network(session, vnet)) for vnet in vnets]
    await session.network(ID)  # imported by now
    for _ in range(200):
        await asyncio.sleep(0)
    assert len(transport.asked) == 3
    for task in reads:
        task.cancel()
    await asyncio.gather(*reads, return_exceptions=True)


# --- who asks, and as whom ---------------------------------------------------------------------------------------


async def test_azure_can_tell_who_asks() -> None:
    transport = OnlyGet(json_response(200, {"value": []}))
    session = session_on(transport)
    for package in ("compute", "authorization", "privatedns"):
        await READS[package](session)
    await graph.read_application(session, "00000000-0000-0000-0000-000000000001")
    agents = [request.headers["User-Agent"].split()[0] for request in transport.asked]
    assert agents == [f"aksacr/{__version__}"] * 4
    assert len(agents[0]) <= 24, "an application id of the SDK has 24 characters at most"


def account_on(azure: StandIn) -> Account:
    return Account(azure.environment(), azure.url, None, {})


@pytest.mark.parametrize(
    ("name", "audiences", "longest"), [("recorded_private_endpoint", 1, 5), ("recorded_service_principal", 2, 7)]
)
async def test_one_token_for_each_audience_and_nothing_read_twice(name: str, audiences: int, longest: int) -> None:
    """The chain: metadata, token, cluster or registry, and then two hops; Graph needs a token of its own.

    The recorded service principal holds no role: what it may activate is asked once that is seen.
    """
    world = recorded(name)
    cluster = ResourceId(world.target.cluster)
    target = Target(cluster.resource_group, cluster.name, world.target.registry, cluster.subscription_id)
    with StandIn(world) as azure:
        gathered = await from_azure(target, account_on(azure), image=None, timeout_seconds=60)
        asked = Counter(f"{exchange.method} {exchange.target}" for exchange in azure.requests)
    tokens = sum(count for request, count in asked.items() if "/oauth2/v2.0/token" in request)
    assert tokens == audiences
    assert [request for request, count in asked.items() if count > 1 and request.startswith("GET ")] == []
    assert gathered.requests == sum(asked.values()) - tokens - 1, "all but the tokens and the cloud's metadata"
    assert gathered.longest_chain == longest


# --- what is imported while answers are awaited ------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[Path]:
    """A folder to import from; what was imported from it is forgotten."""
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    yield tmp_path
    for name in [name for name in sys.modules if name.startswith("aksacr_")]:
        del sys.modules[name]
    gc.unfreeze()


async def test_imports_come_in_order_and_one_at_a_time(folder: Path) -> None:
    (folder / "aksacr_seen.py").write_text("import threading\nsecond = threading.Event()\nnames = []\n")
    (folder / "aksacr_one.py").write_text(
        "import aksacr_seen as seen\nseen.names.append('one')\noverlap = seen.second.wait(0.1)\n"
    )
    (folder / "aksacr_two.py").write_text(
        "import aksacr_seen as seen\nseen.second.set()\nseen.names.append('two')\n"
        "on_main = seen.threading.current_thread() is seen.threading.main_thread()\n"
    )
    importer = Importer()
    importer.start("aksacr_one")
    importer.start("aksacr_two")
    two = await importer.module("aksacr_two")
    one = await importer.module("aksacr_one")
    assert vars(one)["overlap"] is False
    assert vars(one)["seen"].names == ["one", "two"]
    assert vars(two)["on_main"] is False


@pytest.mark.parametrize("enabled", [True, False])
async def test_garbage_is_collected_after_an_import_as_it_was_before(folder: Path, *, enabled: bool) -> None:
    (folder / f"aksacr_gc_{enabled}.py").write_text("import gc\nenabled = gc.isenabled()\n")
    before = gc.isenabled()
    (gc.enable if enabled else gc.disable)()
    try:
        module = await Importer().module(f"aksacr_gc_{enabled}")
        assert gc.isenabled() is enabled
    finally:
        (gc.enable if before else gc.disable)()
    assert vars(module)["enabled"] is False


async def test_an_import_that_fails_tells_who_waits_for_it_and_nobody_else(folder: Path) -> None:
    heard: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: heard.append(context))
    (folder / "aksacr_broken.py").write_text("raise ImportError('broken')\n")
    (folder / "aksacr_whole.py").write_text("word = 'whole'\n")
    importer = Importer()
    importer.start("aksacr_broken", "aksacr_whole")
    assert vars(await importer.module("aksacr_whole"))["word"] == "whole"
    with pytest.raises(ImportError, match="broken"):
        await importer.module("aksacr_broken")
    other = Importer()
    other.start("aksacr_broken")
    await other.module("aksacr_whole")
    del other
    gc.collect()
    assert heard == []
    assert gc.isenabled()
