"""Priors made from claims: ``distribution: claims`` in, a prior of steps out, or what stands against it.

A prior may list its claims, or leave them out: then all claims about it are pooled. What comes out keeps the
rule and the claims beside its edges and masses, so that a scenario which is written out and read again is
equal. `corridor.scenario.pool` has the rule. Claims that have a fault of their own bring no second one here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from corridor.problems import InputError
from corridor.scenario.abouts import Subject, fold, is_outcome, prior_support, words_of_prior
from corridor.scenario.findings import Findings
from corridor.scenario.model import Claim, Prior
from corridor.scenario.units import kept_unit
from corridor.scenario.yaml_tree import YamlTree

if TYPE_CHECKING:
    from corridor.scenario.pool import Pooled


@dataclass(frozen=True)
class ClaimsAtHand:
    """The claims that could be read, and the words of what priors give, see `words_of_values`."""

    claims: tuple[Claim, ...]
    is_whole: bool  # False: there are claims that could not be read
    values: tuple[tuple[str, object], ...]
    household_size: float


def pool_priors(
    priors: dict[str, Prior], at_hand: ClaimsAtHand, tree: YamlTree, findings: Findings
) -> dict[str, Prior]:
    """Return all priors, those of ``distribution: claims`` as steps; those that have no pool are left out."""
    pooling = _Pooling(at_hand, tree, findings)
    found = {
        name: pooling.resolve(name, prior) if prior.distribution == "claims" else prior
        for name, prior in priors.items()
    }
    return {name: prior for name, prior in found.items() if prior is not None}


@dataclass(frozen=True)
class _Pooling:
    at_hand: ClaimsAtHand
    tree: YamlTree
    findings: Findings

    def resolve(self, name: str, prior: Prior) -> Prior | None:
        """Return a prior of claims as steps, or None after saying what stands against it."""
        from corridor.scenario.pool import pool_claims  # needs NumPy, which most scenarios do without

        n_before, household = self.findings.n_faults, self.at_hand.household_size
        subject = Subject(prior.about or f"prior {name}", kept_unit(prior.unit), _bounds(prior))
        used = [claim for claim in self.claims_of(name, prior) if self.is_usable(claim, name, prior, subject)]
        if not used and (self.findings.n_faults > n_before or not self.at_hand.is_whole):
            return None  # what is wrong has been said
        try:
            pooled = pool_claims(used, subject, household_size=household, method=prior.pool or "linear")
        except InputError as error:
            for problem in error.problems:
                hint = problem.hint or "list claims that give a figure, or state a distribution with a reason"
                message = f"prior '{name}': {problem.message}"
                self.findings.fault(problem.code, self.tree.key_spot(("priors", name)), message, hint)
            return None
        return None if self.findings.n_faults > n_before else steps_prior(prior, pooled)

    def claims_of(self, name: str, prior: Prior) -> Sequence[Claim]:
        """Return the claims that a prior lists, or all about it."""
        if prior.claims:
            by_id = {claim.id: claim for claim in self.at_hand.claims}
            return [by_id[claim] for claim in prior.claims if claim in by_id]
        words = words_of_prior(name, prior, self.at_hand.values)
        return [claim for claim in self.at_hand.claims if fold(claim.about) in words]

    def is_usable(self, claim: Claim, name: str, prior: Prior, subject: Subject) -> bool:
        """Tell whether a claim can be pooled; a claim that was listed and cannot be is a fault."""
        from corridor.scenario.pool import why_not_pooled

        if is_outcome(claim.about):
            why = f"is about an outcome, '{claim.about}'"
            hint = "what others expect of an outcome is no input; it is shown beside the forecast"
        else:
            why = why_not_pooled(claim, subject, household_size=self.at_hand.household_size)
            hint = "leave it out here; it can be named by another prior, or stand for itself in claims.csv"
        if why and claim.id in prior.claims:
            spot = self.tree.spot(("priors", name, "claims", prior.claims.index(claim.id)))
            self.findings.fault("pool-claim", spot, f"prior '{name}': claim '{claim.id}' {why}", hint)
        return not why


def _bounds(prior: Prior) -> tuple[float, float]:
    """Return the values a quantity can have, within what the prior states as ``low`` and ``high``."""
    low, high = prior_support(prior)
    return (
        low if prior.low is None else max(low, prior.low),
        high if prior.high is None else min(high, prior.high),
    )


def steps_prior(prior: Prior, pooled: Pooled) -> Prior:
    """Return a pooled distribution as a prior of steps, with the rule and the claims that it was made by."""
    changes = {
        "distribution": "steps",
        "low": None,
        "high": None,
        "edges": tuple(float(edge) for edge in pooled.edges),
        "masses": tuple(float(mass) for mass in pooled.masses),
        "pool": pooled.method,
        "claims": prior.claims or tuple(sorted(voice.claim.id for voice in pooled.voices)),
    }
    return prior.model_copy(update=changes)
