"""From the snapshot's rows to columns: values become codes, lists are laid end to end."""

from collections.abc import Collection, Sequence
from datetime import date

import numpy as np

from services.matching.engine.columns import (
    NOT_TOLD,
    CapabilityColumns,
    Columns,
    Holdings,
    LineColumns,
    ParameterColumns,
    Preferences,
    ProductColumns,
    Refusals,
    Shares,
    SupplierColumns,
)
from services.matching.engine.judgement.proof import last_day, passed_over
from services.matching.engine.policy import Policy
from services.matching.engine.preparation.coding import (
    Coding,
    bools,
    coding_of,
    ints,
    number_of,
    place_of,
    seen_anchor,
    starts_of,
)
from services.matching.engine.preparation.texts import AskedTexts, OfferedTexts, texts_of
from services.matching.engine.snapshot import (
    Capability,
    Certificate,
    Commitment,
    Line,
    Proposal,
    Snapshot,
    Supplier,
)
from shared.codes.parameters import Parameter, point_of


def columns_of(snapshot: Snapshot, policy: Policy, guessed: Collection[int] = ()) -> Columns:
    """The snapshot in columns; `guessed` are the lines whose class was read from their words (see classing).

    Raises OverflowError for an amount beyond 64 bits.
    """
    texts, coding = texts_of(snapshot), coding_of(snapshot, policy)
    return Columns(
        policy=policy,
        as_of=snapshot.as_of.toordinal(),
        vocabulary=coding.vocabulary(texts.vocabulary),
        lines=_lines(snapshot.lines, texts.lines, coding, guessed),
        capabilities=_capabilities(snapshot.capabilities, texts.capabilities, coding),
        suppliers=_suppliers(snapshot.suppliers, snapshot.certificates, policy, coding),
        products=_products(snapshot, policy, coding),
        incumbents=Holdings(
            line=ints(row.line for row in snapshot.incumbents),
            supplier=ints(row.supplier for row in snapshot.incumbents),
            amount=ints(row.amount for row in snapshot.incumbents),
            related=bools(row.related for row in snapshot.incumbents),
        ),
        commitments=_shares(snapshot.commitments),
        proposals=_shares(snapshot.proposals),
        exclusions=Refusals(
            line=ints(row.line for row in snapshot.exclusions),
            supplier=ints(row.supplier for row in snapshot.exclusions),
        ),
        preferences=Preferences(
            line=ints(row.line for row in snapshot.preferences),
            supplier=ints(row.supplier for row in snapshot.preferences),
            blacklisted=bools(row.blacklisted for row in snapshot.preferences),
        ),
    )


def _lines(rows: Sequence[Line], texts: AskedTexts, coding: Coding, guessed: Collection[int]) -> LineColumns:
    asked = [row.certificates for row in rows]
    return LineColumns(
        product=ints(row.product for row in rows),
        class_code=coding.classes.all(row.class_code for row in rows),
        class_guessed=bools(position in guessed for position in range(len(rows))),
        unit=coding.units.all(row.unit for row in rows),
        quantity=ints(row.quantity for row in rows),
        unit_price=ints(row.unit_price for row in rows),
        spend=ints(row.spend for row in rows),
        excluded=ints(row.excluded for row in rows),
        local_now=ints(row.local_now for row in rows),
        committed=ints(row.committed for row in rows),
        outside=ints(row.outside for row in rows),
        unknown=ints(row.unknown for row in rows),
        movable=ints(row.movable for row in rows),
        lead_time_days=ints(row.lead_time_days for row in rows),
        max_moq=ints(row.max_moq for row in rows),
        price_ceiling=ints(row.price_ceiling for row in rows),
        distance_limit_km=ints(row.distance_limit_km for row in rows),
        token_starts=texts.starts,
        token=texts.token,
        in_name=texts.in_name,
        meaning=texts.meaning,
        scheme_starts=starts_of(asked),
        scheme=coding.schemes.all(each.scheme for row in asked for each in row),
        on_day=ints(each.on_date.toordinal() for row in asked for each in row),
        supplier_cap=ints(row.supplier_cap for row in rows),
        parameters=_parameters([row.parameters for row in rows], coding),
    )


def _capabilities(rows: Sequence[Capability], texts: OfferedTexts, coding: Coding) -> CapabilityColumns:
    return CapabilityColumns(
        supplier=ints(row.supplier for row in rows),
        class_code=coding.classes.all(row.class_code for row in rows),
        capacity_yuan=ints(row.capacity_yuan for row in rows),
        capacity_units=ints(row.capacity_units for row in rows),
        unit=coding.units.all(row.unit for row in rows),
        unit_price=ints(row.unit_price for row in rows),
        moq=ints(row.moq for row in rows),
        lead_time_days=ints(row.lead_time_days for row in rows),
        token_starts=texts.starts,
        token=texts.token,
        times=texts.times,
        meaning=texts.meaning,
        parameters=_parameters([row.parameters for row in rows], coding),
    )


def _parameters(lists: Sequence[tuple[Parameter, ...]], coding: Coding) -> ParameterColumns:
    rows = [row for held in lists for row in held]
    return ParameterColumns(
        starts=starts_of(lists),
        name=coding.parameters.all(row.name for row in rows),
        unit=coding.units.all(row.unit for row in rows),
        low=ints(coding.rank(row.low) for row in rows),
        high=ints(coding.rank(row.high) for row in rows),
        low_number=np.fromiter((coding.in_steps(row, row.low) for row in rows), np.float64),
        high_number=np.fromiter((coding.in_steps(row, row.high) for row in rows), np.float64),
        point=coding.values.all(point_of(row) for row in rows),
        value_starts=starts_of([row.values for row in rows]),
        value=coding.values.all(value for row in rows for value in row.values),
        value_rank=ints(coding.rank(number_of(value)) for row in rows for value in row.values),
    )


def _suppliers(
    rows: Sequence[Supplier], certificates: Sequence[Certificate], policy: Policy, coding: Coding
) -> SupplierColumns:
    """Suppliers with those of their certificates that count, in columns."""
    held: list[list[Certificate]] = [[] for _ in rows]
    for row in certificates:
        if not passed_over(row, rows[row.supplier], policy):
            held[row.supplier].append(row)
    return SupplierColumns(
        party=coding.parties.all(row.key for row in rows),
        status=coding.statuses.all(row.status for row in rows),
        region=coding.regions.all(row.region for row in rows),
        place=coding.places.all(place_of(row, policy.scope) for row in rows),
        known=bools(row.known for row in rows),
        total_capacity=ints(row.total_capacity for row in rows),
        scheme_starts=starts_of(held),
        scheme=coding.schemes.all(each.scheme for row in held for each in row),
        valid_from=ints(_day(each.valid_from) for row in held for each in row),
        valid_until=ints(_day(last_day(each)) for row in held for each in row),
    )


def _products(snapshot: Snapshot, policy: Policy, coding: Coding) -> ProductColumns:
    rows = snapshot.products
    return ProductColumns(
        leader=coding.parties.all(row.leader_key for row in rows),
        leader_region=coding.regions.all(row.leader_region for row in rows),
        cluster=ints(row.cluster for row in rows),
        target=ints(row.target for row in rows),
        anchor=coding.anchors.all(seen_anchor(row, snapshot, policy) for row in rows),
    )


def _shares(rows: Sequence[Commitment | Proposal]) -> Shares:
    return Shares(
        line=ints(row.line for row in rows),
        capability=ints(row.capability for row in rows),
        amount=ints(row.amount for row in rows),
    )


def _day(day: date | None) -> int:
    return NOT_TOLD if day is None else day.toordinal()
