"""The funnel, from suggested to invoiced, by cluster, leader, product or month: one query, in pieces of 元."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Text, cast, func, literal, select
from sqlmodel import Session

from services.matching.cooperation.models import Cooperation
from services.matching.cooperation.stages import Funnel, Sums, funnel_of
from services.matching.engine.policy import Basis
from services.matching.suggestions.rules import State
from services.matching.suggestions.service import Suggestion, visible
from shared.db.upserts import sql_table
from shared.security.actor import Actor

S = sql_table(Suggestion).c
C = sql_table(Cooperation).c
EAST = timedelta(hours=8)


class By(StrEnum):
    """What a row of the funnel is about. A month is that in which its suggestions were made, by China's days."""

    ALL = "all"
    CLUSTER = "cluster"
    LEADER = "leader"
    PRODUCT = "product"
    MONTH = "month"


@dataclass(frozen=True)
class Cohort:
    """Which suggestions are counted; what is not set does not restrict. Months are written 2026-03."""

    run: UUID | None = None
    cluster: UUID | None = None
    leader: UUID | None = None
    product: UUID | None = None
    first_month: str | None = None
    last_month: str | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """The restrictions, all of which hold."""
        asked = {"run_id": self.run, "cluster_id": self.cluster, "leader_id": self.leader, "product_id": self.product}
        found = [S[name] == value for name, value in asked.items() if value is not None]
        if self.first_month is not None:
            found.append(_month() >= self.first_month)
        if self.last_month is not None:
            found.append(_month() <= self.last_month)
        return found


@dataclass(frozen=True)
class Row:
    """The funnel of one cluster, leader, product or month; `key` None: of those that name none, or of all."""

    key: str | None
    name: str
    funnel: Funnel


def funnel(session: Session, actor: Actor, by: By, cohort: Cohort) -> list[Row]:
    """The funnels of what the actor may see, in the order of their keys; what names no group comes last.

    What a newer run superseded is left out: that run tells it again. A contract over more than a year, and its
    invoices, count by the year, as suggestions do.
    """
    key, name = _group(by)
    statement = (
        select(key.label("key"), func.max(name).label("name"), S.state, S.stage, *_sums())
        .outerjoin(Cooperation, C.suggestion_id == S.id)
        .where(visible(actor), S.state != State.SUPERSEDED, *cohort.conditions())
        .group_by(key, S.state, S.stage)
    )
    groups: dict[str | None, list[Any]] = defaultdict(list)
    for row in session.execute(statement):
        groups[row.key].append(row)
    if by is By.ALL:
        groups.setdefault(None, [])
    ordered = sorted(groups, key=lambda each: (each is None, each or ""))
    return [Row(each, _name(by, each, groups[each]), funnel_of(map(_read, groups[each]))) for each in ordered]


def _group(by: By) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """What the rows are grouped by, and what they are called."""
    match by:
        case By.CLUSTER:
            return cast(S.cluster_id, Text), S.labels["cluster_name"].astext
        case By.LEADER:
            return cast(S.leader_id, Text), S.labels["leader_name"].astext
        case By.PRODUCT:
            return cast(S.product_id, Text), S.labels["product_name"].astext
        case By.MONTH:
            return _month(), _month()
        case By.ALL:
            return literal(None, Text), literal("全部", Text)


_WITHOUT = {By.CLUSTER: "未归入集群", By.LEADER: "未指明链主"}


def _name(by: By, key: str | None, rows: list[Any]) -> str:
    if by is By.ALL:
        return "全部"
    names = [row.name for row in rows if row.name]
    return max(names) if names and key is not None else _WITHOUT.get(by, "名称不明")


def _month() -> ColumnElement[str]:
    return func.to_char(func.timezone(EAST, S.created_at), "YYYY-MM")


def _sums() -> list[ColumnElement[Any]]:
    """Amounts of suggestions that count lines are no 元; contracts and invoices always are."""
    in_yuan = S.basis == Basis.VALUE
    return [
        func.count().label("suggestions"),
        *(
            func.coalesce(func.sum(S[column]).filter(in_yuan), 0).label(name)
            for name, column in (("amount", "amount"), ("agreed", "agreed_amount"), ("placed", "placed_amount"))
        ),
        func.coalesce(func.sum(_yearly(S.contracted_amount)), 0).label("contracted"),
        func.coalesce(func.sum(_yearly(S.invoiced_amount)), 0).label("invoiced"),
    ]


def _yearly(amount: ColumnElement[Any]) -> ColumnElement[int]:
    """What of a contract's 元 counts for a year of it, as `rules.yearly` says; suggestions are 元 a year too."""
    month = func.extract("year", C.last_day) * 12 + func.extract("month", C.last_day)
    first = func.extract("year", C.first_day) * 12 + func.extract("month", C.first_day)
    return func.floor(amount * 12 / func.greatest(month - first + 1, 12))


def _read(row: Any) -> Sums:
    return Sums(
        State(row.state),
        State(row.stage),
        row.suggestions,
        int(row.amount),
        int(row.agreed),
        int(row.placed),
        int(row.contracted),
        int(row.invoiced),
    )
