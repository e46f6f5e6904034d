"""What can be asked of a run without knowing ids: its suppliers, what they can make, what is one step away."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session

from services.matching.engine.plan import NearMiss, Rule
from services.matching.gaps.sentences import what_is_lacking
from services.matching.gaps.view import View, view_of
from services.matching.what_if.schemas import OpenPairIn
from shared.security.actor import Actor

MOST = 200
"""More of a kind are not to be chosen from: those of which most is bought come first."""

Options = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Choices:
    """Values and what they are called. A pair is `need:capability`; a certificate `supplier:scheme`, with its pairs."""

    suppliers: Options
    capabilities: Options
    pairs: Options
    certificates: Options
    opened: dict[str, list[OpenPairIn]]


def choices(session: Session, actor: Actor, run_id: UUID) -> Choices:
    """What the actor may ask of a run."""
    view = view_of(session, actor, run_id)
    return view.once(("choices", None), lambda: _choices(view))


def _choices(view: View) -> Choices:
    seen = set(view.lines)
    near = [row for row in view.plan.near_misses if row.line in seen]
    near.sort(key=lambda row: (-(row.gain or 0), -row.potential))
    lacking = _certificates(view, near)
    firms, offers = view.snapshot.suppliers, view.snapshot.capabilities
    return Choices(
        suppliers=[(firms[at].id, firms[at].name) for at in _by_amount(view, seen, "supplier")],
        capabilities=[
            (offers[at].id, f"{firms[offers[at].supplier].name} · {offers[at].name}")
            for at in _by_amount(view, seen, "capability")
        ],
        pairs=[(_pair(view, row), _said(view, row)) for row in near[:MOST]],
        certificates=[(key, f"{name} · {scheme}") for key, (name, scheme, _) in list(lacking.items())[:MOST]],
        opened={key: pairs for key, (_, _, pairs) in lacking.items()},
    )


def _by_amount(view: View, seen: set[int], what: str) -> list[int]:
    """The suppliers or capabilities of the plan, those with the greatest amounts first."""
    amounts: dict[int, int] = {}
    for row in view.plan.suggestions:
        if row.line in seen:
            at = getattr(row, what)
            amounts[at] = amounts.get(at, 0) + row.amount
    return sorted(amounts, key=lambda at: -amounts[at])[:MOST]


def _certificates(view: View, near: Iterable[NearMiss]) -> dict[str, tuple[str, str, list[OpenPairIn]]]:
    """By supplier and what it lacks: the pairs that would be open."""
    found: dict[str, tuple[str, str, list[OpenPairIn]]] = {}
    for row in near:
        if row.rule is Rule.CERTIFICATE:
            firm, scheme = view.snapshot.suppliers[row.supplier], what_is_lacking(view.snapshot.lines[row.line], row)
            need, capability = _pair(view, row).split(":")
            opened = OpenPairIn(kind="open", need=UUID(need), capability=UUID(capability))
            found.setdefault(f"{firm.id}:{scheme}", (firm.name, scheme, []))[2].append(opened)
    return found


def _pair(view: View, row: NearMiss) -> str:
    return f"{view.snapshot.lines[row.line].id}:{view.snapshot.capabilities[row.capability].id}"


def _said(view: View, row: NearMiss) -> str:
    line = view.snapshot.lines[row.line]
    return f"{view.snapshot.suppliers[row.supplier].name} · {line.part_name} · {what_is_lacking(line, row)}"
