"""Tables of the review: a suggestion with all that it was published with, and the history of its states."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, Column, Index, Numeric, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.matching.base import Table
from services.matching.disclosure.rules import Level
from services.matching.suggestions.offers import Disclosure
from services.matching.suggestions.rules import State
from shared.db.ids import new_id
from shared.db.tables import UtcDateTime
from shared.db.xids import Xid8


def _moment(*, nullable: bool = False) -> Any:
    return Field(default=None, sa_type=UtcDateTime, nullable=nullable)


class Suggestion(Table, table=True):
    """A candidate with an amount, out of a plan.

    `amount` and `line_spend` are whole 元 a year (counts of lines where `basis` is lines); `merit` = amount × score
    orders the best first. Natural keys stand beside the ids, because a decision outlives a re-import that gives new
    ids. `stage` is the last state on the main way, which a rejected or expired suggestion keeps.

    What it moves as it stands is `placed_amount` a year: the suggested amount, then what the leader agreed to, then
    what the contract comes to in a year. `contracted_amount` is the whole contract, `invoiced_amount` the purchases
    that count to it, in 元 whatever the basis. `disclosure` is what its leader lets the supplier know of the need until
    it accepts, `offer_disclosure` what its supplier lets the leader know of the capability (by triggers, as the mirror
    has it) until both have accepted.

    `proposed_by` is who proposed it by hand; None: the matcher alone. `run_id` is then the run by whose policy it was
    judged.
    """

    __tablename__ = "suggestion"
    __table_args__ = (
        Index(
            "uq_suggestion_run_pair",
            "run_id",
            "line_key",
            "capability_key",
            unique=True,
            postgresql_where=text("proposed_by IS NULL"),
        ),
        Index("ix_suggestion_run_id_merit_id", "run_id", "merit", "id"),
        Index("ix_suggestion_state_id", "state", "id"),
        Index("ix_suggestion_state_merit_id", "state", "merit", "id"),
        Index("ix_suggestion_merit_id", "merit", "id"),
        Index("ix_suggestion_leader_id_id", "leader_id", "id"),
        Index("ix_suggestion_supplier_id_id", "supplier_id", "id"),
        Index("ix_suggestion_product_id_id", "product_id", "id"),
        Index("ix_suggestion_assignee_id", "assignee", "id"),
        Index("ix_suggestion_capability_id", "capability_id"),
        Index("ix_suggestion_capability_key_state", "capability_key", "state"),
        Index("ix_suggestion_line_key_state", "line_key", "state"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    run_id: UUID = Field(foreign_key="run_record.run_id")
    state: str = Field(default=State.PROPOSED, sa_type=Text)
    stage: str = Field(default=State.PROPOSED, sa_type=Text)
    version: int = 1
    proposed_by: str | None = Field(default=None, sa_type=Text)
    assignee: str | None = Field(default=None, sa_type=Text)
    deferred_until: date | None = None
    basis: str = Field(sa_type=Text)
    need_id: UUID
    line_key: str = Field(sa_type=Text)
    product_id: UUID
    leader_id: UUID | None
    leader_key: str | None = Field(sa_type=Text, nullable=True)
    cluster_id: UUID | None
    supplier_id: UUID
    supplier_key: str = Field(sa_type=Text)
    capability_id: UUID
    capability_key: str = Field(sa_type=Text)
    amount: int = Field(sa_type=BigInteger)
    quantity: Decimal | None = Field(sa_type=Numeric(18, 3), nullable=True)
    placed_amount: int = Field(sa_type=BigInteger)
    placed_quantity: Decimal | None = Field(default=None, sa_type=Numeric(18, 3), nullable=True)
    agreed_amount: int | None = Field(default=None, sa_type=BigInteger)
    contracted_amount: int | None = Field(default=None, sa_type=BigInteger)
    invoiced_amount: int = Field(default=0, sa_type=BigInteger)
    invoiced_by_year: dict[str, int] = Field(default_factory=dict, sa_type=JSONB)
    line_spend: int = Field(sa_type=BigInteger)
    score: int
    merit: int = Field(sa_type=BigInteger)
    labels: dict[str, Any] = Field(sa_type=JSONB)
    score_parts: dict[str, int] = Field(sa_type=JSON)
    evidence: list[dict[str, Any]] = Field(sa_type=JSONB)
    effect: dict[str, Any] = Field(sa_type=JSONB)
    disclosure: str = Field(
        default=Level.REQUIREMENTS, sa_type=Text, nullable=False, sa_column_kwargs={"server_default": "requirements"}
    )
    offer_disclosure: str = Field(
        default=Disclosure.SUGGESTED, sa_type=Text, nullable=False, sa_column_kwargs={"server_default": "suggested"}
    )
    created_at: datetime = _moment()
    decided_at: datetime | None = _moment(nullable=True)


class SuggestionEvent(Table, table=True):
    """One step of a suggestion's way: who moved it, from where, to where, why, when. Never changed.

    `verb` is None for its publication, and `assign` where only its reviewer changed; `amount` is what was agreed,
    contracted or invoiced by then, in 元. `xid` and `written_at` are the transaction's, by which the audit finds its
    events (None before there was an audit).
    """

    __tablename__ = "suggestion_event"
    __table_args__ = (
        Index("ix_suggestion_event_suggestion_id_id", "suggestion_id", "id"),
        Index("ix_suggestion_event_xid_written_at_id", "xid", "written_at", "id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    suggestion_id: UUID = Field(foreign_key="suggestion.id")
    actor: str = Field(sa_type=Text)
    actor_role: str = Field(sa_type=Text)
    from_state: str | None = Field(sa_type=Text, nullable=True)
    to_state: str = Field(sa_type=Text)
    verb: str | None = Field(default=None, sa_type=Text)
    amount: int | None = Field(default=None, sa_type=BigInteger)
    reason: str = Field(default="", sa_type=Text)
    at: datetime = _moment()
    xid: str | None = Field(default=None, sa_column=Column(Xid8, server_default=text("pg_current_xact_id()")))
    written_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime, server_default=text("now()")))


class SuggestionLooker(Table, table=True):
    """Where each reviewer was last seen: at the list, or at one suggestion. Nothing is lost when it is."""

    __tablename__ = "suggestion_looker"

    subject: str = Field(sa_type=Text, primary_key=True)
    place: str = Field(sa_type=Text)
    seen_at: datetime = _moment()
