"""The figures of docs/what-ifs.md: the three what-ifs for Mosul against their base, 100 members, seed 1.

`python tests/docs/what_if_figures.py` writes them to the end of the page, from its first small heading on.
"""

from __future__ import annotations

from pathlib import Path

from corridor import load_scenario, run
from corridor.ensemble.compare import Comparison, compare
from corridor.report.compare_words import comparison_rows, comparison_sentences, narrowing_sentence

PAGE = Path(__file__).resolve().parents[2] / "docs" / "what-ifs.md"
MEMBERS = 100
#: What a minister would want to hear, in words; the figures stand below each.
SENTENCES = {
    "mosul-2016-west-closed": (
        "Closing the west from the first day stops hardly anybody from leaving home: it leaves some "
        "thousands more at Badush, at the end of the closed road, and brings some thousands fewer to Al-Hol "
        "and Syria."
    ),
    "mosul-2016-west-open": (
        "Keeping the western road open to the end changes little before the new year: about as many people "
        "leave Mosul, and a thousand or so more of them reach Al-Hol."
    ),
    "mosul-2016-northeast-corridor": (
        "A corridor to the north-east gets some thousands of people out of the east bank weeks earlier, "
        "fills Zelikan camp sooner, and takes the queue from the screening at Khazer; it moves hardly "
        "anybody who would not have left in the end."
    ),
}


def figures() -> str:
    """Run the base and its what-ifs and return the figures as lines of Markdown."""
    base = run(load_scenario("mosul-2016"), members=MEMBERS, seed=1)
    parts = []
    for name, sentence in SENTENCES.items():
        made = compare(base, run(load_scenario(name), members=MEMBERS, seed=1))
        parts += [f"### {name}", f"**{sentence}**", made.other.description, *_told(made)]
    return "\n\n".join(parts) + "\n"


def _told(made: Comparison) -> list[str]:
    rows = comparison_rows(made)
    changes = "\n".join(f"- {change}" for change in made.changes)
    sentences = "\n".join(f"- {sentence}" for sentence in comparison_sentences(made))
    return [f"Changed:\n\n{changes}", f"Then:\n\n{sentences}", narrowing_sentence(rows)]


if __name__ == "__main__":
    text = PAGE.read_text("utf-8")
    at = text.index("\n### ") if "\n### " in text else text.index("\nFIGURES")
    PAGE.write_text(f"{text[: at + 1]}{figures()}", "utf-8")
