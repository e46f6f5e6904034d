"""A page of the feed as it came, and its changes sorted out: what can be applied, and what must be set aside.

Nothing that a page says may stop the feed: a change that is no change, of a kind that nobody knows, or whose entity is
not what the contract says, is a `Fault`, and the others go on. Fields that are not known are a fault too, but the
change is applied without them: an older reader survives a newer writer.

A page of which every word is as the contract says, as nearly all are, is read in one go from its JSON. Any other is
read again, change by change.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import reduce
from operator import or_
from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
from pydantic import Discriminator, StrictBool, TypeAdapter, ValidationError, create_model

from shared.contracts.v1 import ENTITIES, Entity, Kind, Wire
from shared.http.messages import chinese
from shared.processes.collector import collector_held

FIELDS = sum(len(model.model_fields) for model in ENTITIES.values())
"""How much the contract says. It only ever grows: a mirror that was built with less must be built anew."""


class What(StrEnum):
    """What is wrong with a change that is set aside."""

    MALFORMED = "malformed"
    UNKNOWN_KIND = "unknown_kind"
    UNKNOWN_FIELDS = "unknown_fields"
    REFUSED = "refused"


@dataclass(frozen=True)
class Fault:
    """A change that is set aside: what is wrong, the reason in Chinese, the change as it came, and what it is of."""

    what: What
    reason: str
    event: Any
    kind: str | None = None
    entity_id: UUID | None = None
    version: int | None = None


@dataclass(frozen=True)
class Page:
    """A page of the feed; its changes are `Told` where all of them are as the contract says, else as they came."""

    epoch: str
    cursor: str
    caught_up: bool
    events: Sequence[Any]


class BadPage(ValueError):
    """The answer is no page of a feed at all; the message says what it is instead."""


class Envelope(Wire):
    """What every change says, whatever it is of."""

    position: str
    kind: str
    id: UUID
    version: int
    op: Literal["upsert", "delete"]
    data: Any = None
    at: datetime


class Told(Envelope):
    """A change whose entity has been read with it; of each kind there is a model of its own."""

    data: Any = None

    def agrees(self) -> bool:
        """Whether the entity is the one that the change is of, and there is one unless it was deleted."""
        if self.data is None or self.op == "delete":
            return self.data is None and self.op == "delete"
        return bool(self.data.id == self.id and self.data.version == self.version)


@dataclass(frozen=True)
class Upsert:
    """An entity as it is after a change, and the change: as it came, or as it was read."""

    entity: Entity
    event: Any


@dataclass
class Sorted:
    """What a page's changes come to: for each entity the newest that can be applied, and all that cannot.

    The newest is the one of the highest version: writers at the same time may be told in another order.
    """

    upserts: dict[Kind, list[Upsert]] = field(default_factory=dict)
    deletes: dict[Kind, list[tuple[UUID, int]]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    last_at: datetime | None = None


_ENVELOPES = TypeAdapter(list[Envelope])
_ADAPTERS: dict[Kind, TypeAdapter[Any]] = {kind: TypeAdapter(list[model]) for kind, model in ENTITIES.items()}  # type: ignore[valid-type]
_KNOWN = {kind: frozenset(model.model_fields) for kind, model in ENTITIES.items()}
_KINDS = frozenset(kind.value for kind in Kind)


def _told(kind: Kind) -> Any:
    """The model of a kind's changes: the word for the kind tells which it is."""
    fields: dict[str, Any] = {"kind": (Literal[kind.value], ...), "data": (ENTITIES[kind] | None, None)}
    return create_model(f"Told_{kind}", __base__=Told, **fields)


class _ToldPage(Wire):
    epoch: str
    cursor: str
    caught_up: StrictBool
    events: list[Annotated[reduce(or_, map(_told, Kind)), Discriminator("kind")]]  # type: ignore[valid-type]


def read_page(body: bytes) -> Page:
    """A page out of an answer's body; raises BadPage."""
    try:
        with collector_held():
            page = _ToldPage.model_validate_json(body, extra="forbid")
    except ValidationError:
        return _read_page(body)
    if all(told.agrees() for told in page.events):
        return Page(page.epoch, page.cursor, page.caught_up, page.events)
    return _read_page(body)


def _read_page(body: bytes) -> Page:
    try:
        with collector_held():
            said = orjson.loads(body)
        page = Page(said["epoch"], said["cursor"], said["caught_up"], said["events"])
    except (orjson.JSONDecodeError, TypeError, KeyError) as error:
        raise BadPage(f"no page of a feed: {body[:80]!r}") from error
    kinds = (type(page.epoch), type(page.cursor), type(page.caught_up), type(page.events))
    if kinds != (str, str, bool, list):
        raise BadPage(f"no page of a feed: {body[:80]!r}")
    return page


def sort_out(events: Sequence[Any]) -> Sorted:
    """Sort out the changes of a page: those that were read with it, or any others as they came."""
    with collector_held():
        if events and all(isinstance(event, Told) for event in events):
            return _sort_out_told(events)
        return _sort_out(events)


