"""Wire models of the cooperations and of the funnel."""

from datetime import datetime
from decimal import Decimal
from typing import Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.matching.cooperation.funnel import By, Row
from services.matching.cooperation.rules import MODE_ZH, Mode
from services.matching.cooperation.service import Terms, View
from services.matching.cooperation.stages import Standing
from services.matching.suggestions.rules import STATE_ZH, State, Verb, verbs_for
from shared.http.times import Day
from shared.security.actor import Actor, Role


class ModesIn(BaseModel):
    """In which of the five modes a cooperation goes on; at least one."""

    model_config = ConfigDict(extra="forbid")

    modes: set[Mode] = Field(min_length=1)

    def ordered(self) -> tuple[Mode, ...]:
        """The modes in the order in which the policy names them."""
        return tuple(mode for mode in Mode if mode in self.modes)


class ContractIn(ModesIn):
    """A contract: `amount` in whole 元 without VAT over the whole period, both days included."""

    modes: set[Mode] = Field({Mode.ORDER_GUARANTEE}, min_length=1)
    number: str = Field(min_length=1, max_length=100)
    first_day: Day
    last_day: Day
    amount: int = Field(gt=0, le=10**15)
    document: str | None = Field(None, max_length=500, description="合同存放处，例如档案号")

    @model_validator(mode="after")
    def in_order(self) -> Self:
        """Refuse a period that ends before it begins."""
        if self.last_day < self.first_day:
            raise ValueError("合同期的最后一天早于第一天。")
        return self

    def terms(self) -> Terms:
        """The contract as the use case takes it."""
        return Terms(self.number, self.first_day, self.last_day, self.amount, self.ordered(), self.document)


class AmendmentIn(ContractIn):
    """The contract as it should have been registered, and why."""

    reason: str = Field("", max_length=500)


class ContractOut(BaseModel):
    """A registered contract."""

    number: str
    first_day: Day
    last_day: Day
    amount: int
    document: str | None
    contracted_at: datetime


class PurchaseOut(BaseModel):
    """What of a purchase counts to the contract, in 元."""

    purchase_id: UUID
    period: str
    amount: Decimal


class ModeOut(BaseModel):
    """A mode, and what people call it."""

    mode: Mode
    label: str


class CooperationOut(BaseModel):
    """A cooperation as both sides and the reviewers see it; amounts in whole 元 (`agreed_amount` by `basis`)."""

    id: UUID
    state: State
    state_label: str
    version: int
    verbs: list[Verb]
    basis: str
    leader_id: UUID | None
    leader_name: str | None
    supplier_id: UUID
    supplier_name: str
    cluster_id: UUID | None
    product_id: UUID
    product_name: str
    part_code: str
    part_name: str
    unit: str | None
    agreed_amount: int | None
    placed_amount: int
    placed_quantity: Decimal | None
    modes: list[ModeOut]
    contract: ContractOut | None
    contracted_amount: int | None
    invoiced_amount: int
    invoiced_in_full: bool

    @classmethod
    def of(cls, view: View, actor: Actor) -> Self:
        """The wire form."""
        row, kept = view.suggestion, view.cooperation
        modes = [Mode(mode) for mode in kept.modes] if kept else []
        return cls.model_validate(
            {
                **row.model_dump(exclude={"labels"}),
                **row.labels,
                "state_label": STATE_ZH[State(row.state)],
                "verbs": verbs_for(State(row.state), actor.role),
                "modes": [ModeOut(mode=mode, label=MODE_ZH[mode]) for mode in modes],
                "contract": contract_of(view),
                "invoiced_in_full": bool(row.contracted_amount) and row.invoiced_amount >= (row.contracted_amount or 0),
            }
        )


class CooperationDetail(CooperationOut):
    """A cooperation with the purchases that count to its contract; its supplier knows them from its own books."""

    purchases: list[PurchaseOut]

    @classmethod
    def of(cls, view: View, actor: Actor) -> Self:
        """The wire form."""
        short = CooperationOut.of(view, actor)
        told = () if actor.role is Role.SUPPLIER else view.purchases
        purchases = [PurchaseOut.model_validate(each, from_attributes=True) for each in told]
        return cls(**short.model_dump(), purchases=purchases)


def contract_of(view: View) -> ContractOut | None:
    """The contract, once it is registered."""
    kept = view.cooperation
    if kept is None or kept.contract_number is None:
        return None
    return ContractOut.model_validate({**kept.model_dump(), "number": kept.contract_number})


class StageOut(BaseModel):
    """A stage: `suggestions` and `amount` came at least here, `here` 元 stand here now."""

    stage: State
    label: str
    suggestions: int
    amount: int
    here: int

    @classmethod
    def of(cls, state: State, standing: Standing) -> Self:
        """The wire form."""
        return cls(stage=state, label=STATE_ZH[state], **vars(standing))


class FunnelRow(BaseModel):
    """The funnel of one group. `returned` 元 were given back where less was agreed or contracted than suggested."""

    key: str | None
    name: str
    stages: list[StageOut]
    beside: list[StageOut]
    returned: int

    @classmethod
    def of(cls, row: Row) -> Self:
        """The wire form."""
        return cls(
            key=row.key,
            name=row.name,
            stages=[StageOut.of(*each) for each in row.funnel.stages.items()],
            beside=[StageOut.of(*each) for each in row.funnel.beside.items()],
            returned=row.funnel.returned,
        )


class FunnelOut(BaseModel):
    """The funnel from suggested to invoiced, in 元; intentions and contracts are never added together."""

    by: By
    rows: list[FunnelRow]
