"""What a document is, told by its content: a whole PDF, JPEG or PNG, and nothing else beside it.

A name proves nothing: a program may be called 营业执照.pdf. What is two things at once (a PDF that is an archive as
well, a "polyglot") is refused too, since somebody's software will take it for the other one.
"""

import re
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

#: An archive's directory (PKWARE APPNOTE, 4.3.16) stands at the end, before a comment of at most 64 KB.
_ARCHIVE, _ARCHIVE_TAIL = b"PK\x05\x06", 65_557
_LARGEST_SIDE = 30_000
_PNG = b"\x89PNG\r\n\x1a\n"
_PDF_START = re.compile(rb"%PDF-[12]\.\d[\r\n \t%]")
_PDF_END = re.compile(rb"startxref\s+\d+\s+%%EOF\s*\Z")
#: Content that acts: a document for reviewers is there to be read.
_PDF_ACTS = (b"/JavaScript", b"/Launch", b"/EmbeddedFile", b"/RichMedia", b"/XFA")
_JPEG_PARAMETERLESS = frozenset({0x01, *range(0xD0, 0xD8)})
_JPEG_FRAMES = frozenset({*range(0xC0, 0xD0)}) - {0xC4, 0xC8, 0xCC}


@dataclass(frozen=True)
class MediaType:
    """A kind of document: its name on the wire, and the ending that its files have."""

    name: str
    ending: str


PDF, JPEG, PNG = (
    MediaType("application/pdf", ".pdf"),
    MediaType("image/jpeg", ".jpg"),
    MediaType("image/png", ".png"),
)
BY_NAME: Mapping[str, MediaType] = {each.name: each for each in (PDF, JPEG, PNG)}


class UnfitDocument(Exception):
    """A content that is not taken: a stable code, and a sentence in Chinese."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


def recognise(content: bytes) -> MediaType:
    """What a content is; raises UnfitDocument (`unknown_type`, `polyglot`, `broken`, `acts`, `too_many_pixels`)."""
    kind = _kind(content)
    if kind is None:
        raise UnfitDocument("unknown_type", "只收 PDF、JPEG、PNG 文件（按内容判断，改文件名无效）。")
    if content.rfind(_ARCHIVE, max(0, len(content) - _ARCHIVE_TAIL)) >= 0:
        raise UnfitDocument("polyglot", "文件里还藏着一个压缩包，请重新导出或扫描后上传。")
    _CHECKS[kind](content)
    return kind


def _kind(content: bytes) -> MediaType | None:
    """What a content begins as."""
    if _PDF_START.match(content):
        return PDF
    if content.startswith(b"\xff\xd8\xff"):
        return JPEG
    return PNG if content.startswith(_PNG) else None


def _check_pdf(content: bytes) -> None:
    """It ends as a PDF does (ISO 32000-1, 7.5.5), and does nothing by itself, as far as that can be read."""
    if not _PDF_END.search(content, max(0, len(content) - 1024)):
        raise _broken("PDF")
    plain = re.sub(rb"#([0-9A-Fa-f]{2})", lambda found: bytes([int(found[1], 16)]), content)
    if any(word in plain for word in _PDF_ACTS):
        raise UnfitDocument("acts", "PDF 中有脚本、附件或可执行的动作，请另存为普通 PDF 后上传。")


def _check_png(content: bytes) -> None:
    """Every chunk is whole (PNG specification, 5.3), IHDR comes first, IEND last."""
    at, names = len(_PNG), []
    while at < len(content):
        length, name = int.from_bytes(content[at : at + 4], "big"), content[at + 4 : at + 8]
        data, told = content[at + 8 : at + 8 + length], content[at + 8 + length : at + 12 + length]
        if len(told) < 4 or zlib.crc32(name + data) != int.from_bytes(told, "big"):
            raise _broken("PNG")
        if name == b"IHDR":
            _check_sides(int.from_bytes(data[:4], "big"), int.from_bytes(data[4:8], "big"), "PNG")
        names.append(name)
        at += 12 + length
    if not names or names[0] != b"IHDR" or names[-1] != b"IEND" or names.count(b"IEND") > 1 or b"IDAT" not in names:
        raise _broken("PNG")


def _check_jpeg(content: bytes) -> None:
    """The segments lead to a scan (ITU-T T.81, B.1), and the picture's end is there.

    Cameras write more behind the end, which is let be.
    """
    at, framed = 2, False
    while True:
        marker, at = _marker(content, at)
        if marker in _JPEG_PARAMETERLESS:
            continue
        length = int.from_bytes(content[at : at + 2], "big")
        if length < 2 or at + length > len(content):
            raise _broken("JPEG")
        if marker in _JPEG_FRAMES:
            height, width = (int.from_bytes(content[at + place : at + place + 2], "big") for place in (3, 5))
            _check_sides(width, height, "JPEG")
            framed = True
        at += length
        if marker == 0xDA:
            break
    if not framed or content.find(b"\xff\xd9", at) < 0:
        raise _broken("JPEG")


def _marker(content: bytes, at: int) -> tuple[int, int]:
    """The marker at a place, and where its segment goes on; any number of 0xFF may stand before it."""
    if at >= len(content) or content[at] != 0xFF:
        raise _broken("JPEG")
    while at < len(content) and content[at] == 0xFF:
        at += 1
    if at >= len(content) or content[at] in (0x00, 0xD8, 0xD9):
        raise _broken("JPEG")
    return content[at], at + 1


def _check_sides(width: int, height: int, name: str) -> None:
    if not width or not height:
        raise _broken(name)
    if max(width, height) > _LARGEST_SIDE:
        raise UnfitDocument("too_many_pixels", f"图片每边至多 {_LARGEST_SIDE} 像素，请缩小后上传。")


def _broken(name: str) -> UnfitDocument:
    return UnfitDocument("broken", f"{name} 文件不完整或已损坏，请重新导出或扫描后上传。")


_CHECKS: Mapping[MediaType, Callable[[bytes], None]] = {PDF: _check_pdf, PNG: _check_png, JPEG: _check_jpeg}
