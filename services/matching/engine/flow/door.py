"""What compiled code asks of arrays, made sure of at the door: whole numbers of 64 bits, contiguous and writable."""

import numpy as np
from numpy.typing import ArrayLike

from services.matching.engine.flow.problem import FlowProblem, Ints


def checked(problem: FlowProblem) -> FlowProblem:
    """The problem in contiguous arrays; raises ValueError where shapes or types are wrong."""
    arcs = np.shape(problem.tail)
    for name in ("tail", "head", "lower", "capacity", "cost", "supply"):
        array = np.asarray(getattr(problem, name))
        if array.ndim != 1 or (name != "supply" and array.shape != arcs):
            raise ValueError(f"{name} has shape {array.shape}, expected {arcs if name != 'supply' else '(nodes,)'}")
        if array.dtype != np.int64 and not (array.dtype.kind in "iu" and np.can_cast(array.dtype, np.int64)):
            raise ValueError(f"{name} holds {array.dtype}, expected whole numbers of 64 bits")
    return FlowProblem(*(contiguous(column) for column in columns(problem)))


def columns(problem: FlowProblem) -> tuple[Ints, Ints, Ints, Ints, Ints, Ints]:
    """Tail, head, lower, capacity, cost and supply."""
    return problem.tail, problem.head, problem.lower, problem.capacity, problem.cost, problem.supply


def contiguous(array: ArrayLike) -> Ints:
    """The array as compiled code knows it: a read-only one would be a second type, and compiled a second time."""
    found = np.ascontiguousarray(array, np.int64)
    return found if found.flags.writeable else found.copy()
