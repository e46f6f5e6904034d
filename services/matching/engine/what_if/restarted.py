"""A flow that goes on after changes, by a start from the former tree."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from services.matching.engine.flow.problem import Basis, FlowProblem, FlowSolution, Ints, Status
from services.matching.engine.flow.solver import solve_flow


@dataclass
class _State:
    columns: dict[str, Ints]
    basis: Basis | None


class Restarted:
    """The contract of WarmFlow on plain arrays."""

    def __init__(self, problem: FlowProblem, *, spare_nodes: int = 0, spare_arcs: int = 0) -> None:
        names = ("tail", "head", "lower", "capacity", "cost", "supply")
        self._state = _State({name: getattr(problem, name).copy() for name in names}, None)

    def mark(self) -> Any:
        return _State({name: column.copy() for name, column in self._state.columns.items()}, self._state.basis)

    def rewind(self, mark: Any) -> None:
        self._state = mark

    def set_capacity(self, arc: int, capacity: int) -> None:
        self._state.columns["capacity"][arc] = capacity

    def set_cost(self, arc: int, cost: int) -> None:
        self._state.columns["cost"][arc] = cost

    def set_supply(self, node: int, supply: int) -> None:
        self._state.columns["supply"][node] = supply

    def add_node(self, supply: int) -> int:
        self._state.columns["supply"] = np.append(self._state.columns["supply"], supply)
        self._state.basis = None
        return len(self._state.columns["supply"]) - 1

    def add_arc(self, tail: int, head: int, lower: int, capacity: int, cost: int) -> int:
        row = {"tail": tail, "head": head, "lower": lower, "capacity": capacity, "cost": cost}
        for name, value in row.items():
            self._state.columns[name] = np.append(self._state.columns[name], value)
        self._state.basis = None
        return len(self._state.columns["tail"]) - 1

    def solve(self) -> FlowSolution:
        found = solve_flow(FlowProblem(**self._state.columns), start=self._state.basis)
        assert found.status is Status.OPTIMAL
        self._state.basis = found.basis
        return found
