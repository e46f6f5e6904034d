"""Charts as inline SVG, drawn from the report's figures; text stays text, colours come from the page's CSS classes."""

from markupsafe import Markup, escape

from deploy.demo.figures import TEN_THOUSAND, RateRow
from shared.text.figures import say_percent

WIDTH = 720
LABEL = 200
ROW = 34
PLOT = WIDTH - LABEL - 90


def rates_chart(rows: list[RateRow]) -> Markup:
    """A bar per row: local now, what the plan adds, what is attainable, and a mark at the target."""
    drawn = [_rate_bar(row, 24 + index * ROW) for index, row in enumerate(rows)]
    axis = [_tick(share, len(rows)) for share in (0, 25, 50, 75, 100)]
    return _svg(WIDTH, 24 + len(rows) * ROW + 8, axis + drawn, "各行的本地配套率：现在、建议后、可达到与目标")


def _rate_bar(row: RateRow, top: int) -> Markup:
    def x(amount: int) -> float:
        return LABEL + PLOT * min(amount / row.spend, 1) if row.spend else float(LABEL)

    now, projected, attainable = x(row.local_now), x(row.projected), x(row.attainable)
    goal = LABEL + PLOT * row.target / TEN_THOUSAND
    return Markup(
        '<text x="{lx}" y="{ty}" text-anchor="end" class="label">{name}</text>'
        '<rect x="{l}" y="{y}" width="{wa:.1f}" height="18" class="attainable"/>'
        '<rect x="{l}" y="{y}" width="{wn:.1f}" height="18" class="now"/>'
        '<rect x="{n:.1f}" y="{y}" width="{wp:.1f}" height="18" class="added"/>'
        '<line x1="{g:.1f}" x2="{g:.1f}" y1="{y0}" y2="{y1}" class="goal"/>'
        '<text x="{rx}" y="{ty}" class="value">{share}</text>'
    ).format(
        lx=LABEL - 10, ty=top + 14, name=_shorten(row.name), l=LABEL, y=top, wa=max(attainable - LABEL, 0),
        wn=now - LABEL, n=now, wp=projected - now, g=goal, y0=top - 4, y1=top + 22, rx=LABEL + PLOT + 10,
        share=row.share(row.projected),
    )  # fmt: skip


def _tick(share: int, rows: int) -> Markup:
    x = LABEL + PLOT * share / 100
    return Markup(
        '<line x1="{x:.1f}" x2="{x:.1f}" y1="18" y2="{y}" class="grid"/>'
        '<text x="{x:.1f}" y="12" text-anchor="middle" class="tick">{share}%</text>'
    ).format(x=x, y=24 + rows * ROW, share=share)


def diagnosis_chart(parts: list[tuple[str, str, int]]) -> Markup:
    """One bar split by class: (code, label, amount) in the order of precedence; the label shows on hover."""
    total = sum(amount for _, _, amount in parts)
    x, drawn = 0.0, []
    for code, label, amount in parts:
        width = WIDTH * amount / total if total else 0
        drawn.append(
            Markup('<rect x="{:.2f}" y="0" width="{:.2f}" height="34" class="d-{}"><title>{} {}</title></rect>').format(
                x, width, code.replace("_", "-"), label, say_percent(amount, total)
            )
        )
        x += width
    return _svg(WIDTH, 34, drawn, "每一元采购在哪一类")


def _svg(width: int, height: int, parts: list[Markup], title: str) -> Markup:
    return Markup('<svg viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        width, height, title, Markup().join(parts)
    )


def _shorten(name: str, most: int = 14) -> Markup:
    return escape(name if len(name) <= most else name[: most - 1] + "…")