def _sort_out_told(events: Sequence[Told]) -> Sorted:
    newest: dict[str, dict[UUID, Told]] = defaultdict(dict)
    for told in events:
        same = newest[told.kind]
        held = same.get(told.id)
        if held is None or told.version >= held.version:
            same[told.id] = told
    found = Sorted(last_at=events[-1].at)
    for name, changes in newest.items():
        kind, rows = Kind(name), changes.values()
        found.upserts[kind] = [Upsert(told.data, told) for told in rows if told.data is not None]
        found.deletes[kind] = [(told.id, told.version) for told in rows if told.data is None]
    return found


def _sort_out(events: Sequence[Any]) -> Sorted:
    found = Sorted()
    envelopes = _read(_ENVELOPES, events, found.faults, _malformed)
    by_kind: dict[str, list[tuple[Envelope, Any]]] = defaultdict(list)
    for envelope, event in envelopes:
        by_kind[envelope.kind].append((envelope, event))
        found.last_at = envelope.at
    for name, changes in by_kind.items():
        if name in _KINDS:
            _sort_out_kind(found, Kind(name), changes)
        else:
            found.faults += [_unknown_kind(envelope, event) for envelope, event in changes]
    return found


def dump(kind: Kind, upserts: Sequence[Upsert]) -> bytes:
    """The entities of a kind as one JSON array, as the contract writes them."""
    return _ADAPTERS[kind].dump_json([each.entity for each in upserts])


def refused(kind: Kind, upsert: Upsert, reason: str) -> Fault:
    """The database does not take an entity that the contract allows."""
    entity = upsert.entity
    event = upsert.event.model_dump(mode="json") if isinstance(upsert.event, Told) else upsert.event
    return Fault(What.REFUSED, f"数据库不接受：{reason}", event, kind.value, entity.id, entity.version)


def _sort_out_kind(found: Sorted, kind: Kind, changes: list[tuple[Envelope, Any]]) -> None:
    envelopes = {id(event): envelope for envelope, event in changes}
    told = [event for envelope, event in changes if envelope.op == "upsert"]
    entities = _read(
        _ADAPTERS[kind],
        told,
        found.faults,
        lambda event, why: _of(envelopes[id(event)], What.MALFORMED, why, event),
        "data",
    )
    newest: dict[UUID, tuple[int, Upsert | None]] = {}
    good = {id(event): entity for entity, event in entities}
    for envelope, event in changes:
        entity = good.get(id(event))
        if entity is not None and (entity.id, entity.version) != (envelope.id, envelope.version):
            found.faults.append(_of(envelope, What.MALFORMED, "data 的 id 或 version 与变更的不同", event))
            continue
        held = newest.get(envelope.id, (envelope.version, None))[0]
        if envelope.version >= held and (entity is not None or envelope.op == "delete"):
            newest[envelope.id] = envelope.version, None if entity is None else Upsert(entity, event)
    found.upserts[kind] = [upsert for _, upsert in newest.values() if upsert is not None]
    found.deletes[kind] = [(id_, version) for id_, (version, upsert) in newest.items() if upsert is None]
    found.faults += _unknown_fields(kind, found.upserts[kind])


def _read(
    adapter: TypeAdapter[Any], events: Sequence[Any], faults: list[Fault], fault: Any, member: str | None = None
) -> list[tuple[Any, Any]]:
    """Each event that the adapter reads (all of it, or one member) with what it read; a fault for each other one.

    All are read at once; only where one is bad, the others are read a second time.
    """
    values = [event if member is None else event.get(member) for event in events]
    try:
        return list(zip(adapter.validate_python(values), events, strict=True))
    except ValidationError as error:
        why: dict[int, list[str]] = defaultdict(list)
        for each in error.errors(include_url=False, include_input=False):
            at, *place = each["loc"]
            why[int(at)].append(f"{'/'.join(map(str, place)) or '变更'}：{chinese(each).rstrip('。')}")
    faults += [fault(events[at], "；".join(reasons)) for at, reasons in why.items()]
    rest = [event for at, event in enumerate(events) if at not in why]
    return _read(adapter, rest, faults, fault, member)


def _malformed(event: Any, reason: str) -> Fault:
    """A change of which not even the envelope can be read; what it may be of is told where it says so."""
    said: Mapping[str, Any] = event if isinstance(event, dict) else {}
    kind = said.get("kind")
    return Fault(What.MALFORMED, reason, event, kind if isinstance(kind, str) else None, _id(said.get("id")))


def _id(text: Any) -> UUID | None:
    try:
        return UUID(text)
    except (ValueError, TypeError, AttributeError):
        return None


def _of(envelope: Envelope, what: What, reason: str, event: Any) -> Fault:
    return Fault(what, reason, event, envelope.kind, envelope.id, envelope.version)


def _unknown_kind(envelope: Envelope, event: Any) -> Fault:
    reason = f"不认识的种类“{envelope.kind}”；目录服务比匹配服务新，升级匹配服务后会自动重读"
    return _of(envelope, What.UNKNOWN_KIND, reason, event)


def _unknown_fields(kind: Kind, upserts: Iterable[Upsert]) -> list[Fault]:
    """One fault for each set of fields that are not known, with the last change that has them."""
    said = {tuple(sorted(each.event["data"].keys() - _KNOWN[kind])): each for each in upserts}
    return [
        Fault(
            What.UNKNOWN_FIELDS,
            f"不认识的字段 {'、'.join(names)}；其余字段已采用，升级匹配服务后会自动重读",
            each.event,
            kind.value,
        )
        for names, each in said.items()
        if names
    ]
