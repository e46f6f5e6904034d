"""What leaders say of suppliers: pairs out of the mirror's rows."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from uuid import UUID

from services.matching.engine.snapshot import Line, Preference, Product
from services.matching.mirror.service import MirrorPreference


def preferences(
    rows: Iterable[MirrorPreference],
    lines: list[Line],
    products: list[Product],
    position: Mapping[UUID, int],
    as_of: date,
) -> list[Preference]:
    """What leaders say of suppliers, line by line; what they say of one part goes before what they say of all."""
    standing = [row for row in rows if (row.valid_until or as_of) >= as_of and row.supplier_id in position]
    by_leader: dict[str, list[MirrorPreference]] = defaultdict(list)
    for row in sorted(standing, key=lambda row: row.part_code is not None):
        by_leader[str(row.leader_id)].append(row)
    found: list[Preference] = []
    for at, line in enumerate(lines):
        said = {
            position[row.supplier_id]: row
            for row in by_leader.get(products[line.product].leader_id or "", ())
            if row.part_code in (None, line.part_code)
        }
        found += [Preference(at, who, said[who].stance == "blacklisted", said[who].reason) for who in sorted(said)]
    return found
