"""Which Azure: built-in clouds, clouds of `az cloud register`, and what an ARM endpoint says of itself."""

from __future__ import annotations

import asyncio
import configparser
from dataclasses import asdict
from typing import TYPE_CHECKING

import pytest

from aksacr.clouds import (
    Cloud,
    CloudError,
    cloud_from_az_config,
    cloud_from_metadata,
    fetch_cloud,
    known_cloud,
    resolve_cloud,
    with_authority,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

URL = "https://management.local.example:8443"
METADATA_URL = f"{URL}/metadata/endpoints?api-version=2022-09-01"


def metadata(**changes: object) -> dict[str, object]:
    """A document in the form of api-version 2022-09-01; a change to None takes the key away."""
    document: dict[str, object] = {
        "name": "Local",
        "portal": "https://portal.local.example",
        "authentication": {
            "loginEndpoint": "https://login.local.example/",
            "audiences": ["https://management.core.local.example/", "https://management.local.example"],
            "tenant": "common",
            "identityProvider": "AAD",
        },
        "microsoftGraphResourceId": "https://graph.local.example/",
        "resourceManager": f"{URL}/",
        "suffixes": {"acrLoginServer": "azurecr.local.example", "storage": "core.local.example"},
    } | changes
    return {key: value for key, value in document.items() if value is not None}


# What `az cloud register -n Local --endpoint-resource-manager URL` of azure-cli 2.91 writes.
AZ_SECTION = {
    "endpoint_active_directory": "https://login.local.example/",
    "endpoint_active_directory_resource_id": "https://management.core.local.example/",
    "endpoint_management": "https://management.core.local.example/",
    "endpoint_microsoft_graph_resource_id": "https://graph.local.example/",
    "endpoint_resource_manager": URL,
    "suffix_acr_login_server_endpoint": ".azurecr.local.example",
    "suffix_storage_endpoint": "core.local.example",
}
LOCAL = Cloud(
    name="Local",
    resource_manager=URL,
    authority="https://login.local.example",
    graph="https://graph.local.example",
    registry_suffix="azurecr.local.example",
    resource_manager_scope="https://management.core.local.example//.default",
    graph_scope="https://graph.local.example/.default",
    authority_is_known=False,
    storage_suffix="core.local.example",
)


class Endpoint:
    """Stands for the network: answers URLs from a table, and remembers what was asked."""

    def __init__(self, answers: Mapping[str, object] | None = None) -> None:
        self.answers = answers or {}
        self.asked: list[str] = []

    async def get_json(self, url: str) -> object:
        self.asked.append(url)
        answer = self.answers.get(url, OSError("its name does not resolve"))
        if isinstance(answer, Exception):
            raise answer
        return answer


def resolved(endpoint: Endpoint, named: str | None, **options: object) -> Cloud:
    return asyncio.run(resolve_cloud(named, get_json=endpoint.get_json, **options))  # pyright: ignore[reportArgumentType] - each test passes its own options


KNOWN = [
    Cloud(
        "AzureCloud",
        "https://management.azure.com",
        "https://login.microsoftonline.com",
        "https://graph.microsoft.com",
        "azurecr.io",
        "https://management.azure.com/.default",
        "https://graph.microsoft.com/.default",
        True,
        "core.windows.net",
    ),
    Cloud(
        "AzureChinaCloud",
        "https://management.chinacloudapi.cn",
        "https://login.chinacloudapi.cn",
        "https://microsoftgraph.chinacloudapi.cn",
        "azurecr.cn",
        "https://management.chinacloudapi.cn/.default",
        "https://microsoftgraph.chinacloudapi.cn/.default",
        True,
        "core.chinacloudapi.cn",
    ),
    Cloud(
        "AzureUSGovernment",
        "https://management.usgovcloudapi.net",
        "https://login.microsoftonline.us",
        "https://graph.microsoft.us",
        "azurecr.us",
        "https://management.core.usgovcloudapi.net/.default",
        "https://graph.microsoft.us/.default",
        True,
        "core.usgovcloudapi.net",
    ),
]


@pytest.mark.parametrize("cloud", KNOWN, ids=lambda cloud: cloud.name)
def test_the_three_known_clouds(cloud: Cloud) -> None:
    assert known_cloud(cloud.name.upper()) == cloud


def test_other_spellings_of_known_clouds() -> None:
    spellings = {
        "azurecloud": "AzureCloud",
        "AZURE_PUBLIC_CLOUD": "AzureCloud",
        "AzurePublicCloud": "AzureCloud",
        "AZURE_CHINA_CLOUD": "AzureChinaCloud",
        "azure_us_government": "AzureUSGovernment",
        "AzureUSGovernmentCloud": "AzureUSGovernment",
    }
    found = {spelling: cloud.name if (cloud := known_cloud(spelling)) else None for spelling in spellings}
    assert found == spellings
    assert known_cloud("AzureGermanCloud") is None


def test_a_cloud_registered_with_az() -> None:
    assert cloud_from_az_config("Local", AZ_SECTION) == LOCAL


def test_a_section_without_a_key_names_the_key() -> None:
    section = {key: value for key, value in AZ_SECTION.items() if key != "endpoint_active_directory"}
    with pytest.raises(CloudError, match=r"^cloud Local: az's clouds\.config has no endpoint_active_directory;"):
        cloud_from_az_config("Local", section)


def test_az_may_override_a_known_cloud_partly() -> None:
    """`az account set` writes `[AzureCloud] subscription = …` there, and `az cloud update` single endpoints."""
    cloud = cloud_from_az_config(
        "azurecloud", {"subscription": "x", "endpoint_resource_manager": "https://arm.example/"}
    )
    assert (cloud.name, cloud.resource_manager) == ("AzureCloud", "https://arm.example")
    assert cloud.authority == "https://login.microsoftonline.com"


@pytest.mark.parametrize(
    "document", [metadata(), [metadata()], [metadata(resourceManager="https://x.example"), metadata()]]
)
def test_metadata_as_object_and_as_list(document: object) -> None:
    assert cloud_from_metadata(document, f"{URL}/") == LOCAL


@pytest.mark.parametrize(
    ("document", "missing"),
    [
        (metadata(authentication=None), "authentication.loginEndpoint"),
        (metadata(suffixes={"storage": "core.local.example"}), "suffixes.acrLoginServer"),
        (metadata(suffixes=["acrLoginServer"]), "suffixes.acrLoginServer"),
        ("hello", "authentication.loginEndpoint"),
        (None, "authentication.loginEndpoint"),
    ],
)
def test_metadata_without_a_key_names_url_and_key(document: object, missing: str) -> None:
    with pytest.raises(CloudError) as caught:
        cloud_from_metadata(document, URL)
    assert str(caught.value) == f"{METADATA_URL} has no {missing}, so this cloud cannot be used"


@pytest.mark.parametrize(
    ("document", "field", "value"),
    [
        (metadata(name=None), "name", "management.local.example"),
        (
            metadata(authentication={"loginEndpoint": "https://login.local.example", "audiences": []}),
            "resource_manager_scope",
            f"{URL}/.default",
        ),
        (metadata(microsoftGraphResourceId=""), "graph", ""),
    ],
)
def test_metadata_may_leave_out_what_is_not_needed_of_it(document: object, field: str, value: str) -> None:
    found = {name: str(part) for name, part in asdict(cloud_from_metadata(document, URL)).items()}
    assert found[field] == value


def test_metadata_that_lists_only_other_clouds() -> None:
    others = [metadata(resourceManager="https://a.example"), metadata(resourceManager="https://b.example")]
    with pytest.raises(
        CloudError, match=r"lists 2 clouds, and not one of them alone has resourceManager https://manag"
    ):
        cloud_from_metadata(others, URL)


@pytest.mark.parametrize(
    "login", ["http://login.local.example", "login.local.example", "https://", "https://a b.example"]
)
def test_an_authority_that_is_no_https_url_is_refused(login: str) -> None:
    document = metadata(authentication={"loginEndpoint": login, "audiences": ["https://a.example"]})
    with pytest.raises(CloudError, match="is not a plain https URL"):
        cloud_from_metadata(document, URL)


def test_a_path_of_the_authority_is_dropped() -> None:
    document = metadata(authentication={"loginEndpoint": "https://Login.Local.example:444/common/", "audiences": ["a"]})
    assert cloud_from_metadata(document, URL).authority == "https://login.local.example:444"


def test_fetching_asks_the_metadata_url_once() -> None:
    endpoint = Endpoint({METADATA_URL: metadata()})
    assert asyncio.run(fetch_cloud(f" {URL}/ ", endpoint.get_json)) == LOCAL
    assert endpoint.asked == [METADATA_URL]


@pytest.mark.parametrize(
    ("failure", "sentence"),
    [
        (OSError("connection refused"), f"cannot ask {METADATA_URL} which cloud it is: connection refused"),
        (TimeoutError(), f"cannot ask {METADATA_URL} which cloud it is: TimeoutError"),
        (
            ValueError("Expecting value: line 1\nx"),
            f"{METADATA_URL} did not answer with JSON: is this an ARM endpoint? ",
        ),
    ],
)
def test_an_endpoint_that_cannot_be_asked(failure: Exception, sentence: str) -> None:
    with pytest.raises(CloudError) as caught:
        resolved(Endpoint({METADATA_URL: failure}), URL)
    assert str(caught.value).startswith(sentence)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "http://management.azure.com",
        "https://",
        "https://me:hunter2@arm.example",
        "https://arm.example?x=1",
        "https://a:b/",
    ],
)
def test_only_plain_https_endpoints(url: str) -> None:
    endpoint = Endpoint()
    with pytest.raises(CloudError, match="is not a plain https URL") as caught:
        resolved(endpoint, url)
    assert endpoint.asked == []
    assert "hunter2" not in str(caught.value)


