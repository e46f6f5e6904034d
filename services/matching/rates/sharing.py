"""Whole numbers shared out exactly, by arrays: products of 128 bits without leaving 64.

The scalar twin of each is in `rules`; a property test holds them together.
"""

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

LIMBS = 3
LIMB_BITS = 44
"""Fixed point: three limbs of 44 bits, whose sums over 2^18 lines still fit 64 bits."""


def mul_div(total: Ints, weight: Ints, whole: Ints) -> tuple[Ints, Ints]:
    """Quotient and remainder of total × weight ÷ whole, each at least 0, of arrays; 0 < whole < 2^60, quotient < 2^50.

    The quotient is guessed in floating point; the remainder, computed modulo 2^64, tells by how much the guess is off,
    as that many times `whole` fits 63 bits.
    """
    guess = np.floor(total * (weight / whole)).astype(np.int64)
    rest = total * weight - guess * whole
    off = rest // whole
    return guess + off, rest - off * whole


def starts_of(sorted_keys: Ints) -> Ints:
    """Where each run of equal keys begins."""
    if not len(sorted_keys):
        return np.zeros(0, np.int64)
    return np.flatnonzero(np.concatenate(([True], sorted_keys[1:] != sorted_keys[:-1])))


def share_out(total: Ints, weight: Ints, group: Ints) -> Ints:
    """Split each group's `total` in proportion to its `weight`s, in whole units, by largest remainder.

    Rows of a group stand together and have the same total < 2^50; its weights are not all zero. Ties go to the
    earlier row. The parts of a group add up to its total.
    """
    if not len(total):
        return total
    starts = starts_of(group)
    sizes = np.diff(np.append(starts, len(group)))
    whole = np.repeat(np.add.reduceat(weight, starts), sizes)
    part, rest = mul_div(total, weight, whole)
    left = np.repeat(total[starts] - np.add.reduceat(part, starts), sizes)
    order = np.lexsort((-rest, group))
    rank = np.empty(len(group), np.int64)
    rank[order] = np.arange(len(group)) - np.repeat(starts, sizes)
    return part + (rank < left)


def share_out_columns(total: Ints, weights: Ints) -> Ints:
    """The same for groups that are the rows of a table: `weights` is n × k, its rows not all zero."""
    whole = weights.sum(axis=1, keepdims=True)
    parts, rest = mul_div(total[:, None], weights, np.broadcast_to(whole, weights.shape))
    left = total - parts.sum(axis=1)
    order = np.argsort(-rest, axis=1, kind="stable")
    ranks: Ints = np.empty_like(order)
    np.put_along_axis(ranks, order, np.arange(weights.shape[1])[None, :].repeat(len(total), axis=0), axis=1)
    found: Ints = parts + (ranks < left[:, None])
    return found


def fixed_point(part: Ints, whole: Ints) -> tuple[Ints, Flags]:
    """part ÷ whole (0 ≤ part ≤ whole < 2^62, whole > 0) as whole number and limbs, n × 4, cut; and where it was cut."""
    found = np.empty((len(part), LIMBS + 1), np.int64)
    found[:, 0], rest = part // whole, part % whole
    for at in range(1, LIMBS + 1):
        found[:, at], rest = mul_div(rest, np.full_like(rest, 1 << LIMB_BITS), np.maximum(whole, 1))
    return found, rest != 0
