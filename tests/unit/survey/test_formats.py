from __future__ import annotations

import pytest

from truststats.errors import SurveyError
from truststats.survey import read_survey


def test_unknown_format(tmp_path):
    path = tmp_path / "answers.ods"
    path.write_text("x")
    with pytest.raises(SurveyError, match=r"ending in '.ods' cannot be read"):
        read_survey(path)


def test_the_hash_of_a_frame_tells_contents_apart(answers):
    one = read_survey(answers).file_hash
    assert one == read_survey(answers.copy()).file_hash
    changed = answers.copy()
    changed.loc[0, "vtr1"] = 6 - changed.loc[0, "vtr1"] + 1
    assert one != read_survey(changed).file_hash
