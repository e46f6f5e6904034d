"""Texts of pages stand in templates, in Chinese, and each has its English; pages' code has none."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import Environment

from shared.ui.languages import Language, translations
from shared.ui.rendering import UI, environments, feature_folders

REPOSITORY = Path(__file__).resolve().parents[4]
SERVICES = ("catalog", "matching")
_CHINESE = re.compile(r"[\u3400-\u9fff]")
_MARKUP = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)


def templates_of(service: str) -> Iterator[Path]:
    """The templates that a service may show."""
    for folder in feature_folders(REPOSITORY / "services" / service):
        yield from sorted((folder / "templates").glob("*.html.j2"))


@pytest.mark.parametrize("service", SERVICES)
def test_every_text_has_its_english(service: str) -> None:
    known = translations(Language.ENGLISH, feature_folders(REPOSITORY / "services" / service))
    environment = Environment(extensions=["jinja2.ext.i18n"])
    lacking = {
        f"{template.relative_to(REPOSITORY)}:{line}: {text}"
        for template in templates_of(service)
        for line, _, texts in environment.extract_translations(template.read_text("utf-8"))
        for text in ((texts,) if isinstance(texts, str) else texts or ())
        if text and known.gettext(text) == text and _CHINESE.search(text)
    }
    assert not lacking, "\n".join(sorted(lacking))


@pytest.mark.parametrize("service", SERVICES)
def test_no_text_of_a_template_stands_outside_of_gettext(service: str) -> None:
    for template in templates_of(service):
        bare = _MARKUP.sub(lambda found: "\n" * found[0].count("\n"), template.read_text("utf-8"))
        found = [line for line in bare.splitlines() if _CHINESE.search(line)]
        # the name of the other language is said in that language; the mark is a picture
        found = [line for line in found if 'hreflang="zh-CN"' not in line and 'class="mark"' not in line]
        assert not found, f"{template}: {found}"


def test_code_of_pages_has_no_text() -> None:
    for module in sorted((REPOSITORY / "services").rglob("*pages.py")):
        source = module.read_text("utf-8")
        if "shared.ui" not in source:
            continue
        found = [
            node.value
            for node in ast.walk(ast.parse(source))
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and _CHINESE.search(node.value)
        ]
        assert not found, f"{module}: {found}"


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("language", list(Language))
def test_every_template_can_be_read(service: str, language: Language) -> None:
    known = environments(service, REPOSITORY / "services" / service)[language]
    for template in templates_of(service):
        feature = "ui" if template.parents[1] == UI else template.parents[1].name
        known.get_template(f"{feature}/{template.name.removesuffix('.html.j2')}")
