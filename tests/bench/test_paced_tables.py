"""The tables of paced streams and of the comparison with a commit, from what was measured."""

from bench.paced_tables import against, event, memory

CROWDS = {
    "1000 x 20/s": {"chatdouble": {"spent": 20.0}, "limit": {"spent": 22.0}},
    "5000 x 4/s": {"chatdouble": {"kb_per_stream": 17.4}, "limit": {"kb_per_stream": 11.5}},
}
PACED = {"event": {"a frame": 1.0, "the queue of timers": 3.5}, "memory": {"the connection": 6.5}}


def test_the_parts_of_an_event_add_up_to_what_it_takes_over_its_connection() -> None:
    assert [*event({"profile": {"paced": PACED}, "crowds": CROWDS})][2:] == [
        "| the queue of timers | 3.5 |",
        "| a frame | 1 |",
        "| uvloop, system calls, begins and ends of streams | 16 |",
        "| **all** | 20 |",
        "| all, in the limit | 22 |",
    ]


def test_the_parts_of_a_stream_add_up_to_the_memory_that_it_takes() -> None:
    assert [*memory({"profile": {"paced": PACED}, "crowds": CROWDS})] == [
        "| part, KB | 5000 x 4/s |",
        "| --- | --- |",
        "| the connection | 6.5 |",
        "| uvloop's connection, the allocator | 11 |",
        "| **all** | 17 |",
        "| all, in the limit | 12 |",
    ]


def test_parts_without_a_crowd_have_no_sum() -> None:
    assert [*memory({"profile": {"paced": PACED}})][2:] == [
        "| the connection | 6.5 |",
        "| uvloop's connection, the allocator |  |",
        "| **all** |  |",
        "| all, in the limit |  |",
    ]


def test_a_comparison_names_its_commit_and_its_ratios() -> None:
    found = {
        "commit": "3398afa",
        "at": "2026-11-27T15:00:00+00:00",
        "launches": 7,
        "ratios": {"1 KB, us": {"before": 200.0, "now": 150.0, "ratio": 0.754}},
    }
    assert [*against({"against": found})] == [
        "Medians of 7 launches of each, in turns, at 2026-11-27:",
        "",
        "|  | commit 3398afa | now | now, as a multiple |",
        "| --- | --- | --- | --- |",
        "| 1 KB, us | 200 | 150 | 0.75 |",
    ]


def test_what_was_not_measured_is_named_so() -> None:
    assert [*event({}), *memory({}), *against({})] == ["Not measured in the last run."] * 3
