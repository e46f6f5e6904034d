"""Chinese as people write it: the same thing in other words, with abbreviations, loose punctuation and slips."""

from decimal import Decimal

from services.catalog.seed.book import Part, Trade, toml
from services.catalog.seed.dice import Dice
from shared.codes import classes

_WIDE = str.maketrans("0123456789()/", "０１２３４５６７８９（）／")
_NARROW = str.maketrans("，；（）：", ",;():")
_SLIP, _SHORT, _WIDENED, _NARROWED = 0.04, 0.25, 0.04, 0.15


def capability_name(dice: Dice, part: Part) -> str:
    """What a supplier calls the part: one of its trade's names, two of them, or the leader's own."""
    form = dice.pick(toml("words")["name_forms"])
    first, second = _two(dice, part.words)
    return str(form.format(w=first, v=second, part=part.name))


def capability_text(dice: Dice, part: Part, trade: Trade, buyers: str) -> str:
    """How a supplier describes what it makes; some of the leader's requirements come back in it."""
    first, second = _two(dice, (*part.words, part.name))
    return _filled(dice, "capability_texts", first, second, trade, buyers, _pieces(dice, part.text))


def job_text(dice: Dice, trade: Trade) -> str:
    """How a job shop describes the work that it takes in."""
    return _filled(dice, "job_texts", trade.jobs, trade.jobs, trade, "", "")


def other_text(dice: Dice, thing: str, trade: Trade) -> str:
    """How a firm describes a product that no leader asks for."""
    return _filled(dice, "other_texts", thing, thing, trade, "", "")


def class_cell(dice: Dice, code: str, blank: float) -> str:
    """A class as people fill it in: the code in full or shorter, its name, or nothing."""
    how = dice.weighted(("code", "group", "name", "blank"), (0.74 - blank, 0.14, 0.12, blank))
    if how == "name":
        return classes.find_class(code).name
    return {"code": code, "group": code[:3], "blank": ""}[how]


def scheme_cell(dice: Dice, scheme: str) -> str:
    """A certificate scheme as people write it."""
    forms = {
        "ISO 9001": ("GB/T 19001", "ISO 9001", "ISO9001", "GB/T19001"),
        "IATF 16949": ("IATF 16949", "IATF16949", "IATF 16949", "16949"),
        "ISO 22163": ("ISO 22163", "ISO22163", "IRIS"),
        "ISO 13485": ("ISO 13485", "ISO13485", "YY/T 0287"),
        "ISO 14001": ("ISO 14001", "GB/T 24001"),
        "CCC": ("CCC", "3C"),
    }
    return dice.pick(forms.get(scheme, (scheme,)))


def grade_cell(dice: Dice, grade: str) -> str:
    """A material grade in one of the ways in which it is written: 45钢, 45#, 45号钢."""
    return str(dice.pick(toml("words")["grades"].get(grade, (grade,))))


def figure(value: Decimal) -> str:
    """A number without an exponent or trailing zeros."""
    return format(value.normalize(), "f")


def loosened(dice: Dice, text: str) -> str:
    """A text with what hands do to it: abbreviations, half and full width, now and then a slip."""
    words = toml("words")
    for right, other in words["abbreviations"].items():
        if right in text and dice.chance(_SHORT):
            text = text.replace(right, other)
    for right, wrong in words["typos"].items():
        if right in text and dice.chance(_SLIP):
            text = text.replace(right, wrong, 1)
    if dice.chance(_WIDENED):
        text = text.translate(_WIDE)
    return text.translate(_NARROW) if dice.chance(_NARROWED) else text


def _filled(dice: Dice, kind: str, first: str, second: str, trade: Trade, buyers: str, piece: str) -> str:
    process, other = _two(dice, trade.processes or ("加工",))
    text = dice.pick(toml("words")[kind]).format(
        w=first,
        v=second,
        process=process,
        other=other,
        equipment="、".join(dice.some(trade.equipment or ("成套设备",), 2)),
        years=dice.whole(4, 31),
        buyers=buyers,
        piece=piece,
        jobs=trade.jobs,
    )
    return loosened(dice, text.rstrip("；，、。"))


def _pieces(dice: Dice, text: str) -> str:
    """Some of the phrases of a requirement, in another order."""
    phrases = [phrase for phrase in text.split("，") if dice.chance(0.6)]
    if dice.chance(0.4):
        phrases.reverse()
    return "，".join(phrases)


def _two(dice: Dice, words: tuple[str, ...]) -> tuple[str, str]:
    first = dice.pick(words)
    others = [word for word in words if word != first]
    return first, dice.pick(others) if others else first
