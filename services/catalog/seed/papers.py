"""Certificates: held, lapsed or lacking, so that whole cities are one certificate short."""

from datetime import date, timedelta

from services.catalog.seed.book import clusters
from services.catalog.seed.dice import Dice
from services.catalog.seed.firms import Firm
from services.catalog.seed.market import Row
from services.catalog.seed.wording import scheme_cell

REFERENCE_DAY = date(2026, 11, 1)
_LACKING, _LAPSED = 0.12, 0.06
_INCUMBENT_LACKING = 0.05
_ISSUERS = ("泰岳认证中心（虚构）", "东岳质量认证（虚构）", "海岱认证（虚构）", "稷下认证有限公司（虚构）")
_COMMON = (("ISO 9001", 0.62), ("ISO 14001", 0.28), ("ISO 45001", 0.18))
_SCOPES = {"铆焊": "焊接结构件的生产", "铸铁": "铸件的生产", "注塑": "塑料制品的生产", "化工": "化工产品的生产"}


def certificates(seed: int, firm: Firm) -> list[Row]:
    """The firm's certificates: those its customers ask for, if it has them, and the common ones."""
    dice = Dice(seed, "papers", firm.code)
    rows = []
    for scheme in sorted(firm.asked):
        fate = _fate(dice, firm, scheme)
        if fate != "lacking":
            rows.append(_row(dice, firm, scheme, lapsed=fate == "lapsed"))
    for scheme, share in _COMMON:
        if scheme not in firm.asked and dice.chance(share) and not _implied(firm, scheme):
            rows.append(_row(dice, firm, scheme, lapsed=dice.chance(0.04)))
    return rows


def _fate(dice: Dice, firm: Firm, scheme: str) -> str:
    if firm.asked[scheme]:
        return dice.weighted(("held", "lacking", "lapsed"), (1 - _INCUMBENT_LACKING, _INCUMBENT_LACKING, 0.03))
    lacking = _gap(firm, scheme)
    return dice.weighted(("held", "lacking", "lapsed"), (1 - lacking - _LAPSED, lacking, _LAPSED))


def _gap(firm: Firm, scheme: str) -> float:
    gaps = [
        gap.lacking
        for code in sorted(firm.serves)
        for gap in clusters()[code].gaps
        if gap.city == firm.city and gap.scheme == scheme
    ]
    return max(gaps, default=_LACKING)


def _implied(firm: Firm, scheme: str) -> bool:
    """A firm with a sector's certificate mostly keeps no separate ISO 9001, and a newcomer lacks it visibly."""
    return scheme == "ISO 9001" and bool({"IATF 16949", "ISO 22163"} & firm.asked.keys())


def _row(dice: Dice, firm: Firm, scheme: str, *, lapsed: bool) -> Row:
    start = REFERENCE_DAY - timedelta(days=dice.whole(1110, 1500) if lapsed else dice.whole(20, 980))
    digits = "".join(character for character in scheme if character.isdigit()) or "0"
    return {
        "enterprise": firm.code,
        "scheme": scheme_cell(dice, scheme),
        "number": f"XG-{digits}-{start.year}-{firm.code[9:17]}",
        "scope": _SCOPES.get(firm.trade, f"{firm.trade}类产品的生产和服务"),
        "issuer": dice.pick(_ISSUERS),
        "valid_from": start.isoformat(),
        "valid_until": (start.replace(year=start.year + 3, day=min(start.day, 28)) - timedelta(days=1)).isoformat(),
        "trust": dice.weighted(("已核验", "已见原件", "自行申报"), (45, 30, 25)),
    }