def test_the_endpoint_of_a_known_cloud_needs_no_request() -> None:
    endpoint = Endpoint()
    assert resolved(endpoint, "https://Management.usgovcloudapi.net/") == known_cloud("AzureUSGovernment")
    assert endpoint.asked == []


def test_a_registered_cloud_by_name_in_any_case() -> None:
    endpoint = Endpoint()
    assert resolved(endpoint, "LOCAL", registered={"AzureCloud": {"subscription": "x"}, "Local": AZ_SECTION}) == LOCAL
    assert endpoint.asked == []


def test_what_az_did_not_note_is_asked_of_the_endpoint() -> None:
    """az before 2.32 noted no Graph, and `--skip-endpoint-discovery` leaves the registry suffix out."""
    section = {
        key: value
        for key, value in AZ_SECTION.items()
        if key not in ("endpoint_microsoft_graph_resource_id", "suffix_acr_login_server_endpoint")
    } | {"endpoint_active_directory": "https://login.elsewhere.example", "endpoint_resource_manager": f"{URL}/"}
    endpoint = Endpoint({METADATA_URL: metadata(name="NameOfTheMetadata")})
    cloud = resolved(endpoint, "Local", registered={"Local": section})
    assert (cloud.name, cloud.authority) == ("Local", "https://login.elsewhere.example")
    assert (cloud.graph, cloud.registry_suffix) == (LOCAL.graph, LOCAL.registry_suffix)
    assert endpoint.asked == [METADATA_URL]


