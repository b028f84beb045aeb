"""Write docs/explanation/ordinal_recovery.md and its pictures from the results of the simulation.

``python docs/make_ordinal_recovery.py`` reads what ``docs/simulations/ordinal_recovery.py`` left;
a test compares the page with what it says today.
"""

from __future__ import annotations

import importlib.util
import sys
import textwrap
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd

HERE = Path(__file__).parent
PAGE = HERE / "explanation" / "ordinal_recovery.md"
FOLDER = HERE / "simulations"
PICTURES = ("bias", "coverage", "tests")
COLOURS = {"WLSMV": ("o-", "#1f5f8b"), "MLR": ("s--", "#d08a3c")}
KINDS = {
    "loading": "loadings",
    "path": "paths",
    "correlation": "correlation of factors",
    "residual correlation": "correlation of residuals",
    "threshold": "thresholds",
}


def simulation() -> ModuleType:
    """Return the script that drew the samples, for its design."""
    path = FOLDER / "ordinal_recovery.py"
    spec = importlib.util.spec_from_file_location("ordinal_recovery", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["ordinal_recovery"] = module
    spec.loader.exec_module(module)
    return module


made = simulation()
#: Every cell of a table: categories, method and number of people.
Cell = Callable[[pd.DataFrame], float]


def bias(part: pd.DataFrame) -> float:
    """Return the mean bias in percent of the truth; of thresholds in hundredths."""
    if (part["kind"] == "threshold").all():
        return 100.0 * float((part["mean"] - part["true"]).mean())
    return 100.0 * float(((part["mean"] - part["true"]) / part["true"]).mean())


def coverage(part: pd.DataFrame) -> float:
    """Return how often intervals cover the truth, in percent."""
    return 100.0 * float(part["covered"].sum() / part["samples"].sum())


def ratio(part: pd.DataFrame) -> float:
    """Return the mean of the mean standard errors over the spread of the estimates."""
    return float((part["mean_se"] / part["sd"]).mean())


def share(name: str, of: str) -> Cell:
    """Return how a count relates to another, in percent."""
    return lambda part: 100.0 * float(part[name].sum() / part[of].sum())


def chosen(raw: pd.DataFrame, kind: str) -> pd.DataFrame:
    """Return the rows of one kind of parameter."""
    return raw[raw["kind"] == kind]


def table(rows: pd.DataFrame, value: Cell, methods: Sequence[str], digits: int = 1) -> str:
    """Return a table in Markdown: categories and methods down, numbers of people across."""
    head = "| categories | taken as | " + " | ".join(f"N = {n:,}" for n in made.SIZES) + " |"
    lines = [head, "|---:|---|" + "---:|" * len(made.SIZES)]
    words = {"WLSMV": "ordered", "MLR": "numbers"}
    for categories in made.BELOW:
        for method in methods:
            own = rows[(rows["categories"] == categories) & (rows["method"] == method)]
            cells = [value(own[own["n"] == n]) for n in made.SIZES]
            shown = " | ".join(_number(cell, digits) for cell in cells)
            lines.append(f"| {categories} | {words[method]} | {shown} |")
    return "\n".join(lines)


def _number(value: float, digits: int) -> str:
    text = f"{value:.{digits}f}"
    return text.lstrip("-") if float(text) == 0.0 else text.replace("-", "\N{MINUS SIGN}")


def at(rows: pd.DataFrame, value: Cell, n: int, categories: int, method: str = "WLSMV") -> float:
    """Return one cell."""
    which = (rows["n"] == n) & (rows["categories"] == categories) & (rows["method"] == method)
    return value(rows[which])


def panels(
    name: str, lines: Sequence[tuple[str, pd.DataFrame, Cell]], level: float | None, unit: str
) -> None:
    """Draw one picture: a row for each quantity, a column for each number of categories."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    shape = (len(lines), len(made.BELOW))
    figure, axes = plt.subplots(
        *shape, figsize=(10, 1.9 * shape[0] + 0.6), sharex=True, sharey="row", layout="constrained"
    )
    for row, (words, rows, value) in zip(axes, lines, strict=True):
        for axis, categories in zip(row, made.BELOW, strict=True):
            for method, (style, colour) in COLOURS.items():
                found = [at(rows, value, n, categories, method) for n in made.SIZES]
                axis.plot(found, style, color=colour, markersize=4, label=method)
            if level is not None:
                axis.axhline(level, color="0.6", linewidth=0.8)
            axis.spines[["top", "right"]].set_visible(False)
            axis.set_xticks(range(len(made.SIZES)), _short(made.SIZES), fontsize=7)
            axis.tick_params(axis="y", labelsize=8)
        row[0].set_ylabel(f"{words}, {unit}", fontsize=8)
    for axis, categories in zip(axes[0], made.BELOW, strict=True):
        axis.set_title(f"{categories} categories", fontsize=10)
    for axis in axes[-1]:
        axis.set_xlabel("people", fontsize=8)
    axes[0, -1].legend(["ordered (WLSMV)", "numbers (MLR)"], frameon=False, fontsize=8)
    figure.savefig(FOLDER / f"ordinal_recovery_{name}.png", dpi=150, metadata={"Software": None})
    plt.close(figure)


def _short(sizes: Sequence[int]) -> list[str]:
    return [f"{n // 1000}k" if n >= 1000 else str(n) for n in sizes]


def pictures(raw: pd.DataFrame, tests: pd.DataFrame) -> None:
    """Draw bias, coverage and rejections."""
    kinds = ("loading", "path", "correlation")
    parts = [(KINDS[kind], chosen(raw, kind)) for kind in kinds]
    panels("bias", [(words, rows, bias) for words, rows in parts], 0.0, "bias %")
    panels("coverage", [(words, rows, coverage) for words, rows in parts], 95.0, "coverage %")
    right, wrong = share("rejected", "tested"), share("wrong_rejected", "wrong_tested")
    panels(
        "tests", [("true model", tests, right), ("wrong model", tests, wrong)], 5.0, "rejected %"
    )


def read() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the results by parameter, and by condition."""
    return pd.read_csv(made.RAW), pd.read_csv(made.TESTS)


def design() -> str:
    """Return the shares of the answers by number of categories."""
    lines = ["| categories | share of each, % |", "|---:|---|"]
    for categories, below in made.BELOW.items():
        shares = 100.0 * np.diff([0.0, *below, 1.0])
        lines.append(f"| {categories} | {', '.join(f'{share:g}' for share in shares.round(1))} |")
    return "\n".join(lines)


def population() -> str:
    """Return the design in words."""
    return _filled(
        f"Three factors of four items; standardised loadings are {_list(made.LOADINGS)}. The third "
        f"factor depends on the first ({made.STRONG}) and the second ({made.WEAK}), whose "
        f"correlation is {made.CORRELATION}. Two items of the first factor share a wording: their "
        f"residuals correlate {made.WORDING}. The answers pile up at the top; the thresholds of a "
        f"factor's items are shifted by {_list(made.SHIFTS)}. The shares of the answers without a "
        "shift:"
    )


def accidents(tests: pd.DataFrame) -> str:
    """Return what went wrong, as a table in Markdown: only the lines in which something did."""
    ordered = {
        "with_gap": "a category that nobody chose",
        "not_definite": "polychoric correlations not positive definite",
        "inadmissible": "solution not admissible",
        "not_converged": "no convergence",
        "refused": "refused with an error",
    }
    lines = ["| N | categories | what | ordered, % | numbers, % |", "|---:|---:|---|---:|---:|"]
    for n in made.SIZES:
        for categories in made.BELOW:
            for name, words in ordered.items():
                found = [
                    at(tests, share(name, "samples"), n, categories, method)
                    for method in ("WLSMV", "MLR")
                ]
                if max(found) > 0.0:
                    cells = " | ".join(f"{x:.1f}" for x in found)
                    lines.append(f"| {n:,} | {categories} | {words} | {cells} |")
    return "\n".join(lines)


def monte_carlo(raw: pd.DataFrame, kind: str, n: int) -> float:
    """Return the largest Monte Carlo error of a mean, in percent of the truth."""
    part = chosen(raw, kind)
    part = part[(part["n"] == n) & (part["method"] == "WLSMV") & (part["categories"] > 2)]
    return 100.0 * float((part["sd"] / np.sqrt(part["samples"]) / part["true"].abs()).max())


def monte_carlo_words(raw: pd.DataFrame, samples: int) -> str:
    """Return how far the numbers of the page can be trusted."""
    least = 100.0 * float(np.sqrt(0.95 * 0.05 / samples))
    names = {"loading": "a loading", "correlation": "the factor correlation", "path": "a path"}
    parts = [
        f"of {words} {monte_carlo(raw, kind, 100):.1f} % and {monte_carlo(raw, kind, 10_000):.1f} %"
        for kind, words in names.items()
    ]
    return _filled(
        f"The Monte Carlo standard error of a share near 95 % or 5 % is {least:.1f} points. That "
        f"of a mean is at most, at N = 100 and at N = 10,000 with three categories and more, "
        f"{', '.join(parts)} of the truth. The seed is {made.SEED}."
    )


def reading(raw: pd.DataFrame, tests: pd.DataFrame) -> str:
    """Return what to read from the tables, with their numbers."""
    loadings, paths = chosen(raw, "loading"), chosen(raw, "path")
    pair, wording = chosen(raw, "correlation"), chosen(raw, "residual correlation")
    rejected, wrong = share("rejected", "tested"), share("wrong_rejected", "wrong_tested")

    def off(rows: pd.DataFrame, n: int, categories: int, method: str = "WLSMV") -> str:
        return f"{abs(at(rows, bias, n, categories, method)):.1f} %"

    def covers(rows: pd.DataFrame, n: int, categories: int, method: str = "WLSMV") -> str:
        return f"{at(rows, coverage, n, categories, method):.1f} %"

    def rejects(n: int, categories: int, method: str = "WLSMV") -> str:
        return f"{at(tests, rejected, n, categories, method):.1f} %"

    def misses(n: int, categories: int) -> str:
        return f"{at(tests, wrong, n, categories):.0f} %"

    def most(*kinds: pd.DataFrame) -> str:
        large = [n for n in made.SIZES if n >= 500]
        found = [abs(at(rows, bias, n, k)) for rows in kinds for n in large for k in made.BELOW]
        return f"{max(found):.1f} %"

    def happens(name: str, n: int, categories: int) -> str:
        return f"{at(tests, share(name, 'samples'), n, categories):.0f} %"

    short = 100.0 * (1.0 - at(pair, ratio, 100, 7))
    bullets = [
        f"""**Ordered items: estimates are right where samples are not tiny.** Loadings are off by
        {off(loadings, 100, 5)} with five categories and 100 people and by {off(loadings, 100, 2)}
        with two. The correlation of the factors is {off(pair, 100, 5)} and {off(pair, 100, 2)} too
        large there, a small correlation of residuals {off(wording, 100, 5)} too small with five
        categories; from 500 people on neither is more than {most(pair, wording)} off.""",
        f"""**Standard errors are too small below about 500 people**, the more so the more
        categories there are, of which the rarest then have a handful of answers: with seven
        categories and 100 people those of the factor correlation miss {short:.0f} % of its spread,
        and its intervals cover {covers(pair, 100, 7)} instead of 95 %. At 200 people it is
        {covers(pair, 200, 7)}, at 500 {covers(pair, 500, 7)}. Paths behave alike
        ({covers(paths, 100, 7)}, {covers(paths, 200, 7)}, {covers(paths, 500, 7)}). Intervals of
        thresholds cover what they should.""",
        f"""**The test rejects a true model too often in small samples with many categories**:
        {rejects(100, 7)} instead of 5 % with seven categories and 100 people, {rejects(200, 7)}
        with 200, {rejects(1000, 7)} with 1,000; with five categories {rejects(100, 5)},
        {rejects(200, 5)} and {rejects(1000, 5)}. Taken as numbers the same answers do worse
        ({rejects(100, 5, "MLR")} and {rejects(200, 5, "MLR")} with five categories and 100 and 200
        people), and with 10,000 people again ({rejects(10_000, 5, "MLR")}), as a model of numbers
        is not quite true of categories.""",
        f"""**Small misfit needs many people.** The wrong model, with five categories, is rejected
        in {misses(500, 5)} of the samples of 500 people and in {misses(2000, 5)} of those of
        2,000.""",
        f"""**Two skewed categories and 100 people are too little.**
        {happens("not_definite", 100, 2)} of the matrices of polychoric correlations are not
        positive definite, and
        {happens("inadmissible", 100, 2)} of the solutions are not admissible (the fit says
        so).""",
        f"""**Taken as numbers, loadings are too small whatever the sample**: by
        {off(loadings, 10_000, 2, "MLR")} with two categories, {off(loadings, 10_000, 5, "MLR")}
        with five and {off(loadings, 10_000, 7, "MLR")} with seven. More people only make the
        interval narrower around the wrong value: with five categories it covers the truth in
        {covers(loadings, 200, 5, "MLR")} of the samples at N = 200 and in
        {covers(loadings, 10_000, 5, "MLR")} at N = 10,000.""",
        f"""**Paths and correlations of factors suffer less from it**, because factors are free of
        what is lost in single items: with five categories and 10,000 people paths are too small by
        {off(paths, 10_000, 5, "MLR")} and the correlation by {off(pair, 10_000, 5, "MLR")} (their
        intervals cover {covers(paths, 10_000, 5, "MLR")} and {covers(pair, 10_000, 5, "MLR")}). In
        small samples that is less than the sampling error, and there the intervals of the numbers
        cover better than those of the ordered items.""",
        f"""**A category that nobody chose** does not exist for the fit, as if it had been merged
        with its neighbour. With seven categories and 100 people {happens("with_gap", 100, 7)} of
        the samples have one, so what is said about them includes it.""",
    ]
    return "\n".join(_filled(f"- {' '.join(bullet.split())}", "  ") for bullet in bullets)


def _filled(text: str, indent: str = "") -> str:
    return textwrap.fill(
        text, 100, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


def page(raw: pd.DataFrame, tests: pd.DataFrame) -> str:
    """Return the page."""
    both = ("WLSMV", "MLR")
    samples = int(tests["samples"].min())
    loadings, paths, pair = (chosen(raw, kind) for kind in ("loading", "path", "correlation"))
    wording, cuts = chosen(raw, "residual correlation"), chosen(raw, "threshold")
    return f"""\
# Do ordinal fits find what is true?

This page is generated by `docs/make_ordinal_recovery.py` from the results of a simulation,
`docs/simulations/ordinal_recovery.py`: samples from a population in which everything is known,
fitted as ordered items (`ts.fit(..., ordered=True)`, WLSMV) and, the same answers, as numbers
(`estimator="MLR"`). [Fit ordered items](../howto/ordered_items.md) says how to do it.

## What to read from it

{reading(raw, tests)}

## The population

{population()}

{design()}

There are {samples} samples for each number of people; the same people answer with each number of
categories. The true model is fitted, and a wrong one without the correlation of the residuals.
Every fit that converged counts, also if its solution is not admissible.

{monte_carlo_words(raw, samples)}

## Bias, in percent of the truth

![Bias by number of people and categories](../simulations/ordinal_recovery_bias.png)

With two categories and 100 people a few wild solutions decide about the means of paths and of the
correlation of residuals; the medians are in the results.

Standardised loadings, the mean of all twelve:

{table(loadings, bias, both)}

The two paths:

{table(paths, bias, both)}

The correlation of the two factors:

{table(pair, bias, both)}

The correlation of the two residuals:

{table(wording, bias, both)}

Thresholds, in hundredths of a standard deviation, where both categories beside them were chosen:

{table(cuts, bias, ("WLSMV",))}

## Coverage of 95 % intervals, in percent

![Coverage by number of people and categories](../simulations/ordinal_recovery_coverage.png)

Standardised loadings:

{table(loadings, coverage, both)}

The two paths:

{table(paths, coverage, both)}

The correlation of the two factors:

{table(pair, coverage, both)}

The correlation of the two residuals:

{table(wording, coverage, both)}

Thresholds:

{table(cuts, coverage, ("WLSMV",))}

Standard errors over the spread of the estimates, loadings (1 is right):

{table(loadings, ratio, both, 2)}

The same of the factor correlation:

{table(pair, ratio, both, 2)}

## Rejected at 5 %, in percent

![Rejections by number of people and categories](../simulations/ordinal_recovery_tests.png)

The true model, by the scaled-shifted test of the ordered items and the robust test of the numbers:

{table(tests, share("rejected", "tested"), both)}

The wrong model, which leaves out the correlation of the residuals:

{table(tests, share("wrong_rejected", "wrong_tested"), both)}

## What went wrong

Of each condition the share of the samples, in percent; what is not listed did not happen.

{accidents(tests)}
"""


def _list(numbers: Sequence[float]) -> str:
    shown = [f"{number:g}".replace("-", "\N{MINUS SIGN}") for number in numbers]
    return f"{', '.join(shown[:-1])} and {shown[-1]}"


def main() -> None:
    """Write the page and draw the pictures."""
    raw, tests = read()
    PAGE.write_text(page(raw, tests), encoding="utf-8")
    pictures(raw, tests)


if __name__ == "__main__":
    main()
