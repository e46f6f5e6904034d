"""The languages of pages: Chinese as templates have it, English out of catalogues (gettext's po files).

A catalogue lies beside the templates that it translates, so that each feature keeps its own: `locales/en.po`.
"""

from collections.abc import Iterable
from enum import StrEnum
from gettext import NullTranslations
from pathlib import Path

from babel.messages.pofile import read_po


class Language(StrEnum):
    """A language that pages can be read in, as HTML names it."""

    CHINESE = "zh-CN"
    ENGLISH = "en"


class Translations(NullTranslations):
    """What the catalogues of some folders say; a text that none knows stays as it is."""

    def __init__(self, texts: dict[str, str]) -> None:
        super().__init__()
        self._texts = texts

    def gettext(self, message: str) -> str:
        """The text in this language."""
        return self._texts.get(message, message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """The same whatever the number: neither language's templates need more."""
        return self._texts.get(msgid1, msgid1) if n == 1 else self._texts.get(msgid2, msgid2)


def read_catalogue(file: Path) -> dict[str, str]:
    """The texts of a po file: Chinese → its translation, without those that are empty."""
    with file.open("rb") as opened:
        catalogue = read_po(opened)
    return {str(each.id): str(each.string) for each in catalogue if each.id and each.string}


def translations(language: Language, folders: Iterable[Path]) -> Translations:
    """The catalogues of a language out of the `locales` of these folders, as one."""
    texts: dict[str, str] = {}
    for folder in folders:
        file = folder / "locales" / f"{language}.po"
        if file.exists():
            texts |= read_catalogue(file)
    return Translations(texts)
