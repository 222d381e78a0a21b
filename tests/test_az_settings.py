"""az's files, written as az writes them, and read as az reads them."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from aksacr.cli.az_settings import AzSettings, AzSettingsError, Subscription, UnknownSubscriptionError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

ONE = "11111111-1111-1111-1111-111111111111"
TWO = "22222222-2222-2222-2222-222222222222"
THREE = "33333333-3333-3333-3333-333333333333"
TENANT = "99999999-9999-9999-9999-999999999999"
UNKNOWN_ID = "AAAAAAAA-1111-2222-3333-444444444444"


class Machine:
    """A home folder, a working folder below it, and an environment."""

    def __init__(self, root: Path) -> None:
        self.home = root / "home"
        self.cwd = self.home / "work" / "project"
        self.cwd.mkdir(parents=True)
        self.azure = self.home / ".azure"
        self.azure.mkdir()
        self.warnings: list[str] = []

    def read(self, environment: Mapping[str, str] | None = None) -> AzSettings:
        return AzSettings.read(environment or {}, self.cwd, self.home, self.warnings.append)

    def profile(self, *subscriptions: object) -> None:
        """azureProfile.json as azure.cli.core._session.Session.save writes it: utf-8-sig, one line."""
        document = {"installationId": "00000000-0000-0000-0000-000000000000", "subscriptions": list(subscriptions)}
        with (self.azure / "azureProfile.json").open("w", encoding="utf-8-sig") as file:
            json.dump(document, file)


def account(identity: str, name: str, cloud: str = "AzureCloud", *, default: bool = False) -> dict[str, object]:
    return {
        "id": identity,
        "name": name,
        "state": "Enabled",
        "user": {"name": "test@example.com", "type": "user"},
        "isDefault": default,
        "tenantId": TENANT,
        "environmentName": cloud,
        "homeTenantId": TENANT,
        "managedByTenants": [],
    }


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_a_machine_without_az(machine: Machine) -> None:
    machine.azure.rmdir()
    settings = machine.read()
    assert settings == AzSettings(config_dir=machine.azure)
    assert settings.active_subscription("AzureCloud") is None
    assert machine.warnings == []


def test_the_global_config(machine: Machine) -> None:
    write(
        machine.azure / "config",
        "[cloud]\nname = AzureChinaCloud\n\n[core]\noutput = table\nno_color = yes\nonly_show_errors = TRUE\n"
        "collect_telemetry = 100%\n\n[defaults]\ngroup = my-group\nacr = myregistry\n",
    )
    settings = machine.read()
    assert (settings.default_group, settings.default_acr) == ("my-group", "myregistry")
    assert (settings.cloud_name, settings.cloud_is_named) == ("AzureChinaCloud", False)
    assert (settings.output, settings.color_disabled, settings.only_show_errors) == ("table", True, True)
    assert machine.warnings == []


def test_the_environment_goes_before_every_file(machine: Machine) -> None:
    write(machine.azure / "config", "[cloud]\nname = AzureCloud\n[core]\nno_color = no\n[defaults]\ngroup = global\n")
    write(machine.cwd / ".azure" / "config", "[defaults]\ngroup = local\n")
    settings = machine.read(
        {
            "AZURE_DEFAULTS_GROUP": "environment",
            "AZURE_DEFAULTS_ACR": "registry",
            "AZURE_CLOUD_NAME": "AzureUSGovernment",
            "AZURE_CORE_NO_COLOR": "1",
            "AZURE_CORE_ONLY_SHOW_ERRORS": "on",
            "AZURE_CORE_OUTPUT": "jsonc",
        }
    )
    assert (settings.default_group, settings.default_acr) == ("environment", "registry")
    assert (settings.cloud_name, settings.cloud_is_named) == ("AzureUSGovernment", True)
    assert (settings.color_disabled, settings.only_show_errors, settings.output) == (True, True, "jsonc")


def test_an_empty_variable_takes_a_default_away_as_in_az(machine: Machine) -> None:
    write(machine.azure / "config", "[defaults]\ngroup = global\nacr = registry\n")
    settings = machine.read({"AZURE_DEFAULTS_GROUP": ""})
    assert (settings.default_group, settings.default_acr) == (None, "registry")


def test_defaults_come_from_the_nearest_folder_and_nothing_else_does(machine: Machine) -> None:
    write(machine.azure / "config", "[defaults]\ngroup = global\nacr = globalacr\n[core]\noutput = json\n")
    write(machine.home / "work" / ".azure" / "config", "[defaults]\ngroup = parent\nacr = parentacr\n")
    write(machine.cwd / ".azure" / "config", "[defaults]\ngroup = nearest\n[core]\noutput = table\n[cloud]\nname = X\n")
    settings = machine.read()
    assert (settings.default_group, settings.default_acr) == ("nearest", "parentacr")
    assert (settings.output, settings.cloud_name) == ("json", None)


def test_the_search_ends_at_the_global_folder(machine: Machine, tmp_path: Path) -> None:
    write(tmp_path / ".azure" / "config", "[defaults]\ngroup = above-home\n")
    assert machine.read().default_group is None


def test_another_config_folder_also_names_the_local_ones(machine: Machine, tmp_path: Path) -> None:
    write(machine.azure / "config", "[defaults]\ngroup = ignored\n")
    write(tmp_path / "elsewhere" / "azcfg" / "config", "[defaults]\nacr = theirs\n")
    write(machine.cwd / ".azure" / "config", "[defaults]\ngroup = ignored\n")
    write(machine.cwd / "azcfg" / "config", "[defaults]\ngroup = local\n")
    settings = machine.read({"AZURE_CONFIG_DIR": str(tmp_path / "elsewhere" / "azcfg")})
    assert (settings.default_group, settings.default_acr) == ("local", "theirs")
    assert settings.config_dir == tmp_path / "elsewhere" / "azcfg"


def test_registered_clouds(machine: Machine) -> None:
    write(machine.azure / "clouds.config", "[Local]\nendpoint_gallery = https://a.example/%20\nprofile = latest\n")
    clouds = machine.read().registered_clouds
    assert clouds == {"Local": {"endpoint_gallery": "https://a.example/%20", "profile": "latest"}}


def test_the_active_subscription_is_the_default_one_of_the_active_cloud(machine: Machine) -> None:
    machine.profile(
        account(ONE, "Production", "AzureChinaCloud", default=True),
        account(TWO, "Staging"),
        account(THREE, "Übung", default=True),
    )
    settings = machine.read()
    assert settings.active_subscription("azurecloud") == Subscription(THREE, "Übung", TENANT, True, "AzureCloud")
    assert settings.active_subscription("AzureUSGovernment") is None
    assert machine.warnings == []


def test_az_keeps_the_choice_for_each_cloud(machine: Machine) -> None:
    machine.profile(account(ONE, "Production", default=True), account(TWO, "China", "AzureChinaCloud"))
    write(
        machine.azure / "clouds.config", f"[AzureChinaCloud]\nsubscription = {TWO}\n\n[Local]\nsubscription = {THREE}\n"
    )
    settings = machine.read()
    china = settings.active_subscription("AzureChinaCloud")
    assert china is not None
    assert (china.id, china.name) == (TWO, "China")
    assert settings.active_subscription("Local") == Subscription(THREE, environment_name="Local")


def test_the_order_of_the_active_subscription(machine: Machine) -> None:
    machine.profile(account(ONE, "Production", default=True), account(TWO, "Staging"), account(THREE, "Test"))
    write(machine.azure / "config", "[defaults]\nsubscription = Staging\n")
    environments = [
        {"AZURE_SUBSCRIPTION_ID": "test"},
        {"AZURE_DEFAULTS_SUBSCRIPTION": ONE},
        {"AZURE_SUBSCRIPTION_ID": ""},
    ]
    found = [machine.read(environment).active_subscription("AzureCloud") for environment in environments]
    assert [subscription.id for subscription in found if subscription] == [THREE, ONE, TWO]


def test_a_variable_that_names_no_subscription_is_said_to_be_the_source(machine: Machine) -> None:
    machine.profile(account(ONE, "Production", default=True))
    with pytest.raises(
        UnknownSubscriptionError, match=r"^subscription 'Prod' \(AZURE_SUBSCRIPTION_ID\): az knows none"
    ):
        machine.read({"AZURE_SUBSCRIPTION_ID": "Prod"}).active_subscription("AzureCloud")


def test_a_tenant_without_subscriptions_is_no_subscription(machine: Machine) -> None:
    machine.profile(account(TENANT, "N/A(tenant level account)", default=True))
    settings = machine.read()
    expected = f"^az is signed in to tenant {TENANT}, which shows it no subscription; name one with --subscription"
    with pytest.raises(AzSettingsError, match=expected):
        settings.active_subscription("AzureCloud")
    with pytest.raises(AzSettingsError, match=expected):
        settings.find_subscription(TENANT, "AzureCloud")


@pytest.mark.parametrize("asked", ["STAGING", TWO, TWO.upper(), " staging "])
def test_a_subscription_by_id_or_name_in_any_case(machine: Machine, asked: str) -> None:
    machine.profile(account(ONE, "Production", default=True), account(TWO, "Staging"))
    found = machine.read().find_subscription(asked, "azurecloud")
    assert (found.id, found.name, found.tenant_id) == (TWO, "Staging", TENANT)


def test_an_id_that_az_does_not_know_is_taken_as_it_is(machine: Machine) -> None:
    machine.profile(account(ONE, "Production", default=True))
    found = machine.read().find_subscription(UNKNOWN_ID, "AzureCloud")
    assert found == Subscription(UNKNOWN_ID, environment_name="AzureCloud")


def test_a_name_that_several_have(machine: Machine) -> None:
    machine.profile(
        account(ONE, "Shared"), account(TWO, "shared", default=True), account(THREE, "Shared", "AzureChinaCloud")
    )
    settings = machine.read()
    with pytest.raises(AzSettingsError, match=f"'Shared': 2 have this name; use an id: {ONE}, {TWO}$"):
        settings.find_subscription("Shared", "AzureCloud")
    assert settings.find_subscription("Shared", "AzureChinaCloud").id == THREE


def test_one_subscription_noted_for_two_accounts_is_one(machine: Machine) -> None:
    machine.profile(account(ONE, "Production"), account(ONE, "Production", default=True))
    assert machine.read().find_subscription("production", "AzureCloud").is_default


@pytest.mark.parametrize(
    ("accounts", "sentence"),
    [
        (
            [account(ONE, "Production"), account(TWO, "Staging"), account(THREE, "Test")],
            "subscription 'Prodction': az knows none of this name in AzureCloud; nearest of 3: 'Production'. ",
        ),
        (
            [account(ONE, "Prodction", "AzureChinaCloud")],
            "subscription 'Prodction' is in AzureChinaCloud, not in AzureCloud; name that with --cloud",
        ),
        ([], "subscription 'Prodction': az knows no subscription in AzureCloud ("),
    ],
)
def test_a_name_that_nothing_has(machine: Machine, accounts: list[object], sentence: str) -> None:
    machine.profile(*accounts)
    with pytest.raises(UnknownSubscriptionError) as caught:
        machine.read().find_subscription("Prodction", "AzureCloud")
    assert str(caught.value).startswith(sentence)
    assert "\n" not in str(caught.value)


BROKEN = {
    "no-section": ("config", b"group = x\npassword = hunter2\n"),
    "garbage": ("config", b"[defaults]\nhunter2 hunter2\n"),
    "twice": ("config", b"[defaults]\ngroup = hunter2\ngroup = b\n"),
    "binary": ("config", b"\xff\xfe\x00hunter2"),
    "clouds": ("clouds.config", b"hunter2"),
    "truncated": ("azureProfile.json", b'\xef\xbb\xbf{"subscriptions": [{"id": "hunter2'),
    "list": ("azureProfile.json", b"[]"),
    "no-list": ("azureProfile.json", b'{"subscriptions": {"a": "hunter2"}}'),
    "no-id": ("azureProfile.json", b'{"subscriptions": [{"name": "hunter2"}]}'),
    "utf-16": ("azureProfile.json", '{"subscriptions": []}'.encode("utf-16")),
}


@pytest.mark.parametrize(("name", "content"), BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_file_is_one_remark_that_names_it(machine: Machine, name: str, content: bytes) -> None:
    (machine.azure / name).write_bytes(content)
    settings = machine.read()
    assert (settings.default_group, settings.subscriptions, settings.registered_clouds) == (None, (), {})
    [remark] = machine.warnings
    assert str(machine.azure / name) in remark
    assert "\n" not in remark
    assert "hunter2" not in remark


@pytest.mark.parametrize(
    "content", [b"", b"\xef\xbb\xbf", b"{}", b'{"installationId": "x"}', b'{"subscriptions": null}']
)
def test_a_profile_of_someone_who_signed_out_is_not_broken(machine: Machine, content: bytes) -> None:
    (machine.azure / "azureProfile.json").write_bytes(content)
    assert machine.read().subscriptions == ()
    assert machine.warnings == []


def test_files_that_cannot_be_opened(machine: Machine) -> None:
    for name in ("config", "clouds.config", "azureProfile.json"):
        (machine.azure / name).mkdir()
    assert machine.read() == AzSettings(config_dir=machine.azure)
    assert len(machine.warnings) == 3


def test_a_switch_that_is_neither_yes_nor_no(machine: Machine) -> None:
    write(machine.azure / "config", "[core]\nno_color = perhaps\n")
    assert machine.read().color_disabled is False
    assert machine.warnings == ["az's setting core.no_color is 'perhaps', which is neither yes nor no; taken as no"]


def test_nothing_is_written(machine: Machine) -> None:
    machine.profile(account(ONE, "Production", default=True))
    write(machine.azure / "config", "[defaults]\ngroup = x\n")
    before = sorted((path, path.stat().st_mtime_ns) for path in machine.home.rglob("*"))
    machine.read(dict(os.environ))
    assert sorted((path, path.stat().st_mtime_ns) for path in machine.home.rglob("*")) == before
