"""The question put to the tables: which studies, under which names, and the model with what both do together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product

from inconcert.evidence.synthesis.data.own_choice import CONTROL, NOTHING_ADDED, OwnChoice
from inconcert.evidence.synthesis.data.own_rows import own_network
from inconcert.evidence.synthesis.data.types import Network, Scale
from inconcert.evidence.synthesis.models.bayes import fit_exact
from inconcert.evidence.synthesis.models.bayes_bias import NonRandomized
from inconcert.evidence.synthesis.models.design import SEPARATOR, component_design, parts_of
from inconcert.evidence.synthesis.models.fit import Fit, fit
from inconcert.evidence.synthesis.models.posterior import Posterior
from inconcert.evidence.synthesis.models.priors import HalfNormal, Prior
from inconcert.evidence.synthesis.pair.types import Controls, DesignFilter, Interval, Lumping, Options
from inconcert.knowledge.studies import StudyTables
from inconcert.knowledge.study_kinds import component_names, treatment_kinds

# What is believed before: SD of every effect, scale of the half-normal of tau. Half-normal 0.5 on logarithms and standardized
# differences is Röver et al. 2021 (recalled); the others say the same in their own units (design).
PRIORS = {Scale.OR: (10, 0.5), Scale.RR: (10, 0.5), Scale.SMD: (10, 0.5), Scale.MD: (100, 5), Scale.RD: (2, 0.1)}
SHAM, SHAM_TRAINING, NOTHING_SHOWN = "sham_tms", "sham_training", "nothing added"
DRUG_FAMILIES = ("ketamine", "esketamine")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A network under the names of one lumping.

    `drugs`, `coils` and `controls` are the names that occur in it; `pairs` those given together.
    """

    network: Network
    drugs: tuple[str, ...]
    coils: tuple[str, ...]
    controls: tuple[str, ...]
    pairs: tuple[tuple[str, str], ...]
    inactive: str | None

    @property
    def shams(self) -> tuple[str, ...]:
        """Controls that can stand for TMS beside a drug."""
        return tuple(name for name in self.controls if name == component_names()[SHAM])

    @property
    def placebos(self) -> tuple[str, ...]:
        """Controls that can stand for a drug beside TMS."""
        no_drug = {component_names()[SHAM], component_names()[SHAM_TRAINING], NOTHING_SHOWN}
        return tuple(name for name in self.controls if name not in no_drug)

    @property
    def interactions(self) -> tuple[str, ...]:
        """The interaction of each pair that some study gave together."""
        return tuple(f"{drug}*{coil}" for drug, coil in self.pairs)


def ask(options: Options, tables: StudyTables) -> Asked:
    """The network that these options choose, without what was published after the year of `as_of`."""
    names, shown = lumped_names(options.lumping), shown_names(tables)
    later = tuple(study.study_id for study in tables.studies.values() if study.year > options.as_of.year)
    network = own_network(
        OwnChoice(
            outcome=options.outcome.value,
            week=options.week,
            design="rct" if options.design is DesignFilter.RCT else "all",
            scale=options.scale,
            use_recalled=options.recalled,
            use_derived=options.derived,
            merge_controls=options.controls is Controls.MERGED,
            merge=names,
            shown=shown,
            leave_out=later,
        ),
        tables,
    )
    return named(weighed(network, options.nonrandomized_weight), options.lumping, tables)


def weighed(network: Network, weight: float) -> Network:
    """Non-randomized studies counted with a weight above 0 and at most 1, which divides their variance."""
    if weight == 1.0:
        return network
    studies = tuple(s if s.randomized else replace(s, weight=s.weight * weight) for s in network.studies)
    return replace(network, studies=studies)


def named(network: Network, lumping: Lumping, tables: StudyTables) -> Asked:
    """Which of the names are drugs, which are TMS, and which pairs some study gave together."""
    kinds, names = treatment_kinds(), {**shown_names(tables), **lumped_names(lumping)}
    drug_names = {names[part] for part, kind in kinds.items() if kind.family in DRUG_FAMILIES}
    coil_names = {names[part] for part, kind in kinds.items() if kind.family == "TMS"}
    controls = {names[part] for part, entry in tables.components.items() if entry.family == "control"}
    held = [frozenset(parts_of(treatment, SEPARATOR)) for treatment in network.treatments]
    present = frozenset().union(*held)
    drugs, coils = sorted(present & drug_names), sorted(present & coil_names)
    return Asked(
        network=network,
        drugs=tuple(drugs),
        coils=tuple(coils),
        controls=tuple(sorted(present & {*controls, names[NOTHING_ADDED], CONTROL})),
        pairs=tuple((d, c) for d, c in product(drugs, coils) if any({d, c} <= parts for parts in held)),
        inactive=CONTROL if CONTROL in present else None,
    )


def told_together(asked: Asked, treatment: str) -> str:
    """A treatment of several parts in words, drug before TMS: `ketamine with TMS`; what does nothing beside others is not named."""
    rank = {**dict.fromkeys(asked.drugs, 0), **dict.fromkeys(asked.coils, 1)}
    parts = sorted(treatment.split(SEPARATOR), key=lambda part: (rank.get(part, 2), part))
    active = [part for part in parts if part != asked.inactive]
    return " with ".join(active or parts)


def shown_names(tables: StudyTables) -> dict[str, str]:
    """What each component is called where people read it; a reader's own component by its id, without underscores."""
    found = {part: component_names().get(part, part.replace("_", " ")) for part in tables.components}
    return {**found, NOTHING_ADDED: NOTHING_SHOWN}


def lumped_names(lumping: Lumping) -> dict[str, str]:
    """What each component goes by at a grain; empty at the finest."""
    if lumping is Lumping.PARTS:
        return {}
    field = {Lumping.KINDS: "kind", Lumping.FAMILIES: "family", Lumping.BROAD: "broad"}[lumping]
    return {part: getattr(kind, field) for part, kind in treatment_kinds().items()}


def fit_asked(asked: Asked, options: Options, *, with_interactions: bool = True) -> Fit | None:
    """The component model of these options; None where no study is left."""
    if not asked.network.studies:
        return None
    design = component_design(
        asked.network.treatments,
        inactive=asked.inactive,
        interactions=asked.interactions if with_interactions else (),
    )
    return fit(
        asked.network,
        design,
        tau=options.tau,
        hartung_knapp=options.interval is Interval.HARTUNG_KNAPP,
        never_narrower=True,
        level=options.level,
    )


def prior_of(scale: Scale, *, interaction_sd: float | None = None) -> Prior:
    """The prior for a scale, with a narrower one on the interaction where it is to be looked at sceptically."""
    sd, tau = PRIORS[scale]
    return Prior(sd=sd, interaction_sd=interaction_sd, tau=HalfNormal(tau))


def believe(asked: Asked, options: Options, fitted: Fit, *, interaction_sd: float | None = None) -> Posterior:
    """The exact posterior of the same model."""
    return fit_exact(
        asked.network,
        fitted.design,
        prior=prior_of(asked.network.scale, interaction_sd=interaction_sd),
        nonrandomized=stated_bias(options),
        level=options.level,
    )


def stated_bias(options: Options) -> NonRandomized | None:
    """What non-randomized studies may be off by; None where nothing is stated. Their weights stand in the network already."""
    return NonRandomized(bias_sd=options.bias_sd) if options.bias_sd else None
