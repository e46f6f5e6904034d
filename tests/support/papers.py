"""Small documents that are whole: a PDF, a JPEG, a PNG; and an archive, to hide in one."""

import io
import struct
import zipfile
import zlib

PDF = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\nxref\n0 1\ntrailer\n<< /Root 1 0 R >>\nstartxref\n49\n%%EOF\n"


def chunk(name: bytes, data: bytes) -> bytes:
    """A chunk of a PNG."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(width: int = 2, height: int = 2) -> bytes:
    """A grey PNG."""
    rows = b"".join(b"\0" + b"\x80" * 2 for _ in range(2))
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = (chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def segment(marker: int, data: bytes) -> bytes:
    """A segment of a JPEG."""
    return bytes([0xFF, marker]) + struct.pack(">H", len(data) + 2) + data


def jpeg(width: int = 2, height: int = 2) -> bytes:
    """What a JPEG is made of, with a scan that shows nothing."""
    frame = struct.pack(">BHHB", 8, height, width, 1) + b"\x01\x11\x00"
    scan = segment(0xDA, b"\x01\x01\x00\x00\x3f\x00")
    return b"\xff\xd8" + segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0") + segment(0xC0, frame) + scan + b"\x12\x34\xff\xd9"


def archive() -> bytes:
    """A ZIP archive with a program in it."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as made:
        made.writestr("setup.exe", b"MZ")
    return content.getvalue()
