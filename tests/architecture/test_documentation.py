"""What a user can meet is documented: commands, settings, topics, ledger kinds, figures, migrations' relations."""

import re
from pathlib import Path

import pytest

from analytics import definitions
from api.settings import ApiSettings
from contract.entries import ENTRY_KINDS
from contract.topics import LEAVES
from dashboard.mail.settings import MailSettings
from dashboard.settings import DashboardSettings
from deploy.cli.reference import DOCUMENT, commands, reference
from ingest.settings import PREFIX, CountersSettings, IngestSettings, OrdersSettings

ROOT = Path(__file__).resolve().parents[2]
#: A variable's name, not a prefix of names or the module of a URL.
VARIABLE = re.compile(r"\bFOOTFALL_[A-Z]+(?:_[A-Z]+)*\b")
#: Set by the program itself for its own child or by its tests, never by a user.
SETTINGS = (IngestSettings, OrdersSettings, CountersSettings, ApiSettings, DashboardSettings, MailSettings)
INTERNAL = {"FOOTFALL_RELEASES", "FOOTFALL_SIMULATED_BOX_PASSWORD"}


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def sources() -> list[Path]:
    packages = ("contract", "edge", "ingest", "analytics", "api", "dashboard", "models", "deploy")
    return [path for package in packages for path in (ROOT / package).rglob("*.py") if "node_modules" not in path.parts]


def test_the_command_reference_is_what_the_commands_say() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == reference(), "run: python -m deploy.cli.reference"


