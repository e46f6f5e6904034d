"""The hard rules about the offer: certificates, parameters, unit, minimum order, lead time, price.

What is asked must be shown: an offer that does not state it fails the rule, and the sentence says which cell is empty.
Most of these rules are curable, so that such a pair is a near miss.
"""

from datetime import date
from fractions import Fraction

from services.matching.engine.judgement.facts import Facts, Pair, unit_factor
from services.matching.engine.judgement.firm_rules import evidence, not_asked
from services.matching.engine.judgement.proof import last_day
from services.matching.engine.judgement.sayings import say_parameter, say_price, say_quantity
from services.matching.engine.plan import Evidence, Rule
from services.matching.engine.snapshot import Certificate, CertificateAsked
from shared.codes.certificates import satisfies
from shared.codes.parameters import Parameter, contains

_LISTED = 3


def certified(facts: Facts, pair: Pair) -> list[Evidence]:
    """Each certificate asked for is held, itself or one that satisfies it, and valid at the day asked for."""
    held, aside = facts.certificates[pair.capability.supplier], facts.passed_over[pair.capability.supplier]
    if not pair.line.certificates:
        return [not_asked(Rule.CERTIFICATE, "未要求资质证书")]
    return [_one_certificate(asked, held, aside) for asked in pair.line.certificates]


def fits(_: Facts, pair: Pair) -> list[Evidence]:
    """Each parameter asked for lies within what is offered."""
    if not pair.line.parameters:
        return [not_asked(Rule.PARAMETER, "未要求技术参数")]
    return [_one_parameter(asked, pair.capability.parameters) for asked in pair.line.parameters]


def same_unit(_: Facts, pair: Pair) -> list[Evidence]:
    """The two units convert into each other; count units never do."""
    asked, offered = pair.line.unit, pair.capability.unit
    if asked is None or offered is None:
        return [not_asked(Rule.UNIT, "一方未写明计量单位", offered or "")]
    met = unit_factor(asked, offered) is not None
    sentence = f"以“{asked}”计，该供给能力以“{offered}”计"
    return [evidence(Rule.UNIT, met, asked, offered, sentence if met else f"要求{sentence}，不能换算")]


def order_size(_: Facts, pair: Pair) -> list[Evidence]:
    """The minimum order is no more than what the leader accepts and needs in a year."""
    limits = [limit for limit in (pair.line.max_moq, pair.line.quantity) if limit is not None]
    factor = unit_factor(pair.capability.unit, pair.line.unit)
    if not limits or factor is None:
        return [not_asked(Rule.MOQ, "无从比较起订量" if factor is None else "未限定起订量")]
    asked = f"起订量不超过 {say_quantity(min(limits), pair.line.unit)}"
    if pair.capability.moq is None:
        return [evidence(Rule.MOQ, True, asked, "未设起订量", f"要求{asked}，该供给能力未设起订量")]
    moq = pair.capability.moq * factor
    offered = f"起订量 {say_quantity(moq, pair.line.unit)}"
    return [evidence(Rule.MOQ, moq <= min(limits), asked, offered, f"要求{asked}，该供给能力{offered}")]


def in_time(_: Facts, pair: Pair) -> list[Evidence]:
    """The lead time is no longer than what is asked."""
    limit, offered = pair.line.lead_time_days, pair.capability.lead_time_days
    if limit is None:
        return [not_asked(Rule.LEAD_TIME, "未限定交期", "" if offered is None else f"{offered} 天")]
    asked = f"交期不超过 {limit} 天"
    if pair.line.needed_from is not None:
        asked += f"（{pair.line.needed_from.isoformat()} 起需用）"
    if offered is None:
        return [evidence(Rule.LEAD_TIME, False, asked, "未写明", f"要求{asked}，该供给能力未写明交期")]
    sentence = f"要求{asked}，该供给能力的交期为 {offered} 天"
    return [evidence(Rule.LEAD_TIME, offered <= limit, asked, f"{offered} 天", sentence)]


