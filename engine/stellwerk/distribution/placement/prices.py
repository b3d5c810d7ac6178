"""What is a unit of each resource worth at each locality?

Families choose softly among places at a temperature that falls; where more is demanded than there is the price rises,
where less it falls. First a sample of families looks at all places, and prices move by the ratio of demand to capacity,
which bears noise. Then all families look at the few places near to them, and prices move by the slope of demand with
momentum, which ends close to the relaxed model's own prices. In goes a task, out come whole prices and near places.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numba
import numpy as np
import numpy.typing as npt

from stellwerk.distribution.placement import kernels
from stellwerk.distribution.placement.instance import NOT_ELIGIBLE, Short, Whole
from stellwerk.distribution.placement.plan import Prices
from stellwerk.distribution.placement.task import Task

SAMPLE_SHARE = 8  # one family in so many is in the sample
LEAST_SAMPLE = 6_000
MANY_FAMILIES = 20_000
LEAST_NEAR_PLACES = 32
NEAR_PAIRS = 250_000  # as many pairs may be near where families are few: then all places are near
ELASTICITY = 0.7  # of a step by ratio
LEAST_CAPACITY = 0.3  # for a ratio of demand to capacity: none at all still has one
DAMPING, MOMENTUM = 0.5, 0.65
LONGEST_STEP = 2.0  # of a price in one pass, in temperatures: further the slope says nothing
LEAST_SLOPE = (
    0.9  # share of the load that leaves when a price rises by the spread: keeps steps in bounds where few look
)

FAMILIES_A_CHUNK = 256
FAMILIES_A_THREAD = 1_000  # fewer cost more in waking a thread than it saves

Real = npt.NDArray[np.float64]
Observer = Callable[[Prices], bool]


@dataclass(frozen=True)
class Schedule:
    """Temperatures as shares of the spread of scores, and for how many passes each is held."""

    sample: tuple[float, ...]
    sample_passes: int
    near: tuple[float, ...]
    near_passes: int


# Where families are few, single ones move prices far: it takes more passes, and each costs little.
OF_MANY = Schedule((0.25, 0.12, 0.06, 0.03), 10, (0.018, 0.009, 0.0045), 15)
OF_FEW = Schedule((1.0, 0.5, 0.25, 0.12, 0.06, 0.03), 20, (0.25, 0.12, 0.06, 0.03, 0.018, 0.009, 0.0045), 40)


@dataclass(frozen=True, eq=False)
class Priced:
    """Prices, and for each family the places that are near its best at these prices."""

    prices: Prices
    near: Short
    """F x K, indices of places."""
    worth: Short
    """F x K, points of the family there."""
    temperature: float
    """The last temperature, in points a person: at it the soft choice keeps to the capacities."""


class _Quotation:
    """Prices while they move: persons have one signed price, below zero where a locality lacks persons."""

    def __init__(self, task: Task, spread: float, highest: float) -> None:
        self.task, self.spread, self.highest = task, spread, highest
        self.value: Real = np.zeros(task.capacity.shape) + np.minimum(_where_all_are_scarce(task), highest)
        self.speed: Real = np.zeros(task.capacity.shape)
        self.persons_a_unit = _persons_a_unit(task)

    def prices(self) -> Prices:
        """As whole points."""
        whole = np.rint(self.value).astype(np.int64)
        floor = np.clip(-whole[:, 0], 0, self.task.missing)
        return Prices(np.maximum(whole, 0), floor)

    def move_by_ratio(self, load: Real, part: float, temperature: float) -> None:
        """One step by the ratio of demand to capacity, for a sample that is `part` of all persons."""
        capacity: Real = self.task.capacity.astype(np.float64) * part
        floor: Real = self.task.floor.astype(np.float64) * part
        target = self._target(load, capacity, floor)
        target[:, 1:] = np.maximum(capacity[:, 1:], LEAST_CAPACITY * part)
        ratio = (load + 1e-6) / np.maximum(target, 1e-3)
        self._set(self.value + ELASTICITY * temperature * self.persons_a_unit * np.log(ratio))

    def move_by_slope(self, load: Real, slope: Real, temperature: float) -> None:
        """One step as far as the slope of demand says, carried on by momentum."""
        target = self._target(load, self.task.capacity.astype(np.float64), self.task.floor.astype(np.float64))
        steepness = np.maximum(slope, LEAST_SLOPE / self.spread * load) + 1e-12
        longest = LONGEST_STEP * temperature * self.persons_a_unit
        wish = np.clip(DAMPING * (load - target) / steepness, -longest, longest)
        self._set(self.value + MOMENTUM * self.speed + wish)

    def _target(self, load: Real, capacity: Real, floor: Real) -> Real:
        """What demand should be: persons may lie anywhere between floor and capacity while they cost nothing."""
        persons = self.value[:, 0]
        within = np.clip(load[:, 0], floor, capacity[:, 0])
        target = capacity.copy()
        target[:, 0] = np.where(persons > 0, capacity[:, 0], np.where(persons < 0, floor, within))
        return target

    def _set(self, moved: Real) -> None:
        """Take on new prices within their limits; the price of persons halts at nought before it changes its sign."""
        persons = self.value[:, 0]
        crossed = (persons > 0) & (moved[:, 0] < 0) | (persons < 0) & (moved[:, 0] > 0)
        moved[crossed, 0] = 0.0
        moved[:, 0] = np.clip(moved[:, 0], -self.task.missing, self.highest)
        moved[:, 1:] = np.clip(moved[:, 1:], 0.0, self.highest)
        self.speed, self.value = moved - self.value, moved


def priced(task: Task, heard: Observer, wanted: Schedule | None = None) -> Priced:
    """Prices of the task, by the schedule that its size calls for unless another is `wanted`.

    `heard` is shown the prices after each temperature; if it says stop, they are handed out.
    """
    rng = np.random.default_rng(task.seed)
    families = len(task.free)
    number = min(families, max(families // SAMPLE_SHARE, LEAST_SAMPLE))
    rows = np.sort(rng.permutation(families)[:number]).astype(np.int64)
    schedule = wanted or (OF_MANY if families > MANY_FAMILIES else OF_FEW)
    spread, highest = _spread(task, rows)
    quotation = _Quotation(task, spread, highest)
    _among_all(task, rows, quotation, schedule, spread, heard)
    near, worth = near_places(task, quotation.prices())
    temperature = _among_near(task, near, worth, quotation, schedule, spread, heard)
    return Priced(quotation.prices(), near, worth, temperature)


@contextmanager
def using_threads(number: int, families: int) -> Iterator[None]:
    """Let the compiled passes use up to so many threads; what they find does not depend on it."""
    before = numba.get_num_threads()
    most = numba.config.NUMBA_NUM_THREADS  # type: ignore[attr-defined]
    numba.set_num_threads(max(1, min(number, most, families // FAMILIES_A_THREAD)))
    try:
        yield
    finally:
        numba.set_num_threads(before)


def near_places(task: Task, prices: Prices) -> tuple[Short, Short]:
    """Each family's places that are worth most at these prices, and its points there."""
    families, places = task.scores.shape
    width = min(places, max(LEAST_NEAR_PLACES, NEAR_PAIRS // max(families, 1)))
    near, worth = np.zeros((families, width), dtype=np.int32), np.zeros((families, width), dtype=np.int32)
    kernels.near_places(task.scores, task.class_of, task.charges(prices), near, worth)
    return near, worth


def best_choice(task: Task, prices: Prices) -> tuple[Short, Short]:
    """Each family's best place at these prices (P: staying) and its points there, less what it pays."""
    families = len(task.free)
    choice, best = np.empty(families, dtype=np.int32), np.empty(families, dtype=np.int32)
    kernels.full_choice(task.scores, task.stay, task.class_of, task.charges(prices), choice, best)
    return choice, best


def _among_all(
    task: Task, rows: Whole, quotation: _Quotation, schedule: Schedule, spread: float, heard: Observer
) -> None:
    """Move prices while the families in `rows` choose among all places."""
    part = float(task.demand[task.class_of[rows], 0].sum()) / max(task.persons, 1)
    load = _sums(task)
    for temperature in (spread * share for share in schedule.sample):
        for _ in range(schedule.sample_passes):
            charges = task.charges(quotation.prices())
            kernels.full_shares(
                task.scores, task.stay, task.class_of, charges, task.demand, rows, np.float32(temperature), load
            )
            quotation.move_by_ratio(load.sum(axis=0, dtype=np.float64).T, part, temperature)
        if heard(quotation.prices()):
            break


def _among_near(
    task: Task,
    near: Short,
    worth: Short,
    quotation: _Quotation,
    schedule: Schedule,
    spread: float,
    heard: Observer,
) -> float:
    """Move prices while all families choose among their near places; the last temperature."""
    load = _sums(task)
    slope = np.zeros_like(load)
    quotation.speed = np.zeros(task.capacity.shape)
    temperature = 0.0
    for temperature in (spread * share for share in schedule.near):
        for _ in range(schedule.near_passes):
            charges = task.charges(quotation.prices())
            kernels.near_shares(
                near, worth, task.stay, task.class_of, charges, task.demand, np.float32(temperature), load, slope
            )
            expected, steepness = load.sum(axis=0, dtype=np.float64).T, slope.sum(axis=0, dtype=np.float64).T
            quotation.move_by_slope(expected, steepness, temperature)
        if heard(quotation.prices()):
            break
    return temperature


def _where_all_are_scarce(task: Task) -> Real:
    """R, the price at which those who are too many for all localities together stay; nought where there is enough.

    Where one locality is short, families move to the next and prices find their way. Where all are, only staying is
    left, which lies far off: prices start where as many families as must would rather stay.
    """
    demand = task.demand[task.class_of].astype(np.int64)
    excess = demand.sum(axis=0) - task.capacity.sum(axis=0)
    start = np.zeros(len(excess))
    if not (excess > 0).any():
        return start
    nothing = Prices(np.zeros_like(task.capacity), np.zeros_like(task.floor))
    margin = best_choice(task, nothing)[1].astype(np.float64) - task.stay
    for r in np.flatnonzero(excess > 0):
        takes = np.flatnonzero((demand[:, r] > 0) & (margin > 0))
        order = takes[np.argsort(margin[takes] / demand[takes, r], kind="stable")]
        gone = np.cumsum(demand[order, r])
        if not len(order) or gone[-1] <= excess[r]:
            continue
        last = order[int(np.searchsorted(gone, excess[r]))]
        start[r] = margin[last] / demand[last, r]
        margin -= start[r] * demand[:, r]
    return start


def _persons_a_unit(task: Task) -> Real:
    """R, members of the families that demand a resource, for each unit of it: temperatures are per person."""
    families = np.bincount(task.class_of, minlength=len(task.demand)).astype(np.float64)[:, None]
    persons = (families * (task.demand > 0) * task.demand[:, :1]).sum(axis=0)
    found: Real = np.maximum(persons, 1.0) / np.maximum((families * task.demand).sum(axis=0), 1.0)
    return found


def _sums(task: Task) -> npt.NDArray[np.float32]:
    """Room for the sums of each chunk of families; how many chunks depends on the task alone, never on threads."""
    chunks = int(np.clip(len(task.free) // FAMILIES_A_CHUNK, 8, kernels.MOST_CHUNKS))
    return np.zeros((chunks, *task.capacity.T.shape), dtype=np.float32)


def _spread(task: Task, rows: Whole) -> tuple[float, float]:
    """How far a family's best place lies above its mean one, per person, on average; and the highest useful price."""
    some = rows[:: max(1, len(rows) // 2000)]
    scores = np.where(task.scores[some] == NOT_ELIGIBLE, np.nan, task.scores[some].astype(np.float64))
    sizes = task.demand[task.class_of[some], 0]
    any_place = ~np.isnan(scores).all(axis=1)
    if not any_place.any():
        return 1.0, 1.0
    scores, sizes, stay = scores[any_place], sizes[any_place], task.stay[some][any_place]
    best = np.nanmax(scores, axis=1)
    spread = float(((best - np.nanmean(scores, axis=1)) / sizes).mean())
    return max(spread, 1.0), max(float((best - stay).max()), 1.0)
