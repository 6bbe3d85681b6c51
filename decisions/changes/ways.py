"""The smallest lawful changes that reach the next grade, or open a product; each is judged anew before it is told."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations, product

from decisions.changes.actions import Lift, Offer
from decisions.changes.case import Case, Plan
from decisions.changes.opening import Opening
from decisions.changes.options import Change, Option
from decisions.offered.catalogue import Entry
from decisions.text import Text
from scoring.explained import score_told

MOST_STEPS = 3
MOST_WAYS = 3
MOST_ACTIONS = 10
"""Actions that are combined: those that raise the score most."""

MOST_REFINED = 6
"""Sets of actions whose shares are tried one by one, the cheapest."""

Works = Callable[[Sequence[Plan]], list[bool]]
"""Whether each plan reaches what is wanted."""


@dataclass(frozen=True)
class Step:
    """One thing to do.

    Attributes:
        action: its code.
        text: what to do, and what it comes to.
        feature: what it chiefly improves, from one value to another in `unit`; where it moves none, the fact.
        months: until the records show it.
        changes: everything that it moves, what it costs elsewhere included.
        lifts, offers: listings that it ends, and what the request would state then.
    """

    action: str
    text: Text
    feature: str
    from_value: float | None
    to_value: float | None
    unit: str
    months: int
    changes: tuple[Change, ...]
    lifts: tuple[Lift, ...] = ()
    offers: tuple[Offer, ...] = ()


@dataclass(frozen=True)
class Way:
    """Things to do together, verified by scoring the changed profile.

    Attributes:
        points: unclipped score then.
        grade: the grade then.
        months: until the records show all of it.
    """

    steps: tuple[Step, ...]
    points: float
    grade: str
    months: int


def ways_up(case: Case) -> tuple[Way, ...]:
    """At most three ways to the next grade, all of the fewest actions that do, the cheapest first; () = none works."""
    lowest = _next_lowest(case)
    if lowest is None:
        return ()

    def works(plans: Sequence[Plan]) -> list[bool]:
        return [points >= lowest for points in case.points(plans)]

    return _ways(case, _most_telling(case), works)


def ways_to(case: Case, entry: Entry) -> tuple[Way, ...]:
    """At most three ways to a product that the enterprise cannot have now; () = none works, or it can.

    A way turns every condition that refuses now into one that is met, leaves no policy stop and no other refusal, and
    an amount above nothing; and it costs no grade.
    """
    opening = Opening(entry.product, case)
    if not opening.refused or opening.is_out_of_reach:
        return ()
    return _ways(case, opening.actions[:MOST_ACTIONS], opening.works)


def _next_lowest(case: Case) -> int | None:
    """The lowest score of the next better grade; None = there is none."""
    now = score_told(case.points_now)
    return min((lowest for lowest in case.policy.grades.thresholds.values() if lowest > now), default=None)


def _most_telling(case: Case) -> list[tuple[Option, ...]]:
    """The actions that raise the score, the strongest first; each with its most telling option last."""
    points = iter(case.points([(option,) for options in case.options for option in options]))
    found: list[tuple[float, tuple[Option, ...]]] = []
    for options in case.options:
        gains = [(next(points) - case.points_now, place) for place in range(len(options))]
        rising = sorted(gain for gain in gains if gain[0] > 0)
        if rising:
            found.append((rising[-1][0], tuple(options[place] for _, place in rising)))
    return [options for _, options in sorted(found, key=lambda one: -one[0])[:MOST_ACTIONS]]


def _ways(case: Case, actions: Sequence[tuple[Option, ...]], works: Works) -> tuple[Way, ...]:
    """Ways of the fewest actions that work when taken all the way, then with the cheapest shares that still do."""
    for size in range(1, MOST_STEPS + 1):
        sets = [some for some in combinations(actions, size) if _compatible([options[-1] for options in some])]
        whole = [tuple(options[-1] for options in some) for some in sets]
        reaching = [some for some, does in zip(sets, works(whole), strict=True) if does]
        if reaching:
            return _cheapest(case, reaching, works)
    return ()


def _cheapest(case: Case, sets: list[tuple[tuple[Option, ...], ...]], works: Works) -> tuple[Way, ...]:
    nearest = sorted(sets, key=lambda some: _effort([options[-1] for options in some]))[:MOST_REFINED]
    tried = [(place, plan) for place, some in enumerate(nearest) for plan in product(*some) if _compatible(plan)]
    best: dict[int, Plan] = {}
    for (place, plan), does in zip(tried, works([plan for _, plan in tried]), strict=True):
        if does and (place not in best or _effort(plan) < _effort(best[place])):
            best[place] = plan
    plans = sorted(best.values(), key=_effort)[:MOST_WAYS]
    return tuple(_way(case, plan, points) for plan, points in zip(plans, case.points(plans), strict=True))


def _effort(plan: Sequence[Option]) -> tuple[float, int, tuple[str, ...]]:
    """Cost, then months, then codes, so that the order is always the same."""
    return sum(option.cost for option in plan), _months(plan), tuple(option.action.code for option in plan)


def _months(plan: Sequence[Option]) -> int:
    return max(option.action.months for option in plan)


def _compatible(plan: Sequence[Option]) -> bool:
    return all(one.goes_with(other) for one, other in combinations(plan, 2))


def _way(case: Case, plan: Plan, points: float) -> Way:
    return Way(tuple(map(_step, plan)), points, case.grade(points), _months(plan))


def _step(option: Option) -> Step:
    first = option.changes[0] if option.changes else None
    return Step(
        action=option.action.code,
        text=option.text,
        feature=first.feature.name if first else option.action.facts[0],
        from_value=first.before if first else None,
        to_value=first.after if first else None,
        unit=first.feature.unit if first else "words",
        months=option.action.months,
        changes=(*option.changes, *option.effects),
        lifts=option.action.lifts,
        offers=option.action.offers,
    )
