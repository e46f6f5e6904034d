"""Figures as people read them: 万元 and 亿元, per cent, days. Exact values stay within reach; nothing is a float."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal

from shared.ui.languages import Language

CHINA = timezone(timedelta(hours=8))
_SCALES: Mapping[Language, Sequence[tuple[int, str]]] = {
    Language.CHINESE: ((10**8, "亿元"), (10**4, "万元"), (1, "元")),
    Language.ENGLISH: ((10**9, "bn CNY"), (10**6, "m CNY"), (10**3, "k CNY"), (1, "CNY")),
}
NOTHING = "—"


def money(language: Language, yuan: Decimal | int | str | None) -> str:
    """An amount of 元 in the largest unit that leaves a whole number before the point: 3.27 亿元; — for None."""
    if yuan is None:
        return NOTHING
    amount = Decimal(yuan)
    factor, unit = next(
        ((factor, unit) for factor, unit in _SCALES[language] if abs(amount) >= factor), _SCALES[language][-1]
    )
    return f"{_rounded(amount / factor, 0 if factor == 1 else 2)} {unit}"


def exact_money(language: Language, yuan: Decimal | int | str | None) -> str:
    """An amount of 元 to the last digit that is known, for whoever hovers: 327,015,000 元."""
    return NOTHING if yuan is None else f"{Decimal(yuan):,f} {_SCALES[language][-1][1]}"


def percent(share: Decimal | float | str | None, places: int = 1) -> str:
    """A share (0.4378) as per cent (43.8%); — for None."""
    return NOTHING if share is None else f"{_rounded(Decimal(str(share)) * 100, places)}%"


def number(value: Decimal | int | str | None, places: int | None = None) -> str:
    """A number with its thousands apart; — for None."""
    if value is None:
        return NOTHING
    return f"{Decimal(value):,f}" if places is None else _rounded(Decimal(value), places)


def day(value: date | datetime | str | None) -> str:
    """A day as 2026-11-23, a moment as the day that it is in China; — for None."""
    read = _read(value)
    return (
        NOTHING if read is None else (read.astimezone(CHINA).date() if isinstance(read, datetime) else read).isoformat()
    )


def moment(value: datetime | str | None) -> str:
    """A moment as it is in China: 2026-11-23 14:05; — for None."""
    read = _read(value)
    return read.astimezone(CHINA).strftime("%Y-%m-%d %H:%M") if isinstance(read, datetime) else day(read)


def _read(value: date | datetime | str | None) -> date | datetime | None:
    if isinstance(value, str):
        value = datetime.fromisoformat(value) if len(value) > 10 else date.fromisoformat(value)
    if isinstance(value, datetime) and value.tzinfo is None:
        return value.replace(tzinfo=UTC)
    return value


def _rounded(value: Decimal, places: int) -> str:
    """Half up, as published figures are."""
    return f"{value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):,f}"
