"""The command line: every command is one public call."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

import truststats as ts
from truststats.errors import TrustStatsError

__all__ = ["app", "main"]

app = typer.Typer(
    name="truststats",
    help="From questionnaire to verdict: survey constructs and structural equation models.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

PROBLEM_FOUND = 1
CANNOT = 2

Instrument = Annotated[
    str | None, typer.Option(help="Questionnaire: a name of the library, or a path.")
]
Cluster = Annotated[str | None, typer.Option(help="Column of the unit that people belong to.")]
Group = Annotated[
    str | None, typer.Option(help="Column of a group, such as a city, to describe and compare by.")
]
GroupEqual = Annotated[
    list[str] | None,
    typer.Option(help="What is equal over groups, such as loadings; can be given several times."),
]
Columns = Annotated[
    Path | None, typer.Option(help="Mapping file (.toml or .csv): which column holds which item.")
]
UnitSizes = Annotated[
    Path | None, typer.Option(help="Two-column file: unit and number of people invited.")
]
Estimator = Annotated[str, typer.Option(help="ML, or MLR for robust standard errors and tests.")]
Missing = Annotated[str, typer.Option(help="ml uses all answers; listwise only complete rows.")]
Model = Annotated[Path, typer.Argument(help="Text file with a model in lavaan's syntax.")]
Data = Annotated[Path, typer.Argument(help="Survey file: csv, xlsx, sav, dta or parquet.")]


@app.callback(invoke_without_command=True)
def version(
    show: Annotated[bool, typer.Option("--version", help="Show the version and stop.")] = False,
) -> None:
    """From questionnaire to verdict: survey constructs and structural equation models."""
    if show:
        _show(ts.__version__)
        raise typer.Exit


@app.command()
def study(
    config: Annotated[Path | None, typer.Argument(help="Settings file, study.toml.")] = None,
    data: Annotated[str | None, typer.Option(help="Survey file, or a bundled data set.")] = None,
    instrument: Instrument = None,
    framework: Annotated[str | None, typer.Option(help="Claims: a name, or a path.")] = None,
    cluster: Cluster = None,
    group: Group = None,
    unit_sizes: UnitSizes = None,
    columns: Columns = None,
    language: Annotated[str | None, typer.Option(help="en or nb.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder to write to.")] = None,
    estimator: Annotated[
        str | None, typer.Option(help="auto (default), MLR, WLSMV or another.")
    ] = None,
    missing: Annotated[str | None, typer.Option(help="ml, pairwise or listwise.")] = None,
    bootstrap: Annotated[int | None, typer.Option(help="Number of bootstrap samples.")] = None,
    rivals: Annotated[
        bool | None, typer.Option("--rivals/--no-rivals", help="Fit rival models too.")
    ] = None,
    second: Annotated[
        bool | None,
        typer.Option("--crosscheck/--no-crosscheck", help="Fit with a second engine too."),
    ] = None,
    compare: Annotated[
        bool | None,
        typer.Option("--compare-groups/--no-compare-groups", help="Compare the groups' claims."),
    ] = None,
    title: Annotated[str | None, typer.Option(help="Title of the report.")] = None,
    min_n: Annotated[int | None, typer.Option(help="Smallest count that is shown.")] = None,
    force: Annotated[bool, typer.Option(help="Write beside files of other kinds.")] = False,
    quiet: Annotated[bool, typer.Option(help="Show no progress.")] = False,
) -> None:
    """Run a study end to end; without any argument, on the bundled synthetic survey."""
    from truststats.present.repr import text_card

    given = {
        "data": data,
        "instrument": instrument,
        "framework": framework,
        "cluster": cluster,
        "group": group,
        "unit_sizes": unit_sizes,
        "columns": columns,
        "language": language,
        "out": out,
        "estimator": estimator,
        "missing": missing,
        "bootstrap": bootstrap,
        "rivals": rivals,
        "crosscheck": second,
        "compare_groups": compare,
        "title": title,
        "min_n": min_n,
    }
    settings = {key: value for key, value in given.items() if value is not None}
    result = ts.study(config, force=force, progress=None if quiet else "auto", **settings)
    _show(text_card(result, result.language))
    folder = Path(result.options["out"])
    _show(f"Written to {folder}: open {folder / 'report.html'} in a browser.")


@app.command()
def check(
    file: Data,
    instrument: Instrument = None,
    cluster: Cluster = None,
    group: Group = None,
    columns: Columns = None,
    unit_sizes: UnitSizes = None,
) -> None:
    """List every problem of a survey file at once; exit code 1 when one is an error."""
    from truststats.studies import read_unit_sizes

    survey = ts.read_survey(
        file,
        instrument=ts.load_instrument(instrument) if instrument else None,
        cluster=cluster,
        group=group,
        columns=columns,
        unit_sizes=read_unit_sizes(unit_sizes) if unit_sizes else None,
    )
    checks = survey.check()
    _show(survey)
    _show(checks)
    if any(problem.severity == "error" for problem in checks):
        raise typer.Exit(PROBLEM_FOUND)


@app.command()
def fit(
    model: Model,
    data: Data,
    estimator: Estimator = "ML",
    missing: Missing = "listwise",
    cluster: Cluster = None,
    group: Annotated[str | None, typer.Option(help="Column of groups to fit side by side.")] = None,
    group_equal: GroupEqual = None,
    weights: Annotated[str | None, typer.Option(help="Column of sampling weights.")] = None,
    se: Annotated[str | None, typer.Option(help="Standard errors, such as cr3.")] = None,
    instrument: Instrument = None,
    save: Annotated[Path | None, typer.Option(help="Save the fit as JSON.")] = None,
) -> None:
    """Fit a model text to a file, and show the card and the parameters."""
    design = {"cluster": cluster, "group": group, "weights": weights}
    options = {"estimator": estimator, "missing": missing, "se": se, "group": group}
    options["group_equal"] = tuple(group_equal or ())
    fitted = _fit(model, data, instrument, design, options)
    _show(fitted)
    _show(ts.table(fitted))
    if save is not None:
        fitted.save(save)


@app.command()
def crosscheck(
    model: Model,
    data: Data,
    estimator: Estimator = "ML",
    missing: Missing = "listwise",
    instrument: Instrument = None,
) -> None:
    """Fit a model text to a file with a second engine too, and show the largest difference."""
    options = {"estimator": estimator, "missing": missing}
    _show(ts.crosscheck(_fit(model, data, instrument, {}, options)))


@app.command()
def instruments(
    name: Annotated[str | None, typer.Argument(help="Questionnaire: a name, or a path.")] = None,
    new: Annotated[str | None, typer.Argument(help="A newer version to compare it with.")] = None,
) -> None:
    """List the questionnaires of the library, show one, or show what a newer version changed."""
    if name is not None:
        shown = ts.load_instrument(name) if new is None else ts.compare_instruments(name, new)
        _show(shown)
        return
    for known in ts.list_instruments():
        found = ts.load_instrument(known)
        _show(f"{known}  {found.version}  {len(found)} items  {found.title['en']}")


@app.command()
def simulate(
    file: Annotated[Path, typer.Argument(help="CSV file to write.")],
    instrument: Annotated[str, typer.Option(help="Questionnaire.")] = "tbm-core",
    seed: Annotated[int | None, typer.Option(help="The same seed, the same answers.")] = None,
    force: Annotated[bool, typer.Option(help="Write over a file that is there.")] = False,
) -> None:
    """Draw a synthetic survey with a known truth, and write it as CSV."""
    if file.exists() and not force:
        raise TrustStatsError(
            f"The file {str(file)!r} is there already.", fix="give another name, or say --force"
        )
    survey = ts.simulate(instrument=instrument, seed=seed)
    survey.frame.to_csv(file, index=False)
    _show(survey)


def _fit(
    model: Path,
    data: Path,
    instrument: str | None,
    design: Mapping[str, Any],
    options: Mapping[str, Any],
) -> ts.Fit:
    """Fit a model file to a survey file, with the options of `ts.fit`."""
    try:
        text = model.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise TrustStatsError(
            f"The model file {str(model)!r} cannot be read as text.",
            fix="give the path of a text file that holds the model",
        ) from None
    asked = ts.load_instrument(instrument) if instrument else None
    survey = ts.read_survey(data, instrument=asked, **design)
    return ts.fit(text, survey, **options)


def _show(value: object) -> None:
    """Print a value's card as plain text."""
    Console(soft_wrap=True).print(str(value), markup=False, highlight=False)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; an error is its message, without a traceback, and exit code 2."""
    for library in ("OPENBLAS", "MKL"):
        # The matrices are small: threads that wait for each other would more than double the time.
        os.environ.setdefault(f"{library}_NUM_THREADS", "1")
    try:
        app(args=None if arguments is None else list(arguments), prog_name="truststats")
    except TrustStatsError as error:
        Console(stderr=True, soft_wrap=True).print(str(error), markup=False, highlight=False)
        sys.exit(CANNOT)
