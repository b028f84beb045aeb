"""What a comparison of groups found: who was compared, which equalities hold, effects by group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from truststats import _bridge
from truststats.results.verdicts import Verdicts
from truststats.survey.disclosure import suppress

if TYPE_CHECKING:
    import pandas as pd

    from truststats.results.fit import Fit

__all__ = ["GroupComparison", "LeftOut"]


@dataclass(frozen=True)
class LeftOut:
    """A group that was not compared, and why.

    Attributes
    ----------
    group : str
        Its label.
    reason : {"few_rows", "few_per_parameter", "constant", "few_managers"}
        Fewer than 100 people, fewer than 5 for each parameter, an item that all of them answered
        alike, or ratings of managers that are about too few of them.
    n : int
        People whose answers can be used; not to be shown where it is small.
    needed : int
        How many the group would need; 0 for a constant item or few managers.
    items : tuple of str
        The constant items.
    """

    group: str
    reason: str
    n: int
    needed: int = 0
    items: tuple[str, ...] = ()


@dataclass(frozen=True, repr=False, eq=False)
class GroupComparison:
    """The same model in several groups at once, in the groups' own order and never as a ranking.

    Attributes
    ----------
    group : str
        The column.
    people : pandas.Series
        People who answered, by group; of all groups.
    left_out : tuple of LeftOut
        Groups that were not compared.
    fit : Fit or None
        The joint fit with equal loadings; None where there is nothing to compare.
    tests : pandas.DataFrame or None
        One row a model: ``configural`` (the same form), ``loadings`` (equal) and ``regressions``
        (equal too), with chisq, df, cfi, rmsea, srmr, bic, and the difference to the row above
        (chisq_diff, df_diff, pvalue_diff, delta_cfi).
    verdicts : Verdicts or None
        One row a claim and group; standardised by the group's own variances.
    differences : pandas.DataFrame or None
        One row a claim: the Wald test that its unstandardised effect is equal in all groups
        (chisq, df, pvalue, and p_holm, adjusted over the claims).
    reason : str
        Why there is nothing to compare; empty where there is.
    synthetic : bool
        Whether the answers were simulated.
    """

    group: str
    people: pd.Series
    left_out: tuple[LeftOut, ...] = ()
    fit: Fit | None = None
    tests: pd.DataFrame | None = None
    verdicts: Verdicts | None = None
    differences: pd.DataFrame | None = None
    reason: str = ""
    synthetic: bool = False

    def shown_people(self, min_n: int = 5) -> pd.DataFrame:
        """Return the people of every group whose number can be shown, NaN for the others.

        Every table and sentence about the groups takes its numbers from here: a group that is
        hidden in one would else follow from another.

        Parameters
        ----------
        min_n : int
            Smallest number that is shown.

        Returns
        -------
        pandas.DataFrame
            By group: ``answered``, and ``used`` by the joint fit (0 for a group left out).
        """
        import pandas as pd

        answered: Any = suppress(self.people, min_n)
        hidden = answered.hidden.iloc[:-1]
        usable = {one.group: one.n for one in self.left_out}
        if self.fit is not None:
            usable |= {str(name): int(n) for name, n in self.fit.group_nobs.items()}
        usable = pd.Series([usable.get(str(g), 0) for g in self.people.index], self.people.index)
        used: Any = suppress(usable, min_n, also=hidden).counts.iloc[:-1]
        return pd.DataFrame({"answered": answered.counts.iloc[:-1], "used": used})

    def rest(self) -> int:
        """Return how many usable people are in no group that was compared."""
        return sum(one.n for one in self.left_out)

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups that were compared."""
        return () if self.fit is None else self.fit.groups

    def frame(self, language: str = "en") -> pd.DataFrame:
        """Return one row a claim and group: the effect, its interval and verdict, and the test.

        Parameters
        ----------
        language : str
            Language of the statements.

        Returns
        -------
        pandas.DataFrame
            The columns of `Verdicts.frame`, claim after claim, and ``p_equal``: the adjusted p
            value of the test that the claim's effect is equal in all groups.
        """
        import pandas as pd

        if self.verdicts is None or self.differences is None:
            return pd.DataFrame()
        frame = self.verdicts.frame(language)
        order = list(dict.fromkeys(frame["claim_id"]))
        frame = frame.sort_values(
            "claim_id", key=lambda ids: ids.map(order.index), kind="stable", ignore_index=True
        )
        p_equal: Any = self.differences.set_index("claim_id")["p_holm"]
        return frame.assign(p_equal=frame["claim_id"].map(p_equal))

    def __repr__(self) -> str:
        return _bridge.text(self)

    def _repr_html_(self) -> str:
        return _bridge.html(self)
