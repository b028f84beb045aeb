"""`compare_instruments`: what changed between two questionnaires, and what may be compared."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from truststats.constructs import Instrument, load_instrument
from truststats.constructs.change import ItemChange, construct_changes, item_changes
from truststats.errors import OptionError, Problem, worst_first
from truststats.options import did_you_mean
from truststats.results.instrument_change import InstrumentChange

__all__ = ["compare_instruments"]


def compare_instruments(
    old: Instrument | str | Path, new: Instrument | str | Path, *, language: str | None = None
) -> InstrumentChange:
    """Return what changed between two versions of a questionnaire, item by item.

    Every item is kept, added, dropped, reworded, translated, relabelled, rescaled, rekeyed or moved
    to another construct. Unchanged ones can anchor a comparison over time; how many of them a
    construct has licenses what may be compared, before any answer is seen.

    Parameters
    ----------
    old, new : Instrument, str or path
        As for `truststats.load_instrument`.
    language : str, optional
        The language in which people answered both; by default wordings must be the same in all
        languages that both versions have.

    Returns
    -------
    InstrumentChange
        ``.frame()`` has a row an item, ``.constructs_frame()`` a row a construct;
        ``.link(old_survey, new_survey)`` uses the answers.

    Raises
    ------
    DefinitionError
        If there is no such questionnaire.
    OptionError
        If both are the same, have no construct or no item in common, or lack the language.

    Examples
    --------
    >>> import truststats as ts
    >>> change = ts.compare_instruments("tbm-short", "tbm-core")
    >>> change["vertical_trust"].licence
    'means'
    """
    first, second = _loaded(old), _loaded(new)
    if first.content_hash == second.content_hash:
        raise OptionError(
            f"{first.name} {first.version} was given twice.",
            why="two versions are compared, and these do not differ in anything people see",
            fix='compare answers to one version by ts.invariance(..., group="wave")',
        )
    languages = _languages(first, second, language)
    items = item_changes(first, second, languages)
    _check_common(first, second, items)
    problems = [
        *_version_problems(first, second),
        *_language_problems(first, second, languages, language),
        *_context_problems(first, second, items, languages),
        *_key_problems(items),
    ]
    return InstrumentChange(
        first, second, languages, items, construct_changes(first, second, items),
        worst_first(problems),
    )  # fmt: skip


def _loaded(instrument: Instrument | str | Path) -> Instrument:
    if isinstance(instrument, Instrument):
        return instrument
    if isinstance(instrument, str | Path):
        return load_instrument(instrument)
    raise OptionError(
        f"A {type(instrument).__name__} is no questionnaire.",
        fix="give an Instrument, a name of the library, or the path of a .toml file",
    )


def _languages(old: Instrument, new: Instrument, language: str | None) -> tuple[str, ...]:
    """Return the languages in which wordings are compared."""
    if language is None:
        return tuple(code for code in old.languages if code in new.languages)
    for instrument in (old, new):
        if language not in instrument.languages:
            raise OptionError(
                f"{instrument.name} {instrument.version} has no texts in {language!r}."
                f"{did_you_mean(language, instrument.languages)}",
                fix=f"language= one of: {', '.join(instrument.languages)}",
            )
    return (language,)


def _check_common(old: Instrument, new: Instrument, items: Sequence[ItemChange]) -> None:
    both = f"{old.name} {old.version} and {new.name} {new.version}"
    if not set(old.constructs) & set(new.constructs):
        raise OptionError(
            f"{both} have no construct in common.",
            where=f"{', '.join(old.constructs)}; {', '.join(new.constructs)}",
            why="they are two questionnaires, not two versions of one",
            fix="give the same construct the same key in both files, if it is the same",
        )
    if all(row.old is None or row.new is None for row in items):
        raise OptionError(
            f"{both} have no item in common.",
            why="items are matched by name, or by a wording that is the same in every language",
            fix="give the same item the same name in both files",
        )


def _version_problems(old: Instrument, new: Instrument) -> list[Problem]:
    if (old.name, old.version) != (new.name, new.version):
        return []
    return [
        Problem(
            "version_not_changed",
            "warning",
            f"Both call themselves {old.name} {old.version}, yet they differ.",
            "Give the changed questionnaire a new version, so that nobody takes one for the other.",
            old.name,
        )
    ]


def _language_problems(
    old: Instrument, new: Instrument, languages: Sequence[str], language: str | None
) -> list[Problem]:
    if not languages:
        return [
            Problem(
                "no_common_language",
                "warning",
                "The two versions have no language in common, so no wording can be compared.",
                "Give both versions in one language; else items can be tested, but not anchor.",
            )
        ]
    apart = sorted(set(old.languages) ^ set(new.languages))
    if language is not None or not apart:
        return []
    return [
        Problem(
            "languages_differ",
            "note",
            f"Only one of the versions has: {', '.join(apart)}. Wordings were compared in "
            f"{', '.join(languages)}.",
            "Link only answers given in a language of both, or compare languages as groups first.",
            ", ".join(apart),
            len(apart),
        )
    ]


def _context_problems(
    old: Instrument, new: Instrument, items: Sequence[ItemChange], languages: Sequence[str]
) -> list[Problem]:
    """Say what stands around the items and has changed."""
    found: list[Problem] = []
    texts = [
        [" ".join(i.introduction.get(code, "").split()) for code in languages] for i in (old, new)
    ]
    if texts[0] != texts[1]:
        found.append(
            Problem(
                "introduction_changed",
                "warning",
                "The introduction has changed, which tells people whom all items are about.",
                "Check that nobody is meant by it now who was not before; else no item can anchor.",
            )
        )
    place = {name: k for k, name in enumerate(new.item_order)}
    order = [place[row.new.name] for row in items if row.old is not None and row.new is not None]
    if order != sorted(order):
        found.append(
            Problem(
                "order_changed",
                "note",
                "Items are asked in another order, and earlier questions colour later ones.",
                "Keep the order where you can; the test of the anchors may show what it did.",
            )
        )
    return found


def _key_problems(items: Sequence[ItemChange]) -> list[Problem]:
    """Say which keys were corrected: the same question scored the other way."""
    names = [row.name for row in items if row.details == ("rekeyed",)]
    if not names:
        return []
    shown = ", ".join(names)
    return [
        Problem(
            "key_corrected",
            "warning",
            f"The same question is scored the other way round: {shown}. One of the keys is wrong.",
            "Score both waves by the right key: correct it in the version that has it wrong.",
            shown,
            len(names),
        )
    ]
