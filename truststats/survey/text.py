"""Keys under which two spellings of the same name or sentence are equal."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["identifier_key", "nfc", "text_key"]

_TRANSLITERATION = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa", "ä": "ae", "ö": "oe", "ü": "ue"})
_NOT_ALNUM = re.compile(r"[\W_]+")
_PADDED_NUMBER = re.compile(r"(?<!\d)0+(\d+)$")


def nfc(text: object) -> str:
    """Return the text composed (NFC), without byte-order mark, no-break spaces or outer blanks."""
    plain = str(text).replace("\ufeff", "").replace("\u00a0", " ")
    return " ".join(unicodedata.normalize("NFC", plain).split())


def identifier_key(text: object) -> str:
    """Return the key of a column or item name: case, separators and padding zeros do not matter.

    ``æ ø å ä ö`` become ``ae oe aa ae oe``, so that a transliterated name equals its original;
    ``ø`` never equals ``o``.
    """
    folded = nfc(text).casefold().translate(_TRANSLITERATION)
    return _PADDED_NUMBER.sub(r"\1", _NOT_ALNUM.sub("", folded))


def text_key(text: object) -> str:
    """Return the key of a sentence or label: case, punctuation and spacing do not matter."""
    return _NOT_ALNUM.sub(" ", nfc(text).casefold()).strip()
