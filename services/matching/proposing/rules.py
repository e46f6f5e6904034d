"""What a proposal by hand must keep beside the rules of eligibility, and which of these a person may overrule. Pure."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from services.matching.engine.judgement.eligibility import Ruling
from services.matching.engine.judgement.facts import Facts, Pair, pieces_per_yuan
from services.matching.engine.judgement.sayings import say_quantity
from services.matching.engine.plan import CURABLE, Evidence, Rule
from services.matching.engine.policy import Basis, Policy, exact_share
from services.matching.engine.snapshot import PIECES_PER_YUAN, Line
from services.matching.suggestions.parts import WrongPart
from shared.text.figures import say_percent, say_yuan
from shared.text.words import words

OVERRULABLE = CURABLE - {Rule.CERTIFICATE}
"""What supplier and leader can settle between them: a near miss by one of these may be proposed, with a reason.

Without its certificate a suggestion could not be approved, whoever proposed it.
"""

WHOLE = 10_000
"""A line's own cap is in 1/10000 of it."""


@dataclass(frozen=True)
class Share:
    """What is proposed of a line a year: `amount` in 元 (or 1 line), `quantity` in 1/1000 units where it is known."""

    amount: int
    quantity: int | None


@dataclass(frozen=True)
class Room:
    """The most that a supplier may have of a line on top of what it has, in 元, and why not more, as a sentence."""

    most: int
    sentence: str


def overrulable(ruling: Ruling) -> Evidence | None:
    """The one thing that stands against a pair, if a person may propose it all the same."""
    return ruling.failures()[0] if ruling.curable in OVERRULABLE else None


def share_of(line: Line, basis: Basis, amount: int | None, quantity: Decimal | None) -> Share:
    """What is proposed, by 元 or by pieces at the need's own price; raises WrongPart."""
    if basis is Basis.LINES:
        if amount is not None or quantity is not None:
            raise WrongPart("amount", "最近一次匹配按零部件数计，整条需求一并提出，不填数量和金额。")
        return Share(1, line.quantity)
    if not line.unit_price or not line.spend:
        raise WrongPart("amount", "这条需求没有写明年需求量和单价，算不出金额；请先补全需求。")
    if (amount is None) == (quantity is None):
        raise WrongPart("quantity", "每年的数量（quantity）和金额（amount）须填且只填其中一项。")
    if quantity is not None:
        amount = int(Fraction(quantity) * line.unit_price / WHOLE)
    if amount is None or amount <= 0:
        named = "amount" if quantity is None else "quantity"
        raise WrongPart(named, "应大于 0，且至少合 1 元。")
    pieces = amount * PIECES_PER_YUAN // line.unit_price
    return Share(amount, pieces if quantity is None else int(quantity * 1000))


def rooms(facts: Facts, pair: Pair) -> list[Room]:
    """What bounds the pair's amount: what the leader releases of the line, and the dual-source cap."""
    line, held = pair.line, facts.existing_amount(pair)
    cap = most_of_one(line, facts.policy)
    share = say_percent(cap, line.spend)
    already = f"，该企业已供应 {say_yuan(held)}" if held else ""
    return [
        Room(line.movable, f"链主放开而尚未落实本地配套的为每年 {_say(line.movable, facts)}"),
        Room(max(0, cap - held), f"一家供应商至多供这条需求的 {share}（{_say(cap, facts)}）{already}"),
    ]


def beyond(room: Room, share: Share, facts: Facts) -> str:
    """Why a share is too much for a room, and what would do; empty: it fits."""
    if share.amount <= room.most:
        return ""
    remedy = f"请提出不超过 {_say(room.most, facts)}" if room.most else "目前不能再提出"
    return f"{room.sentence}，所提的 {_say(share.amount, facts)} 超出；{remedy}。"


def below_order(pair: Pair, share: Share) -> str:
    """Why less is proposed than the supplier's least order; empty: it is not."""
    pieces = pieces_per_yuan(pair.line, pair.capability)
    least = pair.capability.moq
    if not least or pieces is None or share.amount * pieces >= least:
        return ""
    offered = say_quantity(int(share.amount * pieces), pair.capability.unit)
    return f"该供给能力的起订量为 {say_quantity(least, pair.capability.unit)}，所提的一年只合 {offered}；请增加数量。"


def most_of_one(line: Line, policy: Policy) -> int:
    """The dual-source cap of a line in 元, rounded down: its own, or else the policy's."""
    share = exact_share(policy.supplier_cap) if line.supplier_cap is None else Fraction(line.supplier_cap, WHOLE)
    return int(line.spend * share)


def text_measure(pair: Pair) -> float:
    """How much of the need's words the offer has, 0 to 1: half of it the share of the part's name.

    As the search measures it, but all words weigh alike: which are rare is told among all the needs of a run.
    """
    named, offered = set(words(pair.line.part_name)), set(words(f"{pair.capability.name} {pair.capability.text}"))
    asked = named | set(words(pair.line.text))
    if not asked:
        return 0.0
    whole = len(asked & offered) / len(asked)
    return (len(named & offered) / len(named) + whole) / 2 if named else whole


def _say(amount: int, facts: Facts) -> str:
    return f"{amount} 项" if facts.policy.basis is Basis.LINES else say_yuan(amount)
