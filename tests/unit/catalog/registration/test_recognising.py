"""Documents by their content: whole PDFs, JPEGs and PNGs are taken, whatever else is refused in words."""

import pytest

from services.catalog.registration.recognising import JPEG, PDF, PNG, MediaType, UnfitDocument, recognise
from tests.support import papers

UNKNOWN = ("unknown_type", "只收 PDF、JPEG、PNG 文件（按内容判断，改文件名无效）。")
POLYGLOT = ("polyglot", "文件里还藏着一个压缩包，请重新导出或扫描后上传。")
ACTS = ("acts", "PDF 中有脚本、附件或可执行的动作，请另存为普通 PDF 后上传。")
LARGE = ("too_many_pixels", "图片每边至多 30000 像素，请缩小后上传。")
HEADER = papers.png()[16:29]


def broken(name: str) -> tuple[str, str]:
    return "broken", f"{name} 文件不完整或已损坏，请重新导出或扫描后上传。"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (papers.PDF, PDF),
        (papers.PDF.replace(b"%PDF-1.4", b"%PDF-2.0"), PDF),
        (papers.PDF + b"\r\n", PDF),
        (papers.png(), PNG),
        (papers.jpeg(), JPEG),
        (papers.jpeg() + b"what a camera writes behind the end", JPEG),
        (papers.jpeg().replace(b"\xff\xc0", b"\xff\xff\xc0"), JPEG),
    ],
)
def test_whole_documents_are_taken(content: bytes, kind: MediaType) -> None:
    assert recognise(content) == kind


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", UNKNOWN),
        (b"MZ\x90\0" + b"\0" * 100, UNKNOWN),
        (papers.archive(), UNKNOWN),
        (b"GIF89a" + b"\0" * 20, UNKNOWN),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", UNKNOWN),
        (b"<html>%PDF-1.4", UNKNOWN),
        (b"MZ" + papers.PDF, UNKNOWN),
        (b"%PDF-", UNKNOWN),
        (papers.PDF + papers.archive(), POLYGLOT),
        (papers.png() + papers.archive(), POLYGLOT),
        (papers.jpeg() + papers.archive(), POLYGLOT),
        (papers.PDF[:-20], broken("PDF")),
        (papers.PDF + b"<script>alert(1)</script>", broken("PDF")),
        (papers.PDF.replace(b"/Catalog", b"/Catalog /OpenAction << /S /JavaScript /JS (app.alert(1)) >>"), ACTS),
        (papers.PDF.replace(b"/Catalog", b"/Catalog /S /#4aavaScript"), ACTS),
        (papers.PDF.replace(b"/Catalog", b"/Catalog /S /Launch"), ACTS),
        (papers.PDF.replace(b"/Catalog", b"/Catalog /EmbeddedFiles 2 0 R"), ACTS),
        (papers.png()[:-12], broken("PNG")),
        (papers.png()[:-1], broken("PNG")),
        (papers.png()[:20], broken("PNG")),
        (papers.png()[:8], broken("PNG")),
        (papers.png() + b"more", broken("PNG")),
        (papers.png().replace(b"IDAT", b"IDAt"), broken("PNG")),
        (papers.png(width=0), broken("PNG")),
        (papers.png(width=30_001), LARGE),
        (papers.png(height=2**31 - 1), LARGE),
        (papers.jpeg()[:-2], broken("JPEG")),
        (papers.jpeg()[:12], broken("JPEG")),
        (b"\xff\xd8\xff", broken("JPEG")),
        (b"\xff\xd8\xff\xd9", broken("JPEG")),
        (b"\xff\xd8\xff\xe0\x00\x01", broken("JPEG")),
        (b"\xff\xd8\xff\xff\xff", broken("JPEG")),
        (papers.jpeg().replace(b"\xff\xc0", b"\xff\xc4"), broken("JPEG")),
        (papers.jpeg().replace(papers.segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0"), b"\xff\xd8junk"), broken("JPEG")),
        (papers.jpeg(width=0), broken("JPEG")),
        (papers.jpeg(height=65_535), LARGE),
    ],
)
def test_everything_else_is_refused(content: bytes, said: tuple[str, str]) -> None:
    with pytest.raises(UnfitDocument) as unfit:
        recognise(content)
    assert (unfit.value.code, unfit.value.sentence) == said
