"""What the trade calls the things of each industry class (`data/class_words.csv`): 轮毂 for 3670, 法兰 for 3489 …"""

from functools import cache

from shared.codes.classes import IndustryClass, all_classes, search
from shared.codes.tables import read_table, split_cell
from shared.text.normalise import normalise


@cache
def trade_words() -> dict[str, tuple[str, ...]]:
    """The words of each class of four digits, by its code."""
    return {row["code"]: tuple(split_cell(row["words"])) for row in read_table("shared.text", "class_words")}


def search_classes(q: str, limit: int = 20) -> list[IndustryClass]:
    """Classes by code or name; after them those of which a word of trade contains `q`, in the order of the standard."""
    named, wanted = search(q, limit), normalise(q)
    found = {item.code for item in named}
    worded = (code for code, words in trade_words().items() if any(wanted in normalise(word) for word in words))
    return [*named, *(all_classes()[code] for code in worded if code not in found)][:limit]
