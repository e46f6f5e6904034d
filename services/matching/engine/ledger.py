"""The ledger of a plan in the making: what is booked, and how much more each offer can take; exact in pieces."""

from collections.abc import Iterable, Sequence

from services.matching.engine.market import Market, in_whole_yuan


class Ledger:
    """Books 元 on offers; never more than lines, caps, capacities (in pieces where stated so) and suppliers hold."""

    def __init__(self, market: Market) -> None:
        self.market = market
        self.amounts = [0] * len(market.offers)
        self.through_gate = [0] * len(market.gates)
        self.line_left = list(market.movable)
        self.moved = [0] * len(market.room)
        self._yuan_left = [capacity.yuan for capacity in market.capacity]
        self.units_left = [capacity.units for capacity in market.capacity]
        self._supplier_left = list(market.supplier_limit)

    def room(self, offer: int) -> int:
        """How many more 元 the offer can take, whatever the minimum says."""
        return max(0, min(self.line_left[self.market.offers[offer].line], self.supply_room(offer)))

    def supply_room(self, offer: int) -> int:
        """How many more 元 the offer could take if nothing of its line had moved yet."""
        row = self.market.offers[offer]
        limits = [row.most - self.amounts[offer]]
        limits += [self.market.gates[gate].cap - self.through_gate[gate] for gate in self.market.through[offer]]
        yuan, units = self._yuan_left[row.capability], self.units_left[row.capability]
        supplier = self._supplier_left[row.supplier]
        if yuan is not None:
            limits.append(yuan)
        if units is not None and row.pieces is not None:
            limits.append(in_whole_yuan(units, row.pieces))
        if supplier is not None:
            limits.append(supplier)
        return max(0, min(limits))

    def capacity_left(self, offers: Iterable[int]) -> dict[int, int]:
        """What the limited capabilities of these offers have left, in 元; pieces at the offers' highest price."""
        left: dict[int, int] = {}
        for offer in offers:
            row = self.market.offers[offer]
            yuan, units = self._yuan_left[row.capability], self.units_left[row.capability]
            if yuan is not None:
                left[row.capability] = yuan
            elif units is not None and row.pieces is not None:
                left[row.capability] = max(left.get(row.capability, 0), in_whole_yuan(units, row.pieces))
        return left

    def book(self, offer: int, amount: int) -> None:
        """Book `amount` 元 more on an offer (negative: give back)."""
        row = self.market.offers[offer]
        self.amounts[offer] += amount
        self.line_left[row.line] -= amount
        self.moved[self.market.product[row.line]] += amount
        for gate in self.market.through[offer]:
            self.through_gate[gate] += amount
        yuan, units = self._yuan_left[row.capability], self.units_left[row.capability]
        supplier = self._supplier_left[row.supplier]
        if yuan is not None:
            self._yuan_left[row.capability] = yuan - amount
        if units is not None and row.pieces is not None:
            self.units_left[row.capability] = units - amount * row.pieces
        if supplier is not None:
            self._supplier_left[row.supplier] = supplier - amount

    def below_minimum(self, gate: int) -> bool:
        """Whether a gate carries something, but less than its minimum."""
        return 0 < self.through_gate[gate] < self.market.gates[gate].minimum

    def fill(self, offers: Iterable[int]) -> None:
        """Let each offer in turn take all it can, if that reaches the minimum of its gates."""
        for offer in offers:
            room = self.room(offer)
            gates = self.market.through[offer]
            if room > 0 and all(self.through_gate[gate] + room >= self.market.gates[gate].minimum for gate in gates):
                self.book(offer, room)


def best_first(market: Market, offers: Iterable[int]) -> list[int]:
    """Offers by score, the best first; equal ones in the order of the natural keys."""
    return sorted(offers, key=lambda offer: (-market.offers[offer].score, offer))


def booked(market: Market, amounts: Sequence[int]) -> Ledger:
    """A ledger with these amounts, cut where they overbook a capacity in pieces; what falls below a minimum is dropped.

    Where pieces are short, offers of a high price are booked first: they bring most 元 per piece.
    """
    ledger = Ledger(market)
    wanted = [offer for offer, amount in enumerate(amounts) if amount > 0]
    for offer in sorted(wanted, key=lambda row: (market.offers[row].pieces or 0, -market.offers[row].score, row)):
        ledger.book(offer, min(amounts[offer], ledger.room(offer)))
    for gate in reversed(range(len(market.gates))):  # an offer's own gate stands after the one that it shares
        if ledger.below_minimum(gate):
            for offer in market.gates[gate].offers:
                ledger.book(offer, -ledger.amounts[offer])
    return ledger
