"""Progress of long work: a bar in terminals and notebooks, your own function, or silence."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol, runtime_checkable

from truststats.errors import OptionError
from truststats.present.wording.words import words

__all__ = ["Progress", "progress", "steps"]

Step = Callable[[str], None]


@runtime_checkable
class Progress(Protocol):
    """Anything that can be told how far the work is: ``show(label, done, total)``."""

    def __call__(self, label: str, done: int, total: int) -> None:
        """Take note that `done` of `total` steps are finished and `label` is under way."""
        ...


@contextmanager
def progress(how: Progress | str | None = "auto") -> Iterator[Progress]:
    """Show progress inside a ``with`` block.

    Parameters
    ----------
    how : "auto", Progress or None
        ``"auto"``: a bar where standard error is a terminal, or in a notebook, else nothing.
        A function is called with label, steps done and steps in all. None is silent.

    Yields
    ------
    Progress
        Call it with the label of what is under way, the steps done and the steps in all.

    Raises
    ------
    OptionError
        If `how` is none of these.
    """
    if how is None or (how == "auto" and not _somebody_looks()):
        yield _silent
    elif how == "auto":
        with _bar() as show:
            yield show
    elif callable(how):
        yield how
    else:
        raise OptionError(
            f"progress={how!r} is not one of its choices.",
            fix='use progress="auto", progress=None, or a function of (label, done, total)',
        )


@contextmanager
def steps(
    how: Progress | str | None, names: Sequence[str], *, language: str = "en"
) -> Iterator[Step]:
    """Show named steps inside a ``with`` block; starting one finishes those before it.

    Parameters
    ----------
    how : "auto", Progress or None
        As for `progress`.
    names : sequence of str
        The steps in order; ``progress.<name>`` of the language file says what is shown.
    language : str
        Language code.

    Yields
    ------
    callable
        Call it with the name of the step that begins.
    """
    say = words(language)
    total = len(names)
    with progress(how) as show:

        def begin(name: str) -> None:
            show(say.get(f"progress.{name}", name), list(names).index(name), total)

        yield begin
        show(say("progress.done"), total, total)


def _silent(label: str, done: int, total: int) -> None:
    """Show nothing."""


def _somebody_looks() -> bool:
    """Tell whether a bar would be seen: a terminal, or a notebook."""
    shell = sys.modules.get("IPython")
    if shell is not None:
        running = shell.get_ipython()
        if running is not None and running.__class__.__name__ == "ZMQInteractiveShell":
            return True
    return sys.stderr is not None and sys.stderr.isatty()


@contextmanager
def _bar() -> Iterator[Progress]:
    """Show a bar on standard error by rich."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn
    from rich.progress import Progress as Bar

    columns: list[Any] = [SpinnerColumn(), TextColumn("{task.description}", markup=False)]
    columns += [BarColumn(), MofNCompleteColumn()]
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)

        def show(label: str, done: int, total: int) -> None:
            bar.update(task, description=label, completed=done, total=total)

        yield show
