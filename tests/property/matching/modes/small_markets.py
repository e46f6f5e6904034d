"""Small problems for the modes, and an oracle that shares no code with the engine: OR-tools' CP-SAT in whole 元."""

from dataclasses import dataclass
from random import Random

import numpy as np
from ortools.sat.python import cp_model

from services.matching.engine.flow.problem import UNLIMITED
from services.matching.engine.modes.problem import ModeProblem


def make_problem(random: Random, *, fixed: bool) -> ModeProblem:
    """A few lines, gates and capabilities; with minima and orders where `fixed`."""
    lines, capabilities = random.randint(1, 4), random.randint(1, 4)
    supplier = [random.randrange(3) for _ in range(capabilities)]
    offers = [(line, c) for line in range(lines) for c in range(capabilities) if random.random() < 0.7]
    keys = sorted({(line, supplier[c]) for line, c in offers})
    movable = [random.randint(0, 30) for _ in range(lines)]
    local = [random.randint(0, 10) for _ in range(lines)]
    rows = [
        (line, c, keys.index((line, supplier[c])), random.randint(1, 30), random.choice((0, 0, 6)) if fixed else 0)
        for line, c in offers
    ]
    columns = np.array(rows, dtype=np.int64).reshape(-1, 5).T
    return ModeProblem(
        line=np.ascontiguousarray(columns[0]),
        capability=np.ascontiguousarray(columns[1]),
        gate=np.ascontiguousarray(columns[2]),
        most=np.ascontiguousarray(columns[3]),
        order=np.ascontiguousarray(columns[4]),
        difference=np.array([random.randint(-2, 9) * 100_000 for _ in offers], dtype=np.int64),
        cap=np.array([random.randint(2, 25) for _ in keys], dtype=np.int64),
        least=np.array([random.choice((0, 4, 9)) if fixed else 0 for _ in keys], dtype=np.int64),
        opened=np.array([random.random() < 0.2 for _ in keys], dtype=np.bool_),
        movable=np.array(movable, dtype=np.int64),
        local=np.array(local, dtype=np.int64),
        counted=np.array([a + b + random.randint(0, 9) for a, b in zip(movable, local, strict=True)], dtype=np.int64),
        product=np.array([line % 2 for line in range(lines)], dtype=np.int64),
        capacity=np.array(
            [random.choice((UNLIMITED, random.randint(3, 40))) for _ in range(capabilities)], dtype=np.int64
        ),
        supplier=np.array(supplier, dtype=np.int64),
        supplier_limit=np.array([random.choice((UNLIMITED, 25)) for _ in range(3)], dtype=np.int64),
    )


@dataclass
class Oracle:
    """The problem as a model of CP-SAT: amounts, what is moved, and the cost in millionths of a 元."""

    problem: ModeProblem
    per_pair: int
    per_million: int
    whole: bool = False

    def __post_init__(self) -> None:
        problem, model = self.problem, cp_model.CpModel()
        self.model = model
        self.amounts = [model.new_int_var(0, most, "") for most in problem.most.tolist()]
        opened = [model.new_bool_var("") for _ in problem.cap.tolist()]
        for position, (amount, order) in enumerate(zip(self.amounts, problem.order.tolist(), strict=True)):
            used = model.new_bool_var("")
            most = int(problem.most[position])
            if self.whole:
                most = int(problem.movable[problem.line[position]])
                model.add(amount >= most * used)
            model.add(amount <= most * used)
            model.add(amount >= order * used)
        for gate, switch in enumerate(opened):
            through = self._sum(problem.gate == gate)
            cap = 10**6 if self.whole else int(problem.cap[gate])
            model.add(through <= cap * switch)
            model.add(through >= int(problem.least[gate]) * switch)
        for column, limits in (
            (problem.line, problem.movable),
            (problem.capability, problem.capacity),
            (problem.supplier[problem.capability], problem.supplier_limit),
        ):
            for position, limit in enumerate(limits.tolist()):
                model.add(self._sum(column == position) <= min(limit, 10**6))
        self.moved = sum(self.amounts)
        self.cost = sum(
            amount * (int(each) + self.per_million)
            for amount, each in zip(self.amounts, problem.difference, strict=True)
        ) + sum(
            switch * self.per_pair * 1_000_000
            for switch, before in zip(opened, problem.opened, strict=True)
            if not before
        )

    def _sum(self, which: np.ndarray) -> cp_model.LinearExprT:
        return sum(amount for amount, counts in zip(self.amounts, which, strict=True) if counts)

    def moved_of(self, products: set[int]) -> cp_model.LinearExprT:
        """What is moved of the lines of some products."""
        return self._sum(np.isin(self.problem.product[self.problem.line], sorted(products)))

    def best(self, goal: cp_model.LinearExprT, *, highest: bool) -> int | None:
        """The best value of the goal; None where nothing keeps the conditions."""
        (self.model.maximize if highest else self.model.minimize)(goal)
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        status = solver.solve(self.model)
        assert status in (cp_model.OPTIMAL, cp_model.INFEASIBLE)
        return None if status == cp_model.INFEASIBLE else round(solver.objective_value)