def test_az_names_and_the_tools_agree_on_a_file_that_az_wrote() -> None:
    """configparser writes and lower-cases the keys, as az does."""
    parser = configparser.ConfigParser()
    parser.read_dict({"Local": AZ_SECTION})
    assert cloud_from_az_config("Local", dict(parser.items("Local"))) == LOCAL


def test_an_unknown_name_shows_the_nearest_first() -> None:
    with pytest.raises(CloudError) as caught:
        resolved(Endpoint(), "AzureChina", registered={"MyStack": AZ_SECTION})
    assert str(caught.value).startswith("no cloud is called 'AzureChina'; there are AzureChinaCloud, AzureCloud, ")
    assert "MyStack" in str(caught.value)


def test_what_was_named_goes_before_the_environment_and_the_environment_before_az() -> None:
    endpoint = Endpoint()
    government = "login.microsoftonline.us"
    asked = [
        resolved(endpoint, None),
        resolved(endpoint, None, configured="AzureChinaCloud"),
        resolved(endpoint, None, configured="AzureCloud", authority_host=f"https://{government}/"),
        resolved(endpoint, None, authority_host=government),
        resolved(endpoint, "AzureCloud", configured="AzureChinaCloud", authority_host=government),
    ]
    names = ["AzureCloud", "AzureChinaCloud", "AzureUSGovernment", "AzureUSGovernment", "AzureCloud"]
    assert asked == [known_cloud(name) for name in names]


def test_an_unknown_authority_is_trusted_as_given() -> None:
    public = known_cloud("AzureCloud")
    assert public is not None
    private = with_authority(public, "https://login.private.example/")
    assert (private.authority, private.authority_is_known) == ("https://login.private.example", False)
    assert private.resource_manager == public.resource_manager
    with pytest.raises(CloudError, match=r"^AZURE_AUTHORITY_HOST: 'http://x\.example' is not a plain https URL"):
        with_authority(public, "http://x.example")


def test_a_cloud_that_does_not_say_where_its_storage_is_can_be_used() -> None:
    section = {key: value for key, value in AZ_SECTION.items() if key != "suffix_storage_endpoint"}
    told = resolved(Endpoint(), "Local", registered={"Local": section})
    assert (told.storage_suffix, told.registry_suffix) == ("", LOCAL.registry_suffix)
    document = metadata(suffixes={"acrLoginServer": "azurecr.local.example"})
    asked = resolved(Endpoint({METADATA_URL: document}), URL)
    assert (asked.storage_suffix, asked.registry_suffix) == ("", LOCAL.registry_suffix)
