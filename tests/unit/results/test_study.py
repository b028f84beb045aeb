import dataclasses

import pytest

from truststats.results import StudyResult, Verdicts


def test_a_study_is_frozen_and_its_extras_are_optional():
    made = StudyResult("t", "en", True, None, None, None, None, Verdicts(()))
    assert made.rivals is None
    assert made.checks == ()
    with pytest.raises(dataclasses.FrozenInstanceError):
        made.title = "other"  # pyright: ignore[reportAttributeAccessIssue]
