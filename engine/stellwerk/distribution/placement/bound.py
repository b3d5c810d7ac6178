"""Which number of points can no plan exceed, given prices?

If every family took its best locality and paid for it, and each locality earned its capacity at these prices, nobody
could win more in total. In go an instance and any prices, out comes that bound in whole points: no rounding, no
solver's word, and no prices for which it would be wrong.
"""

from __future__ import annotations

import numpy as np

from stellwerk.distribution.placement.instance import Instance
from stellwerk.distribution.placement.plan import Prices

_FAMILIES_AT_ONCE = 256  # keeps the scratch arrays in the processor's cache
_NEVER = np.int64(-(1 << 60))


def price_bound(instance: Instance, prices: Prices) -> int:
    """The bound that prices prove.

    For all y >= 0 (capacity) and 0 <= z <= missing (floor) every plan has at most
    sum_pr y_pr c_pr - sum_p z_p l_p + sum_f max(stay_f, max_p (w_fp - sum_r a_fr y_pr + n_f z_p)) points.
    """
    if (prices.capacity < 0).any() or (prices.floor < 0).any() or (prices.floor > instance.missing).any():
        raise ValueError("prices outside their limits prove nothing")
    demands, class_of = instance.classes
    charges = prices.charged(demands)
    total = int((prices.capacity * instance.capacity).sum()) - int((prices.floor * instance.floor).sum())
    for start in range(0, len(instance.families), _FAMILIES_AT_ONCE):
        rows = slice(start, start + _FAMILIES_AT_ONCE)
        left = instance.scores[rows] - charges[class_of[rows]]
        left[~instance.eligible[rows]] = _NEVER
        staying = np.where(instance.may_stay[rows], instance.stay[rows], _NEVER)
        total += int(np.maximum(left.max(axis=1, initial=_NEVER), staying).sum())
    return total
