"""Templates: where they lie, and what each of them may use."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from jinja2 import BaseLoader, Environment, StrictUndefined, TemplateNotFound, select_autoescape

from shared.ui import figures
from shared.ui.assets import asset_address
from shared.ui.languages import Language, translations

UI = Path(__file__).parent
Environments = Mapping[Language, Environment]


class FeatureTemplates(BaseLoader):
    """Finds `rates/board` in the folder `rates/templates` of a service, and `ui/…` among those of all pages."""

    def __init__(self, service: Path) -> None:
        self._service = service

    def get_source(self, _environment: Environment, template: str) -> tuple[str, str, Any]:
        """The template's text, its file, and whether it is still that."""
        feature, _, name = template.partition("/")
        above = UI if feature == "ui" else self._service / feature
        file = above / "templates" / f"{name}.html.j2"
        if not file.is_file():
            raise TemplateNotFound(template)
        return file.read_text("utf-8"), str(file), lambda: True


def feature_folders(service: Path) -> list[Path]:
    """The folders that may have templates and catalogues: that of all pages, and each feature of a service."""
    return [UI, *sorted(each for each in service.iterdir() if each.is_dir())]


def environments(name: str, service: Path) -> Environments:
    """The templates of the service `name`, whose features lie in the folder `service`, in each language."""
    return {language: _environment(name, service, language) for language in Language}


def _environment(name: str, service: Path, language: Language) -> Environment:
    made = Environment(
        loader=FeatureTemplates(service),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.install_gettext_translations(translations(language, feature_folders(service)), newstyle=True)  # type: ignore[attr-defined]
    made.filters |= {
        "money": partial(figures.money, language),
        "exact_money": partial(figures.exact_money, language),
        "percent": figures.percent,
        "number": figures.number,
        "day": figures.day,
        "moment": figures.moment,
    }
    made.policies["json.dumps_kwargs"] = {"default": str, "sort_keys": False}
    made.globals |= {"asset": partial(asset_address, name), "language": language, "Language": Language}
    return made
