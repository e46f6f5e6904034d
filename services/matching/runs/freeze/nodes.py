"""Processes and materials as parameters: sets whose values lie in families, which is how the engine compares them.

What a need asks for must be among what the capability states, itself or by a wider node (shared.codes.taxonomy): who
offers 铝合金 offers 6061. A capability that states nothing is one parameter short, and the sentence says which.
"""

from collections.abc import Iterable, Sequence

from pydantic import TypeAdapter

from shared.codes.parameters import Parameter

PROCESS, MATERIAL = "工艺", "材料"
_AS_PARAMETER = "材质"
"""How sheets name the material among the parameters: what stands there counts as stated."""


_PARAMETERS = TypeAdapter(tuple[Parameter, ...])


def parameters_in(stored: Sequence[object]) -> tuple[Parameter, ...]:
    """The parameters of a row as the mirror keeps them."""
    return _PARAMETERS.validate_python(stored)


def asked_nodes(processes: Sequence[str], materials: Sequence[str]) -> tuple[Parameter, ...]:
    """What a need asks for: each of the processes, each of the materials (codes of the taxonomy)."""
    return _sets(processes, materials)


def offered_nodes(
    processes: Sequence[str], materials: Sequence[str], parameters: Iterable[Parameter]
) -> tuple[Parameter, ...]:
    """What a capability states: its processes, its materials, and those that it names among its parameters."""
    told = [value for row in parameters if row.name == _AS_PARAMETER for value in row.values]
    return _sets(processes, [*materials, *told])


def _sets(processes: Iterable[str], materials: Iterable[str]) -> tuple[Parameter, ...]:
    sets = ((PROCESS, sorted(set(processes))), (MATERIAL, sorted(set(materials))))
    return tuple(Parameter(name=name, values=tuple(codes)) for name, codes in sets if codes)
