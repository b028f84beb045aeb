"""Numbers as text: decimal marks, p values and intervals as each language writes them."""

from __future__ import annotations

import math
from typing import Any

from truststats.present.wording.words import NumberStyle, words

__all__ = ["degrees", "fixed", "format_value", "integer", "interval", "p_cell", "p_text", "percent"]

_PLAIN_MINUS = "-"
_UNGROUPED = 4


def fixed(
    value: float | None,
    digits: int = 2,
    language: str = "en",
    *,
    bounded: bool = False,
    plain: bool = False,
) -> str:
    """Return a number with a fixed count of decimals.

    Parameters
    ----------
    value : float or None
        The number; None and non-finite values give the language's sign for "no number".
    digits : int
        Decimals.
    language : str
        Language code.
    bounded : bool
        Whether the quantity normally stays within -1 and 1 (a correlation, a standardised
        coefficient, a p value, CFI): APA style then drops the zero before the decimal mark,
        in the languages that do.
    plain : bool
        Whether only characters of ASCII may be used (terminals, files for machines).

    Returns
    -------
    str
        The number; a value that rounds to zero has no sign.
    """
    style = words(language).numbers
    if _is_missing(value):
        return "NA" if plain else style.missing
    assert value is not None
    text = f"{abs(value):.{digits}f}"
    negative = value < 0 and any(c not in "0." for c in text)
    whole, _, rest = text.partition(".")
    if bounded and whole == "0" and rest and not style.leading_zero:
        whole = ""
    if len(whole) > _UNGROUPED:
        group = style.group if style.group.isascii() or not plain else " "
        whole = f"{int(whole):,}".replace(",", group)
    body = whole + (style.decimal + rest if rest else "")
    return (_minus(style, plain) if negative else "") + body


def integer(value: float | None, language: str = "en", *, plain: bool = False) -> str:
    """Return a whole number with the language's thousands separator.

    Parameters
    ----------
    value : float or None
        The number, rounded to a whole one.
    language : str
        Language code.
    plain : bool
        Whether only characters of ASCII may be used.
    """
    style = words(language).numbers
    if _is_missing(value):
        return "NA" if plain else style.missing
    assert value is not None
    group = style.group if style.group.isascii() or not plain else " "
    number = round(value)
    text = f"{abs(number):,}".replace(",", group)
    return (_minus(style, plain) if number < 0 else "") + text


def degrees(df: float, language: str = "en", *, plain: bool = False) -> str:
    """Return degrees of freedom: a whole number where they are one, else with two decimals.

    Parameters
    ----------
    df : float
        The degrees of freedom.
    language : str
        Language code.
    plain : bool
        Whether only characters of ASCII may be used.
    """
    return fixed(df, 0 if float(df).is_integer() else 2, language, plain=plain)


def percent(
    share: float | None, digits: int = 0, language: str = "en", *, plain: bool = False
) -> str:
    """Return a share (0 to 1) as a percentage.

    Parameters
    ----------
    share : float or None
        The share.
    digits : int
        Decimals.
    language : str
        Language code.
    plain : bool
        Whether only characters of ASCII may be used.
    """
    if _is_missing(share):
        return fixed(None, digits, language, plain=plain)
    assert share is not None
    value = fixed(100 * share, digits, language, plain=plain)
    text = words(language).numbers.percent.format(value=value)
    return text.replace("\N{NO-BREAK SPACE}", " ") if plain else text


def p_cell(p: float | None, language: str = "en", *, plain: bool = False) -> str:
    """Return a p value for a table cell: three decimals, or ``< .001``.

    Parameters
    ----------
    p : float or None
        The p value.
    language : str
        Language code.
    plain : bool
        Whether only characters of ASCII may be used.
    """
    if not _is_missing(p) and p is not None and p < 0.001:
        return "< " + fixed(0.001, 3, language, bounded=True)
    return fixed(p, 3, language, bounded=True, plain=plain)


def p_text(p: float | None, language: str = "en", *, name: str = "p", plain: bool = False) -> str:
    """Return a p value inside a sentence: ``p = .032`` or ``p < .001``.

    Parameters
    ----------
    p : float or None
        The p value.
    language : str
        Language code.
    name : str
        What stands before the sign.
    plain : bool
        Whether only characters of ASCII may be used.
    """
    cell = p_cell(p, language, plain=plain)
    return f"{name} {cell}" if cell.startswith("<") else f"{name} = {cell}"


def interval(
    lower: float | None,
    upper: float | None,
    digits: int = 2,
    language: str = "en",
    *,
    bounded: bool = False,
    plain: bool = False,
) -> str:
    """Return an interval in brackets: ``[.15, .27]``, in Bokmål ``[0,15; 0,27]``.

    Without either limit there is only the sign for "no number".

    Parameters
    ----------
    lower, upper : float or None
        The limits.
    digits : int
        Decimals.
    language : str
        Language code.
    bounded, plain : bool
        As in `fixed`.
    """
    if _is_missing(lower) and _is_missing(upper):
        return fixed(None, digits, language, plain=plain)
    between = words(language).numbers.between
    ends = (fixed(v, digits, language, bounded=bounded, plain=plain) for v in (lower, upper))
    return f"[{between.join(ends)}]"


def format_value(value: Any, spec: str, language: str = "en", *, plain: bool = False) -> str:
    """Return a table cell as text.

    Parameters
    ----------
    value : object
        The cell.
    spec : str
        ``text``; ``label`` (text that is aligned like a number); ``int``; ``f2`` (two decimals);
        ``b2`` (two decimals of a quantity bounded by one); ``p`` (p value); ``pct0`` (share as a
        percentage).
    language : str
        Language code.
    plain : bool
        Whether only characters of ASCII may be used for numbers.
    """
    if spec in ("text", "label") or isinstance(value, str):
        return (
            "" if value is None or (isinstance(value, float) and math.isnan(value)) else str(value)
        )
    if spec == "int":
        return integer(value, language, plain=plain)
    if spec == "p":
        return p_cell(value, language, plain=plain)
    if spec.startswith("pct"):
        return percent(value, int(spec[3:]), language, plain=plain)
    return fixed(value, int(spec[1:]), language, bounded=spec[0] == "b", plain=plain)


def _is_missing(value: Any) -> bool:
    try:
        return not math.isfinite(float(value))
    except (TypeError, ValueError):  # None, pandas' NA
        return True


def _minus(style: NumberStyle, plain: bool) -> str:
    return _PLAIN_MINUS if plain else style.minus
