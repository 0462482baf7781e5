"""Problems in words: what is shown of many alike, of what cannot be seen, and of what has no end."""

from __future__ import annotations

from corridor.problems import Problem, did_you_mean, format_problems


def test_of_many_alike_some_are_shown_and_all_are_counted():
    problems = [Problem("row-cells", "routes.csv", line, 0, f"row {line}") for line in range(2, 22)]
    told = format_problems([*problems, Problem("row-cells", "places.csv", 2, 0, "row 2")])
    assert told.splitlines() == [
        *(f"routes.csv:{line} [row-cells] row {line}" for line in range(2, 7)),
        "    ... and 15 more like this",
        "places.csv:2 [row-cells] row 2",
        "21 problems in 2 files. Nothing was run.",
    ]


def test_what_cannot_be_seen_is_named():
    problem = Problem(
        "place-unknown", "a.csv", 2, 1, "'Be\u200bta\xa0' is no place", "", "Be\u200bta\xa0,\x1b[1m", 6
    )
    assert problem.format() == (
        "a.csv:2:1 [place-unknown] 'Be<U+200B>ta<U+00A0>' is no place\n    2 | Be ta , [1m\n      | ^^^^^^"
    )


def test_long_words_have_an_end():
    problem = Problem("not-a-number", "a.csv", 2, 1, f"it is '{'9' * 5000}'; wrong", "", "9" * 5000, 5000)
    message, excerpt, mark = problem.format().splitlines()
    assert message == f"a.csv:2:1 [not-a-number] it is '{'9' * 59}…'; wrong"
    assert len(excerpt) == len("    2 | ") + 240 and excerpt.endswith("9…")
    assert mark == f"      | {'^' * 60}"


def test_names_that_look_alike_are_told_apart():
    assert did_you_mean("T\u00f6l", ["To\u0308l"]) == (
        "did you mean 'To\u0308l'? It looks alike: here is U+00F6, there U+006F U+0308"
    )
    assert did_you_mean("Beta", ["Beta "]) == "it is listed as 'Beta ', with a blank"
    assert did_you_mean("beta ", ["Beta"]) == "did you mean 'Beta'?"
