"""What the data say about each claim of a framework: one frozen row a claim."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Final, Literal

from truststats import _bridge
from truststats.errors import OptionError
from truststats.options import did_you_mean

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["VERDICT_NAMES", "Verdict", "VerdictName", "Verdicts"]

VerdictName = Literal["supported", "contradicted", "practically_zero", "undetermined", "not_judged"]
VERDICT_NAMES: Final[tuple[VerdictName, ...]] = (
    "supported",
    "contradicted",
    "practically_zero",
    "undetermined",
    "not_judged",
)


@dataclass(frozen=True)
class Verdict:
    """One claim, its estimate and what follows.

    Every estimate is standardised (variances of the latent variables one) and keeps its own
    sign; `sign` says which one the claim expects.

    Attributes
    ----------
    claim_id : str
        The claim's id in the framework.
    statement : mapping of str to str
        The claim in words, by language.
    path : tuple of str
        Construct keys from cause to outcome, mediators between them.
    estimand : {"direct", "total", "indirect"}
        Which effect along the path the claim is about.
    adjust : tuple of str
        Construct keys of the adjustment set.
    sign : {1, -1}
        The expected sign.
    sesoi : float
        The smallest standardised effect of interest, positive.
    estimate, se : float
        Standardised estimate and its standard error; NaN where there is none.
    ci_lower, ci_upper : float
        95 % confidence limits.
    ci90_lower, ci90_upper : float
        90 % confidence limits, for the equivalence test.
    pvalue, p_holm : float
        Two-sided p value and the one adjusted by Holm's method over the framework's claims.
    verdict : str
        One of `VERDICT_NAMES`.
    caveats : tuple of str
        Reasons for care, in words or as keys that `truststats.present` has words for.
    level : str
        Level the claim is about (individual, unit ...).
    source : str
        Document of the research programme the claim comes from.
    group : str
        The group the estimate is of, in an analysis of several.
    """

    claim_id: str
    statement: Mapping[str, str]
    path: tuple[str, ...]
    estimand: str
    adjust: tuple[str, ...]
    sign: int
    sesoi: float
    estimate: float
    se: float
    ci_lower: float
    ci_upper: float
    ci90_lower: float
    ci90_upper: float
    pvalue: float
    p_holm: float
    verdict: VerdictName
    caveats: tuple[str, ...] = ()
    level: str = "individual"
    source: str = ""
    group: str = ""

    def statement_for(self, language: str = "en") -> str:
        """Return the claim in a language, in English where that language is missing."""
        return in_language(self.statement, language)


@dataclass(frozen=True, repr=False)
class Verdicts:
    """The verdicts of all claims of a framework, in the framework's order, group after group.

    Attributes
    ----------
    rows : tuple of Verdict
        One a claim, or a claim and group.
    note : str
        What every reader must know about all of them; empty for the standard note (one wave).
    synthetic : bool
        Whether the answers were simulated.
    """

    rows: tuple[Verdict, ...]
    note: str = ""
    synthetic: bool = False

    def __iter__(self) -> Iterator[Verdict]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, claim_id: str) -> Verdict:
        found = [row for row in self.rows if row.claim_id == claim_id]
        if not found:
            raise KeyError(claim_id)
        if len(found) > 1:
            raise OptionError(
                f"Claim {claim_id!r} has a verdict in each of {len(found)} groups.",
                fix=f"choose one: verdicts.of({self.groups[0]!r})[{claim_id!r}]",
            )
        return found[0]

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups in their order; empty for one group."""
        return tuple(dict.fromkeys(row.group for row in self.rows if row.group))

    def of(self, group: str) -> Verdicts:
        """Return the verdicts of one group.

        Raises
        ------
        OptionError
            If there is no such group.
        """
        if str(group) not in self.groups:
            raise OptionError(
                f"There is no group {group!r}.{did_you_mean(str(group), self.groups)}",
                fix=f"use one of: {', '.join(map(repr, self.groups))}"
                if self.groups
                else "these verdicts are of one group",
            )
        return replace(self, rows=tuple(row for row in self.rows if row.group == str(group)))

    def frame(self, language: str = "en") -> pd.DataFrame:
        """Return one row a claim, numbers as numbers and the statement in a language.

        Parameters
        ----------
        language : str
            Language of the statements; English where it is missing.

        Returns
        -------
        pandas.DataFrame
            The attributes of `Verdict` as columns; tuples are joined to text. The column
            ``group`` stands first where there are groups, else it is left out.
        """
        import pandas as pd

        records = []
        for row in self.rows:
            record = {f.name: getattr(row, f.name) for f in fields(row)}
            record["statement"] = row.statement_for(language)
            record["path"] = " -> ".join(row.path)
            record["adjust"] = ", ".join(row.adjust)
            record["caveats"] = "; ".join(row.caveats)
            records.append(record)
        names = [f.name for f in fields(Verdict) if f.name != "group"]
        if self.groups:
            names.insert(0, "group")
        return pd.DataFrame.from_records(records, columns=names)

    def __repr__(self) -> str:
        return _bridge.text(self)

    def _repr_html_(self) -> str:
        return _bridge.html(self)


def in_language(texts: Mapping[str, str], language: str) -> str:
    """Return the text in a language, else in English, else whatever there is."""
    for key in (language, "en", *texts):
        if texts.get(key):
            return texts[key]
    return ""
