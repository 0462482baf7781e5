"""What a claim is about: the words under ``about`` as a quantity of the scenario, an outcome, or plain words.

The grammar is in docs/evidence.md. A quantity of the scenario knows its unit and what the scenario makes of
it: numbers and priors. ``bearing on QUANTITY`` is a claim that speaks for or against a quantity without
being a value of it. Words that follow no rule of the grammar are kept as they are; words that begin like
one and name nothing in the scenario are a fault, which `corridor.evidence.ledger` reports.
"""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from corridor.problems import did_you_mean
from corridor.scenario.abouts import OUTCOMES, fold, prior_support
from corridor.scenario.model import Group, Prior, Record, Scenario, Storyline, Value
from corridor.scenario.units import kept_unit

#: quantity: of the scenario; set: of places or people described in words and used by priors; outcome: what a
#: forecast gives; words: none of these.
Kind = Literal["quantity", "set", "outcome", "words"]

#: A name this like a known one (ratio of `difflib`) is taken for a misspelling even where something uses
#: the claim.
_MISSPELT = 0.85
_BEARING = "bearing on "
_HEADS = ("population of", "capacity of", "people of", "weight of", "date of", "prior")
_HEADS_OF_SETS = ("population of", "capacity of", "people of")
_HEAD = re.compile(rf"({'|'.join(_HEADS)}) +(.+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Believed:
    """What the scenario makes of a quantity: a number, or a prior by name, and why."""

    label: str
    value: float | None = None
    prior_name: str = ""
    prior: Prior | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Quantity:
    """One quantity that claims are about."""

    name: str  # as the grammar writes it
    kind: Kind
    unit: str  # in which it is kept: people, people/day, 1/day, km, km/day, day, date, "" for a pure number
    support: tuple[float, float] = (0.0, float("inf"))
    believed: tuple[Believed, ...] = ()


@dataclass(frozen=True, slots=True)
class About:
    """The words of one claim, read: a quantity, or a fault with its hint."""

    quantity: Quantity | None
    is_bearing: bool = False
    fault: str = ""
    hint: str = ""


@dataclass
class Resolver:
    """Reads the words under ``about`` against one scenario."""

    scenario: Scenario
    _names: dict[str, dict[str, str]] = field(init=False)
    _users: dict[str, list[Believed]] = field(init=False)
    _rules: dict[str, Value] = field(init=False)
    _abouts: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        scenario = self.scenario
        self._rules = {
            name: value for name, value in _rule_values(scenario) if isinstance(value, int | float | str)
        }
        places = [place.name for place in scenario.places]
        priors = list(scenario.priors)
        dates = [name for name, prior in scenario.priors.items() if kept_unit(prior.unit) == "date"]
        known = {
            "population of": places,
            "capacity of": places,
            "people of": [group.name for group in scenario.groups],
            "weight of": [storyline.name for storyline in scenario.storylines],
            "date of": dates,
            "prior": [*priors, *self._rules],
        }
        self._names = {head: {fold(name): name for name in names} for head, names in known.items()}
        self._abouts = {fold(prior.about): name for name, prior in scenario.priors.items() if prior.about}
        self._users = {}
        for claims, believed in _uses(scenario):
            for claim in claims:
                self._users.setdefault(claim, []).append(believed)

    def read(self, about: str, claim_ids: tuple[str, ...] = ()) -> About:
        """Read the words of one claim; ``claim_ids`` are all claims with these words."""
        words = " ".join(about.split())
        is_bearing = words.casefold().startswith(_BEARING)
        words = words[len(_BEARING) :] if is_bearing else words
        if fold(words) in self._abouts:
            return About(self.of_prior(self._abouts[fold(words)]), is_bearing)
        if match := _HEAD.fullmatch(words):
            found = self._read_head(match[1].casefold(), match[2], claim_ids)
        else:
            found = self._read_others(words, claim_ids)
        return About(found.quantity, is_bearing, found.fault, found.hint)

    def users(self, claim_id: str) -> tuple[Believed, ...]:
        """Return what in the scenario names a claim as its support."""
        return tuple(self._users.get(claim_id, ()))

    def of_prior(self, name: str) -> Quantity:
        """Return a prior as a quantity of its own."""
        prior = self.scenario.priors[name]
        believed = Believed(name, None, name, prior, prior.reason)
        unit = kept_unit(prior.unit)
        title = prior.about or (f"date of {name}" if unit == "date" else f"prior {name}")
        return Quantity(title, "quantity", unit, _support(prior), (believed,))

    def _read_head(self, head: str, name: str, claim_ids: tuple[str, ...]) -> About:
        known = self._names[head]
        if fold(name) in known:
            return About(self._make(head, known[fold(name)]))
        near = difflib.get_close_matches(fold(name), list(known), n=1, cutoff=_MISSPELT)
        if not near and head in _HEADS_OF_SETS:
            uses = _distinct(use for claim in claim_ids for use in self.users(claim))
            labels = self._labels(head)
            fitting = tuple(replace(use, label=labels[use.label]) for use in uses if use.label in labels)
            if fitting:
                return About(Quantity(f"{head} {name}", "set", "people", believed=fitting))
        what = {
            "people of": "group",
            "weight of": "storyline",
            "prior": "prior",
            "date of": "prior of unit date",
        }
        hint = did_you_mean(name, known.values()) or _list_some(known.values())
        return About(None, fault=f"'{name}' is no {what.get(head, 'place')} of the scenario", hint=hint)

    def _labels(self, head: str) -> dict[str, str]:
        """Return the priors that give a population, a capacity or people of a group, with what they give."""
        places, groups = self.scenario.places, self.scenario.groups
        given: dict[str, list[tuple[Value | None, str]]] = {
            "population of": [(place.population, place.name) for place in places],
            "capacity of": [(place.capacity, place.name) for place in places],
            "people of": [(value, group.name) for group in groups for value in group.people.values()],
        }
        return {value: f"{head} {name}" for value, name in given[head] if isinstance(value, str)}

    def _make(self, head: str, name: str) -> Quantity:
        scenario = self.scenario
        if head == "weight of":
            return self._weight(next(line for line in scenario.storylines if line.name == name))
        if head == "people of":
            return self._people(next(group for group in scenario.groups if group.name == name))
        if head in ("date of", "prior"):
            if name in scenario.priors:
                return self.of_prior(name)
            return self._of_value(f"prior {name}", "", self._rules[name], f"rule {name}", "")
        place = next(place for place in scenario.places if place.name == name)
        value = place.population if head == "population of" else place.capacity
        if value is None:
            unlimited = Believed(f"{head} {name}", reason=place.note or "no limit is known")
            return Quantity(f"{head} {name}", "quantity", "people", believed=(unlimited,))
        return self._of_value(f"{head} {name}", "people", value, f"{head} {name}", place.note)

    def _of_value(self, name: str, unit: str, value: Value, label: str, reason: str) -> Quantity:
        if isinstance(value, str):
            prior = self.scenario.priors[value]
            why = reason if prior.reason.startswith("a range in ") and reason else prior.reason
            believed = Believed(label, None, value, prior, why)
            return Quantity(name, "quantity", kept_unit(prior.unit), _support(prior), (believed,))
        return Quantity(name, "quantity", unit, believed=(Believed(label, float(value), reason=reason),))

    def _weight(self, storyline: Storyline) -> Quantity:
        name = f"weight of {storyline.name}"
        weights = [line.weight for line in self.scenario.storylines]
        numbers = [float(weight) for weight in weights if not isinstance(weight, str)]
        if isinstance(storyline.weight, str):
            return self._of_value(name, "", storyline.weight, name, storyline.reason)
        share = float(storyline.weight) / sum(numbers) if len(numbers) == len(weights) else None
        believed = Believed(name, share, reason=storyline.reason)
        return Quantity(name, "quantity", "", (0.0, 1.0), (believed,))

    def _people(self, group: Group) -> Quantity:
        name = f"people of {group.name}"
        if group.share is not None:
            believed = Believed(f"share of {group.name}", float(group.share), reason=group.reason)
            return Quantity(name, "quantity", "", (0.0, 1.0), (believed,))
        found = [
            self._of_value(name, "people", value, f"{name} at {place}", group.reason).believed[0]
            for place, value in group.people.items()
        ]
        return Quantity(name, "quantity", "people", believed=tuple(found))

    def _read_others(self, words: str, claim_ids: tuple[str, ...]) -> About:
        for pattern in OUTCOMES.values():
            if match := pattern.fullmatch(words):
                return self._outcome(words, match.groupdict())
        near = difflib.get_close_matches(" ".join(words.casefold().split()[:2]), _HEADS, n=1, cutoff=0.8)
        if near and words.casefold().split()[0] != "people":
            return About(
                None, fault=f"'{words}' follows no rule of the grammar", hint=f"did you mean '{near[0]}'?"
            )
        believed = _distinct(use for claim in claim_ids for use in self.users(claim))
        return About(Quantity(words, "words", "", believed=believed))

    def _outcome(self, words: str, parts: Mapping[str, str | None]) -> About:
        date, place = parts.get("date"), parts.get("place")
        if date and not _is_date(date):
            return About(None, fault=f"'{date}' is no date", hint="months go from 01 to 12")
        known = self._names["population of"]
        if place and fold(place) not in known:
            hint = did_you_mean(place, known.values())
            return About(None, fault=f"'{place}' is no place of the scenario", hint=hint)
        return About(Quantity(words, "outcome", "date" if words.casefold().startswith("day ") else "people"))


def key_of(quantity: Quantity) -> str:
    """Return the key under which claims meet: the quantity's prior where it has just one, else its name."""
    if quantity.kind == "quantity" and len(quantity.believed) == 1 and quantity.believed[0].prior_name:
        return f"prior {quantity.believed[0].prior_name}"
    return quantity.name.casefold()


def _is_date(text: str) -> bool:
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _list_some(names: Iterable[str]) -> str:
    found = list(names)
    shown = ", ".join(found[:6])
    return f"known: {shown}{', ...' if len(found) > 6 else ''}" if found else ""


def _support(prior: Prior) -> tuple[float, float]:
    """Return the values a quantity can have; of a pooled prior those of its pool."""
    return (prior.edges[0], prior.edges[-1]) if prior.pool and prior.edges else prior_support(prior)


def _distinct(uses: Iterator[Believed]) -> tuple[Believed, ...]:
    return tuple({use.label: use for use in uses}.values())


def _rule_values(scenario: Scenario) -> Iterator[tuple[str, object]]:
    """Give the rules of the law by name: a rule may stand for the prior that gives it."""
    rules = scenario.rules.flee or scenario.rules
    for name in type(rules).model_fields:
        yield name, getattr(rules, name)


def _uses(scenario: Scenario) -> Iterator[tuple[tuple[str, ...], Believed]]:
    """Give every part of the scenario that names claims, with those claims."""
    for name, prior in scenario.priors.items():
        yield prior.claims, Believed(name, None, name, prior, prior.reason)
    named: tuple[tuple[str, tuple[Record, ...]], ...] = (
        ("storyline", scenario.storylines),
        ("group", scenario.groups),
        ("place", scenario.places),
    )
    for word, records in named:
        for record in records:
            yield (
                getattr(record, "claims", ()),
                Believed(f"{word} {getattr(record, 'name', '')}", reason=getattr(record, "reason", "")),
            )
    for route in scenario.routes:
        yield route.claims, Believed(f"route {route.start} - {route.end}", reason=route.note)
    for event in scenario.events:
        yield event.claims, Believed(f"{event.kind} at {event.place}", reason=event.note)
