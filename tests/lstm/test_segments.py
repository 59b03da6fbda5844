"""The cuts of a batch along time."""

from __future__ import annotations

from functools import cache

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from longshort.lstm.segments import Plan, Segment, cut

LENGTHS = st.lists(st.integers(0, 30), max_size=12)


def test_one_length_is_one_segment():
    assert cut(torch.tensor([7, 7, 7]), overhead=5) == [Segment(start=0, end=7, rows=3, survivors=0)]


def test_a_cut_pays_when_it_saves_more_than_it_costs():
    lengths = torch.tensor([10, 4])
    assert cut(lengths, overhead=5) == [Segment(0, 4, 2, 1), Segment(4, 10, 1, 0)]
    assert cut(lengths, overhead=7) == [Segment(0, 10, 2, 0)]


@pytest.mark.parametrize("lengths", [[], [0], [0, 0, 0]])
def test_no_steps_are_no_segments(lengths):
    assert cut(torch.tensor(lengths, dtype=torch.int64)) == []


def cost(segments: list[Segment], overhead: int) -> int:
    return sum(segment.cells + overhead for segment in segments)


def cheapest(lengths: list[int], overhead: int) -> int:
    """Find the smallest cost by trying every cut."""

    @cache
    def best(start: int) -> int:
        rows = sum(length > start for length in lengths)
        ends = range(start + 1, max(lengths, default=0) + 1)
        return min(((end - start) * rows + overhead + best(end) for end in ends), default=0)

    return best(0)


@given(LENGTHS, st.integers(0, 60))
def test_cuts_are_the_cheapest(lengths, overhead):
    segments = cut(torch.tensor(lengths, dtype=torch.int64), overhead)
    assert cost(segments, overhead) == cheapest(lengths, overhead)


@given(LENGTHS, st.integers(0, 60))
def test_segments_are_contiguous_and_hold_the_active_rows(lengths, overhead):
    segments = cut(torch.tensor(lengths, dtype=torch.int64), overhead)
    joints = [0, *(segment.end for segment in segments)]
    assert joints == [*(segment.start for segment in segments), max(lengths, default=0)]
    for segment in segments:
        assert segment.rows == sum(length > segment.start for length in lengths)
        assert segment.survivors == sum(length > segment.end for length in lengths)


@given(LENGTHS.filter(any), st.booleans())
def test_a_plan_puts_every_value_in_one_cell_at_its_time(lengths, reverse):
    plan = Plan.of(torch.tensor(lengths), reverse=reverse)
    tokens = sum(lengths)
    assert torch.equal(plan.take[plan.back], torch.arange(tokens))
    assert int((plan.take == tokens).sum()) == len(plan.take) - tokens
    assert len(plan.take) == sum(segment.cells for segment in plan.segments)
    sequences = torch.arange(tokens).split(lengths)
    at = 0
    for segment in plan.segments:
        cells = plan.take[at : at + segment.cells].view(-1, segment.rows)
        for column, row in enumerate(plan.order[: segment.rows].tolist()):
            sequence = sequences[row].flip(0) if reverse else sequences[row]
            here = sequence[segment.start : segment.end]
            assert cells[:, column].tolist() == here.tolist() + [tokens] * (len(cells) - len(here))
        at += segment.cells


@given(LENGTHS.filter(any))
def test_restore_undoes_the_sorting(lengths):
    plan = Plan.of(torch.tensor(lengths))
    sorted_lengths = torch.tensor(lengths)[plan.order]
    assert sorted_lengths.tolist() == sorted(lengths, reverse=True)
    assert sorted_lengths[plan.restore].tolist() == lengths


def test_real_lengths_leave_little_padding():
    torch.manual_seed(0)
    lengths = torch.distributions.LogNormal(5.2, 0.65).sample((64,)).long().clamp(5, 1000)
    segments = cut(lengths)
    assert len(segments) <= 10
    assert sum(segment.cells for segment in segments) / int(lengths.sum()) < 1.16
