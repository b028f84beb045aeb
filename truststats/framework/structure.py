"""The structural part: which construct is regressed on which, derived from claims and stages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from truststats.framework.claim import Claim, Rival

__all__ = ["Structure", "claimed_structure", "rival_structure"]

Stages = Sequence[Sequence[str]]


@dataclass(frozen=True)
class Structure:
    """Equations between constructs.

    Attributes
    ----------
    order : tuple of str
        All constructs, causes first.
    equations : mapping of str to tuple of str
        For each endogenous construct what it is regressed on.
    covariances : tuple of pairs
        Endogenous constructs whose residuals are correlated.
    """

    order: tuple[str, ...]
    equations: Mapping[str, tuple[str, ...]]
    covariances: tuple[tuple[str, str], ...]

    @property
    def exogenous(self) -> tuple[str, ...]:
        """Constructs no equation explains; their covariances are all free."""
        return tuple(key for key in self.order if key not in self.equations)

    def uncorrelated(self, *, controlled: bool = False) -> tuple[tuple[str, str], ...]:
        """Return pairs lavaan would correlate on its own although the structure says nothing.

        lavaan's automatic rule correlates the residuals of all outcomes that cause nothing else;
        where paths were removed that would let the removed association in again.

        Parameters
        ----------
        controlled : bool
            Whether the exogenous constructs are outcomes too, namely of control variables.
        """
        causes = {key for predictors in self.equations.values() for key in predictors}
        outcomes = self.order if controlled else tuple(self.equations)
        last = [key for key in self.order if key in outcomes and key not in causes]
        told = {frozenset(pair) for pair in (*self.covariances, *combinations(self.exogenous, 2))}
        return tuple(pair for pair in combinations(last, 2) if frozenset(pair) not in told)


def claimed_structure(claims: Iterable[Claim], stages: Stages) -> Structure:
    """Derive the equations that estimate every claim under its adjustment set.

    A construct that claims explain is regressed on the claims' causes, on what stands before it
    on an indirect path (so that the product along the path is not inflated by the rest), and on
    the claims' adjustment sets. One that no claim explains is regressed on everything before it.

    Parameters
    ----------
    claims : iterable of Claim
        What is claimed.
    stages : sequence of sequences of str
        Construct keys in the order in which things are claimed to work.

    Returns
    -------
    Structure
        With the constructs the claims name, in the order of the stages.
    """
    causes: dict[str, set[str]] = {}
    used: set[str] = set()
    for claim in claims:
        used.update(claim.path, claim.adjust)
        for place, outcome in enumerate(claim.path[1:], start=1):
            causes.setdefault(outcome, set()).update(claim.path[:place], claim.adjust)
    staged = [[key for key in stage if key in used] for stage in stages]
    order = [key for stage in staged for key in stage]
    equations: dict[str, tuple[str, ...]] = {}
    before: list[str] = []
    for place, stage in enumerate(staged):
        for outcome in stage if place else ():
            wanted = causes.get(outcome, set(before))
            equations[outcome] = tuple(key for key in order if key in wanted)
        before += stage
    return Structure(tuple(order), equations, _pairs(staged[1:], order))


def _pairs(stages: Stages, order: Sequence[str]) -> tuple[tuple[str, str], ...]:
    within = {frozenset(pair) for stage in stages for pair in combinations(stage, 2)}
    return tuple(pair for pair in combinations(order, 2) if frozenset(pair) in within)


def rival_structure(claimed: Structure, rival: Rival) -> Structure:
    """Return the equations of a rival that reorders or removes paths of the claimed ones."""
    if rival.kind == "reorder":
        return _reordered(claimed, rival.stages)
    gone = {(x, y) for r in rival.remove for x in r.causes for y in r.outcomes}
    equations = {
        outcome: tuple(key for key in predictors if (key, outcome) not in gone)
        for outcome, predictors in claimed.equations.items()
    }
    return Structure(claimed.order, equations, claimed.covariances)


def _reordered(claimed: Structure, stages: Stages) -> Structure:
    """Turn every path that now runs against the stages round; keep all other associations."""
    rank = {key: place for place, stage in enumerate(stages) for key in stage}
    order = sorted(claimed.order, key=lambda key: rank[key])
    causes: dict[str, set[str]] = {outcome: set() for outcome in claimed.equations}
    correlated = {frozenset(pair) for pair in claimed.covariances}
    for outcome, predictors in claimed.equations.items():
        for cause in predictors:
            if rank[cause] == rank[outcome]:
                correlated.add(frozenset((cause, outcome)))
            else:
                first, last = sorted((cause, outcome), key=lambda key: rank[key])
                causes[last].add(first)
    equations = {
        outcome: tuple(key for key in order if key in causes[outcome])
        for outcome in order
        if outcome in causes
    }
    pairs = tuple(pair for pair in combinations(order, 2) if frozenset(pair) in correlated)
    return Structure(tuple(order), equations, pairs)