@pytest.mark.parametrize(
    ("name", "command"), list(commands()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_every_command_says_what_it_does_with_an_example(name: str, command: object) -> None:
    assert getattr(command, "help", None), f"{name} has no docstring"
    epilog = getattr(command, "epilog", None) or ""
    assert re.match(rf"Example: .*{re.escape(name)}", epilog), f"{name}: the epilog shows no example: {epilog!r}"


def test_every_setting_is_documented() -> None:
    named = {f"{PREFIX}{field.upper()}" for kind in SETTINGS
             for field in kind.model_fields}  # fmt: skip
    named |= {match for path in sources() for match in VARIABLE.findall(path.read_text(encoding="utf-8"))}
    documented = set(VARIABLE.findall(text("docs/configuration.md")))
    assert named - INTERNAL - documented == set()


def test_no_setting_is_documented_that_nothing_reads() -> None:
    read = {f"{PREFIX}{field.upper()}" for kind in SETTINGS
            for field in kind.model_fields}  # fmt: skip
    read |= {match for path in sources() for match in VARIABLE.findall(path.read_text(encoding="utf-8"))}
    read |= set(VARIABLE.findall(text("deploy/compose/compose.yml")))
    assert set(VARIABLE.findall(text("docs/configuration.md"))) - read == set()


def test_every_site_key_stands_in_the_annotated_example() -> None:
    from edge.config import (  # noqa: PLC0415 - beside its only use
        AuditConfig,
        BrokerConfig,
        CameraConfig,
        LineConfig,
        MetricsConfig,
        OutboxConfig,
        SiteConfig,
        ZoneConfig,
    )

    example = text("edge/site.example.toml")
    for kind in (
        SiteConfig,
        BrokerConfig,
        OutboxConfig,
        AuditConfig,
        MetricsConfig,
        CameraConfig,
        LineConfig,
        ZoneConfig,
    ):
        for field in kind.__struct_fields__:
            assert re.search(rf"\b{field}\b", example), f"edge/site.example.toml does not show {field}"


def test_every_topic_and_every_ledger_kind_is_documented() -> None:
    document = text("docs/architecture.md")
    for leaf in LEAVES:
        assert f"`{leaf}`" in document, leaf
    for kind in ENTRY_KINDS:
        assert f"`{kind.__struct_config__.tag}`" in document, kind


def test_every_figure_is_documented() -> None:
    document = text("docs/kpis.md")
    for definition in definitions._ALL:
        assert f"`{definition.id}`" in document, definition.id


def test_every_error_root_is_known_to_the_command_line() -> None:
    from deploy.cli.main import ERROR_ROOTS  # noqa: PLC0415 - beside its only use

    for package, root in ERROR_ROOTS.items():
        module = __import__(f"{package}.errors", fromlist=[root])
        assert issubclass(getattr(module, root), Exception)
        assert root in (module.__doc__ or ""), f"{package}/errors.py does not draw its tree"


def test_every_link_between_documents_leads_somewhere() -> None:
    broken = []
    top = [ROOT / "README.md", ROOT / "README.zh.md", ROOT / "CONTRIBUTING.md"]
    for path in [*top, *sorted((ROOT / "docs").rglob("*.md"))]:
        targets = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8"))
        lost = (target for target in targets if "://" not in target and not (path.parent / target).exists())
        broken += [f"{path.relative_to(ROOT)}: {target}" for target in lost]
    assert broken == []


def test_every_test_that_a_document_names_is_there() -> None:
    documents = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
    named = [(path, name) for path in documents for name in re.findall(r"`(tests/[\w./-]+)`", path.read_text("utf-8"))]
    assert [f"{path.name}: {name}" for path, name in named if not (ROOT / name).exists()] == []
    assert named


def parts(document: str) -> dict[str, list[str]]:
    """Return what a document and its translation have in common: commands, links, tables and headings' levels."""
    prose = re.sub(r"```.*?```", "", document, flags=re.DOTALL)
    links = re.findall(r"(?<!!)\[[^\]]*\]\(([^)]+)\)|<(http[^>]+)>", prose)
    return {
        "code": re.findall(r"```.*?```", document, re.DOTALL),
        "words": sorted(set(re.findall(r"`[^`\n]+`", prose))),
        "links": sorted("".join(link) for link in links),
        "headings": re.findall(r"^#+ ", prose, re.MULTILINE),
        "rows": [row.count("|") * "|" for row in re.findall(r"^\|.*$", prose, re.MULTILINE)],
        "items": re.findall(r"^(?:- |\d+\. )", prose, re.MULTILINE),
    }


def test_the_chinese_readme_says_what_the_english_one_says() -> None:
    english, chinese = parts(text("README.md")), parts(text("README.zh.md"))
    twins = {"README.md": "README.zh.md"}
    english["links"] = sorted(twins.get(link, link) for link in english["links"])
    chinese["links"] = sorted(twins.get(link, link) for link in chinese["links"])
    for part in english:
        assert chinese[part] == english[part], part


def test_every_role_has_a_guide_in_both_languages_with_the_same_steps() -> None:
    folder = ROOT / "docs" / "guide"
    names = sorted(path.name for path in (folder / "en").glob("*.md"))
    assert names == ["head-office.md", "installer.md", "region.md", "store-manager.md"]
    for name in names:
        english, chinese = (parts(text(f"docs/guide/{lang}/{name}")) for lang in ("en", "zh"))
        for part in ("code", "words", "links", "headings", "rows", "items"):
            assert chinese[part] == english[part], f"{name}: {part}"
        assert f"(en/{name})" in text("docs/guide/README.md")
        assert f"(zh/{name})" in text("docs/guide/README.md")


def test_the_guides_call_buttons_and_sections_what_the_pages_call_them() -> None:
    from dashboard.language import read_catalogue  # noqa: PLC0415 - beside its only use

    shown: dict[str, set[str]] = {"en": set(), "zh": set()}
    for message in read_catalogue("zh"):
        for lang, said in (("en", message.id), ("zh", message.string)):
            shown[lang] |= {said} if isinstance(said, str) else set(said or ())
    for lang, words in shown.items():
        for path in sorted((ROOT / "docs" / "guide" / lang).glob("*.md")):
            bold = re.findall(r"\*\*([^*]+)\*\*", path.read_text(encoding="utf-8"))
            strange = {one for name in bold for one in name.split(" › ")} - words
            assert strange == set(), path.name


def test_every_adr_is_in_the_index() -> None:
    index = text("docs/adr/README.md")
    for path in sorted((ROOT / "docs" / "adr").glob("[0-9]*.md")):
        assert f"({path.name})" in index, path.name


def test_every_make_target_is_in_the_help() -> None:
    makefile = text("Makefile")
    phony = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert phony
    for target in phony[1].split():
        assert re.search(rf"^{target}:.*## ", makefile, re.MULTILINE), target


def test_emqx_lets_the_server_do_what_mosquitto_does() -> None:
    from deploy import broker  # noqa: PLC0415 - beside its only use

    rules = re.findall(r"^topic (\w+) (?:\$share/ingest/)?(\S+)$", broker._ACL.split("user device")[0], re.MULTILINE)
    for action, kinds in (("subscribe", ("read", "readwrite")), ("publish", ("write", "readwrite"))):
        said = re.search(rf'{{username, "server"}}, {action}, \[(.*)\]', text("docs/operations.md"))
        assert said
        named = set(re.findall(r'"((?:footfall|homeassistant)/\S+)"', said[1]))
        assert named == {topic for kind, topic in rules if kind in kinds}


def test_the_compose_broker_is_set_up_like_the_one_machine_s() -> None:
    from deploy import broker  # noqa: PLC0415 - beside its only use

    assert text("deploy/compose/acl") == broker._ACL
    ours = (ROOT / "deploy" / "broker.py").read_text(encoding="utf-8")
    for line in text("deploy/compose/mosquitto.conf").splitlines():
        name = line.split(" ")[0]
        if name in ("max_queued_messages", "max_queued_bytes", "persistent_client_expiration", "max_inflight_messages"):
            assert line in ours, line
    assert f"message_size_limit {broker._PACKET_BYTES_MAX}" in text("deploy/compose/mosquitto.conf")