def affordable(_: Facts, pair: Pair) -> list[Evidence]:
    """The offered unit price keeps the leader's ceiling."""
    ceiling, price = pair.line.price_ceiling, offered_price(pair)
    if ceiling is None:
        return [not_asked(Rule.PRICE, "未设最高限价")]
    if unit_factor(pair.line.unit, pair.capability.unit) is None:
        return [not_asked(Rule.PRICE, "计量单位不同，无从比较价格")]
    asked = f"单价不超过 {say_price(ceiling, pair.line.unit)}"
    if price is None:
        return [evidence(Rule.PRICE, False, asked, "未报价", f"要求{asked}，该供给能力未报价")]
    offered = say_price(price, pair.line.unit)
    return [evidence(Rule.PRICE, price <= ceiling, asked, offered, f"要求{asked}，该供给能力报价 {offered}")]


def offered_price(pair: Pair) -> Fraction | None:
    """The capability's unit price per unit of the line, in 1/10000 元; None where unknown or not comparable."""
    factor = unit_factor(pair.line.unit, pair.capability.unit)
    if factor is None or pair.capability.unit_price is None:
        return None
    return pair.capability.unit_price * factor


def is_valid(certificate: Certificate, day: date) -> bool:
    """Whether a certificate is valid on a day; without a first day it was always so."""
    return (certificate.valid_from or day) <= day <= last_day(certificate)


def _one_certificate(
    asked: CertificateAsked, held: list[Certificate], aside: list[tuple[Certificate, str]]
) -> Evidence:
    wanted = f"{asked.scheme} 于 {asked.on_date.isoformat()} 有效"
    fitting = sorted(
        (row for row in held if satisfies(row.scheme, asked.scheme)),
        key=lambda row: (is_valid(row, asked.on_date), row.scheme == asked.scheme, row.valid_until),
    )
    if not fitting:
        close = [f"{_named(row)[:-1]}；{why}）" for row, why in aside if satisfies(row.scheme, asked.scheme)]
        offered = "、".join(close[:_LISTED]) or _listed(held)
        return evidence(Rule.CERTIFICATE, False, wanted, offered or "无证书", _lacking(wanted, offered))
    best = fitting[-1]
    met, offered = is_valid(best, asked.on_date), _named(best)
    return evidence(Rule.CERTIFICATE, met, wanted, offered, _judged(wanted, best, met, asked.on_date))


def _judged(wanted: str, best: Certificate, met: bool, day: date) -> str:
    if met:
        return f"要求 {wanted}，该企业持有 {_named(best)}"
    if last_day(best) < day:
        ended = "届时已失效" if best.suspended_on is None else f"自 {best.suspended_on.isoformat()} 起暂停"
        return f"要求 {wanted}，该企业的 {_named(best)}{ended}"
    return f"要求 {wanted}，该企业的 {best.scheme} 自 {best.valid_from} 起才有效"


def _lacking(wanted: str, offered: str) -> str:
    if not offered:
        return f"要求 {wanted}，该企业没有登记任何证书"
    return f"要求 {wanted}，该企业仅有 {offered}"


def _listed(held: list[Certificate]) -> str:
    latest = sorted(held, key=lambda row: (row.valid_until, row.scheme), reverse=True)
    more = f"等 {len(held)} 项" if len(held) > _LISTED else ""
    return "、".join(_named(row) for row in latest[:_LISTED]) + more


def _named(certificate: Certificate) -> str:
    return f"{certificate.scheme}（有效期至 {certificate.valid_until.isoformat()}）"


def _one_parameter(asked: Parameter, offered: tuple[Parameter, ...]) -> Evidence:
    wanted, named = say_parameter(asked), [row for row in offered if row.name == asked.name]
    if not named:
        return evidence(Rule.PARAMETER, False, wanted, "未写明", f"要求{wanted}，该供给能力未写明{asked.name}")
    met = any(contains(asked, row) for row in named)
    said = "；".join(say_parameter(row) for row in named)
    sentence = f"要求{wanted}，该供给能力为{said}" + ("" if met else "，不能覆盖")
    return evidence(Rule.PARAMETER, met, wanted, said, sentence)
