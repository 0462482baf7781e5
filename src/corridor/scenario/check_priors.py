"""Checks of the priors of scenario.yaml: names, parameters, the factors of products, and priors nobody uses.

Takes priors that were read without a fault in their form; `corridor.scenario.pooled_priors` pools those that
are made from claims.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence

from corridor.scenario.findings import Findings
from corridor.scenario.model import Prior
from corridor.scenario.numbers import is_not_finite, read_date, read_number
from corridor.scenario.products import Factor, factors_of, names_in
from corridor.scenario.settings import Settings
from corridor.scenario.units import kept_unit
from corridor.scenario.values import ValueUses
from corridor.scenario.yaml_tree import YamlTree

_PARAMETERS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {  # needed, optional
    "uniform": (("low", "high"), ()),
    "triangular": (("low", "mode", "high"), ()),
    "lognormal": (("median", "p95"), ()),
    "beta": (("mean", "concentration"), ("low", "high")),
    "fixed": (("value",), ()),
    "claims": ((), ("low", "high", "pool")),
    "steps": (("edges", "masses"), ("pool",)),
    "product": (("of",), ()),
}
_ALL_PARAMETERS = (
    *("low", "mode", "high", "median", "p95", "mean", "concentration", "value"),
    *("edges", "masses", "pool", "of"),
)
#: How far the masses of a prior of steps may sum to something else than 1.
MASS_TOLERANCE = 1e-6
#: A product may name so many priors; its quantiles are worked out over all their values together.
MOST_FACTORS = 3


def check_priors(settings: Settings, findings: Findings) -> dict[str, Prior]:
    """Check the parameters of every prior and return those that are sound."""
    sound: dict[str, Prior] = {}
    for name, prior in settings.priors.items():
        n_before = findings.n_faults
        _check_prior_name(settings.tree, name, findings)
        _check_parameters(settings.tree, name, prior, findings)
        _check_product(settings, name, prior, findings)
        if findings.n_faults == n_before:
            sound[name] = prior
    return sound


def _check_prior_name(tree: YamlTree, name: str, findings: Findings) -> None:
    reads_as_else = read_number(name) or read_date(name) or is_not_finite(name) or name in {"open", "closed"}
    if not name.strip() or name != name.strip() or reads_as_else or ".." in name:
        spot = tree.key_spot(("priors", name))
        message = f"'{name}' cannot be the name of a prior: in a cell it would mean something else"
        findings.fault("name-unfit", spot, message, "use a word such as leave_rate")


def _check_parameters(tree: YamlTree, name: str, prior: Prior, findings: Findings) -> None:
    needed, optional = _PARAMETERS[prior.distribution]
    given = [key for key in _ALL_PARAMETERS if getattr(prior, key) not in (None, ())]
    wanted = _wanted(needed, optional)
    spot = tree.key_spot(("priors", name))
    for key in given:
        if key not in (*needed, *optional):
            message = f"{key} is no parameter of a {prior.distribution} prior"
            hint = f"it {wanted}"
            findings.fault("prior-parameters", tree.key_spot(("priors", name, key)), message, hint)
    missing = [key for key in needed if key not in given]
    if missing:
        message = f"prior '{name}' is {prior.distribution} and lacks {_and(missing)}"
        findings.fault("prior-parameters", spot, message, f"it {wanted}")
    elif trouble := _trouble(prior):
        findings.fault("prior-parameters", spot, f"prior '{name}': {trouble}")


def _trouble(prior: Prior) -> str:
    """Return what is wrong with parameters that are all there, "" where nothing is."""
    ends = [end for end in (prior.low, prior.mode, prior.high) if end is not None]
    if prior.distribution in {"uniform", "triangular", "claims"} and ends != sorted(ends):
        return "low, mode and high must ascend" if prior.mode is not None else "low must not be above high"
    if prior.distribution == "lognormal" and not 0.0 < (prior.median or 0.0) < (prior.p95 or 0.0):
        return "median must be above 0, and p95 above median"
    if prior.distribution == "beta":
        if not 0.0 < (prior.mean or 0.0) < 1.0 or not (prior.concentration or 0.0) > 0.0:
            return "mean must lie between 0 and 1, and concentration above 0"
        if len(ends) == 1 or (ends and ends[0] >= ends[1]):
            return "low and high are given together, low below high"
    return _trouble_with_steps(prior) if prior.distribution == "steps" else ""


def _trouble_with_steps(prior: Prior) -> str:
    if len(prior.masses) != len(prior.edges) - 1:
        n_between = len(prior.edges) - 1
        return f"{len(prior.edges)} edges have {n_between} masses between them, not {len(prior.masses)}"
    if any(low >= high for low, high in itertools.pairwise(prior.edges)):
        return "edges must ascend"
    if min(prior.masses) < 0.0 or abs(math.fsum(prior.masses) - 1.0) > MASS_TOLERANCE:
        return f"masses must not be negative and must sum to 1; they sum to {math.fsum(prior.masses):g}"
    return ""


def _check_product(settings: Settings, name: str, prior: Prior, findings: Findings) -> None:
    """Check that a product names priors that are no products themselves, and gives its own unit."""
    at = ("priors", name, "of")
    for row, factor in enumerate(factors_of(prior)):
        spot = settings.tree.spot((*at, row))
        if factor.name and factor.name not in settings.declared_priors:
            message = f"'{factor.name}' is no prior; an entry of 'of' is a number, a prior, or 1 - a prior"
            hint = findings.nearest(factor.name, settings.declared_priors)
            findings.fault("prior-unknown", spot, message, hint)
        elif factor.name == name or _is_product(settings, factor.name):
            message = f"'{factor.name}' is a product itself; a product names priors that are not"
            findings.fault("prior-product", spot, message, "write out what it is made of")
    if len(names_in(prior)) > MOST_FACTORS:
        message = f"'{name}' names {len(names_in(prior))} priors; a product has at most {MOST_FACTORS}"
        findings.fault("prior-product", settings.tree.spot(at), message)
    _check_units_of_product(settings, name, prior, findings)


def _check_units_of_product(settings: Settings, name: str, prior: Prior, findings: Findings) -> None:
    factors, priors = [factor for factor in factors_of(prior) if factor.name], settings.priors
    named = [(factor, priors[factor.name]) for factor in factors if factor.name in priors]
    units = [kept_unit(other.unit) for _, other in named if kept_unit(other.unit)]
    own = kept_unit(prior.unit)
    is_rest_of_amount = any(factor.is_rest and kept_unit(other.unit) for factor, other in named)
    if (
        named
        and len(named) == len(factors)
        and (units != [own] * bool(own) or own == "date" or is_rest_of_amount)
    ):
        message = f"the unit of '{name}' is '{prior.unit}', and it is a product of {_units_of(named)}"
        hint = "one factor at most has the unit of the product; all others are pure numbers, such as shares"
        findings.fault("prior-product", settings.tree.key_spot(("priors", name)), message, hint)


def _is_product(settings: Settings, name: str) -> bool:
    return name in settings.priors and settings.priors[name].distribution == "product"


def _units_of(named: Iterable[tuple[Factor, Prior]]) -> str:
    return _and(f"{factor.name} ({prior.unit})" for factor, prior in named)


def _wanted(needed: Sequence[str], optional: Sequence[str]) -> str:
    """Return "needs low and high", "may have pool" and the like."""
    may = f"may have {_and(optional)}" if optional else ""
    return ", and ".join(part for part in (f"needs {_and(needed)}" if needed else "", may) if part)


def report_unused_priors(settings: Settings, uses: ValueUses) -> None:
    """Warn of priors that nothing names: a misspelt use, or a left-over."""
    for name in sorted(settings.declared_priors - uses.used):
        spot = settings.tree.key_spot(("priors", name))
        if "/" not in spot.file:  # a what-if may well do without a prior of its base
            uses.findings.warn("prior-unused", spot, f"prior '{name}' is used nowhere")


def _and(words: Iterable[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last
