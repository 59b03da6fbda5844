"""The text files of the UCR/UEA archive, header and all."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from longshort.config import SequenceDataSettings
from longshort.data.sequences import Sequences, open_sequences

WHOLE = """\
% another kind of comment
#Recorded by hand.

@problemName Swings
@timeStamps false
@MISSING true
@univariate false
@dimensions 2
@equalLength false
@classlabel true Up down 3
@Data
# between
0.5,?,-1e3:1,2,3:Up
1:NaN:down

 2 , 3 : 4 ,: 3\t
"""


def read(folder: Path, text: str, **options: bool) -> Sequences:
    path = folder / "swings.ts"
    path.write_text(text)
    return open_sequences(path, **options)


def test_a_whole_file(tmp_path: Path) -> None:
    found = read(tmp_path, WHOLE)
    assert found.lengths.tolist() == [3, 1, 2]
    assert found.channels == ("channel 0", "channel 1")
    assert found.targets == ("Up", "down", "3")
    assert found.origins == ("line 13", "line 14", "line 16")
    assert (found.name, found.groups, found.notes) == (str(tmp_path / "swings.ts"), None, ())
    assert_array_equal(found.sequence(0), [[0.5, 1], [np.nan, 2], [-1000, 3]])
    assert_array_equal(found.sequence(1), [[1, np.nan]])
    assert_array_equal(found.sequence(2), [[2, 4], [3, np.nan]])


def test_one_channel_and_numbers_to_learn(tmp_path: Path) -> None:
    found = read(tmp_path, "@univariate true\n@targetLabel true\n@data\n1,2:0.5\n3:-7\n")
    assert found.channels == ("value",)
    assert isinstance(found.targets, np.ndarray)
    assert found.targets.tolist() == [0.5, -7]


def test_the_kind_of_the_targets_can_be_asked_for(tmp_path: Path) -> None:
    text = "@classLabel true 1 2\n@data\n1,2:1\n3:2\n"
    assert read(tmp_path, text).targets == ("1", "2")
    asked = read(tmp_path, text, numbers=True).targets
    assert isinstance(asked, np.ndarray)
    assert asked.tolist() == [1, 2]


def test_targets_that_nobody_asked_for_are_not_read(tmp_path: Path) -> None:
    assert read(tmp_path, "@classLabel true a b\n@data\n1,2:?\n3:z\n", labelled=False).targets is None
    assert read(tmp_path, "@classLabel false\n@data\n1,2:3,4\n", labelled=False).channels == ("channel 0", "channel 1")


def test_a_header_that_denies_its_gaps_is_told(tmp_path: Path) -> None:
    (note,) = read(tmp_path, "@missing false\n@classLabel true a\n@data\n1,?:a\n").notes
    assert note.startswith("The header says that no value is missing")
    assert read(tmp_path, "@missing true\n@classLabel true a\n@data\n1,?:a\n").notes == ()


def test_all_may_be_equally_long_without_a_number(tmp_path: Path) -> None:
    assert read(tmp_path, "@equalLength true\n@classLabel true a\n@data\n1,2:a\n3,4:a\n").lengths.tolist() == [2, 2]
    assert read(tmp_path, "@equalLength false\n@seriesLength 9\n@classLabel true a\n@data\n1:a\n").lengths.tolist() == [
        1
    ]


def test_the_fingerprint_is_that_of_the_file_whatever_its_line_ends(tmp_path: Path) -> None:
    first = read(tmp_path, WHOLE).fingerprint
    (tmp_path / "swings.ts").write_bytes(WHOLE.replace("\n", "\r\n").encode())
    assert open_sequences(tmp_path / "swings.ts").fingerprint == first
    assert len(first) == 64
    assert read(tmp_path, WHOLE.replace("0.5", "0.6")).fingerprint != first


@settings(max_examples=60, deadline=None)
@given(data=st.data(), channels=st.integers(1, 3))
def test_what_is_written_is_read(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, channels: int) -> None:
    number = st.floats(allow_nan=True, allow_infinity=False)
    sequence = st.integers(1, 4).flatmap(
        lambda steps: st.lists(st.lists(number, min_size=steps, max_size=steps), min_size=channels, max_size=channels)
    )
    sequences = data.draw(st.lists(sequence, min_size=1, max_size=5))
    lines = [":".join(",".join("?" if v != v else repr(v) for v in each) for each in one) + ":c" for one in sequences]
    path = tmp_path_factory.mktemp("ts") / "a.ts"
    path.write_text("\n".join(["@classLabel true c", "@data", *lines]))
    found = open_sequences(path, SequenceDataSettings())
    assert len(found) == len(sequences)
    for index, one in enumerate(sequences):
        assert_array_equal(found.sequence(index), np.array(one).T)
