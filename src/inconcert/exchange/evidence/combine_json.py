"""The answer on the pair as plain data, and everything that is plotted as tables: nothing on a page that cannot be taken away."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from itertools import combinations
from typing import Any

import numpy as np

from inconcert.evidence.synthesis.pair.types import CombineAnswer, ForestRow, Options, Universe
from inconcert.evidence.synthesis.trust.certainty import Certainty
from inconcert.evidence.synthesis.types import CheckedClaim
from inconcert.exchange.evidence.network_json import excluded_as_plain, scale_words
from inconcert.judgement import Source

Plain = dict[str, Any]
TABLES = ("forest", "studies", "multiverse", "reach", "let_in", "claims", "trials", "excluded", "certainty")


def combine_as_plain(answer: CombineAnswer, ways: Sequence[Universe] = ()) -> Plain:
    """The whole answer at full precision. Ratios are logarithms, as `scale` says; what cannot be estimated is null, and says why."""
    found = answer.interaction
    return {
        "as_of": answer.options.as_of.isoformat(),
        "options": options_as_plain(answer.options),
        "headline": list(answer.headline),
        "assumptions": list(answer.assumptions),
        "scale": scale_words(answer.network),
        "tau2": answer.fit.tau2 if answer.fit else None,
        "forest": [row_as_plain(row) for row in answer.forest],
        "interaction": {
            **row_as_plain(found.row),
            "why_none": found.missing.why if found.missing else None,
            "would_identify": list(found.missing.would_identify) if found.missing else [],
            "ruled_out_below": found.ruled_out_below,
            "ruled_out_above": found.ruled_out_above,
            "sceptical_prior_sd": found.prior_sd,
            "posterior_mean": found.posterior_mean,
            "posterior_sd": found.posterior_sd,
            "posterior_interval": list(found.posterior_interval) if found.posterior_interval else None,
            "probability_of_gain": found.probability_of_gain,
            "movement": found.movement,
            "bayes_factors": [{"prior_sd": sd, "factor": factor} for sd, factor in found.bayes_factors.items()],
        },
        "missing": [
            {"what": gap.what, "why": gap.why, "would_identify": list(gap.would_identify)} for gap in answer.missing
        ],
        "certainty": {row_id: certainty_as_plain(found) for row_id, found in answer.certainty.items()},
        "reach": [
            {
                "study": r.study,
                "randomized": r.randomized,
                "people": r.people,
                "share": r.share,
                "interaction_without": list(r.without) if r.without else None,
                "rows": list(r.row_ids),
            }
            for r in answer.reach
        ],
        "let_in": [asdict(point) for point in answer.let_in],
        "multiverse": [universe_as_plain(way) for way in ways],
        "claims": [claim_as_plain(claim) for claim in answer.claims],
        "trials": [
            {
                "shows": plan.shows,
                "arms": plan.arms,
                "people_per_arm": plan.per_arm,
                "alpha_two_sided": plan.alpha_two_sided,
                "power": plan.power,
                "text": plan.text,
                "formula": plan.formula,
            }
            for plan in answer.trials
        ],
        "methods": list(answer.methods),
        "excluded": [excluded_as_plain(row) for row in answer.excluded],
        "sources": [source_as_plain(source) for source in answer.sources],
    }


def options_as_plain(options: Options) -> Plain:
    """What was asked, by the names of the command's options."""
    return {
        "outcome": options.outcome.value,
        "week": options.week,
        "design": options.design.value,
        "measure": options.scale.value if options.scale else None,
        "lumping": options.lumping.value,
        "controls": options.controls.value,
        "tau": options.tau if isinstance(options.tau, float) else str(options.tau.value),
        "interval": options.interval.value,
        "nonrandomized_weight": options.nonrandomized_weight,
        "bias_sd": options.bias_sd,
        "interaction_prior_sd": options.interaction_prior_sd,
        "recalled": options.recalled,
        "derived": options.derived,
        "level": options.level,
    }


def row_as_plain(row: ForestRow) -> Plain:
    """One row of the forest plot with its rows and sources."""
    return {
        "id": row.id,
        "group": row.group.value,
        "label": row.label,
        "estimate": row.estimate,
        "se": row.se,
        "lower": row.lower,
        "upper": row.upper,
        "prediction": list(row.prediction) if row.prediction else None,
        "text": row.text,
        "kind": row.kind.value,
        "studies": row.studies,
        "people": row.people,
        "randomized": row.randomized,
        "note": row.note,
        "rows": list(row.row_ids),
        "sources": [source_as_plain(source) for source in row.sources],
    }


def certainty_as_plain(found: Certainty) -> Plain:
    """GRADE's level, each reason, each domain that could not be judged."""
    return {
        "level": found.level,
        "at_most": found.at_most,
        "started": found.start,
        "text": found.text,
        "downgrades": [
            {
                "domain": d.domain,
                "rule": d.rule_id,
                "levels": d.levels,
                "why": d.text,
                "numbers": d.numbers,
                "rows": list(d.row_ids),
            }
            for d in found.downgrades
        ],
        "not_judged": [{"domain": u.domain, "why": u.why, "question": u.question} for u in found.undecided],
        "clear": list(found.clear),
    }


def universe_as_plain(way: Universe) -> Plain:
    """One way of asking, flat, as a row of a table."""
    return {
        **way.choices,
        "estimate": way.estimate,
        "lower": way.lower,
        "upper": way.upper,
        "studies": way.studies,
        "why_none": way.why_none,
        "is_default": way.is_default,
    }


def claim_as_plain(claim: CheckedClaim) -> Plain:
    """A claim, what it rests on, and the verdict."""
    return {
        "id": claim.id,
        "claim": claim.claim,
        "rests_on": claim.rests_on,
        "verdict": claim.verdict,
        "why": claim.why,
        "rows": list(claim.row_ids),
        "status": claim.status.value,
        "sources": [source_as_plain(source) for source in claim.sources],
    }


def source_as_plain(source: Source) -> Plain:
    """Where it was found, and whether it was read or recalled."""
    return {"ref": source.ref, "where": source.where, "status": source.status.value}


def combine_tables(answer: CombineAnswer, ways: Sequence[Universe] = ()) -> dict[str, str]:
    """Everything plotted or listed as CSV, by name (`TABLES`)."""
    plain = combine_as_plain(answer, ways)
    shares = sorted({row_id for r in answer.reach for row_id in r.share})
    return {
        "forest": _csv([_flat(row) for row in plain["forest"]]),
        "studies": _csv(_study_rows(answer)),
        "multiverse": _csv(plain["multiverse"]),
        "reach": _csv(
            [
                {
                    **_flat({k: v for k, v in r.items() if k != "share"}),
                    **{f"share of {row_id}": r["share"].get(row_id) for row_id in shares},
                }
                for r in plain["reach"]
            ]
        ),
        "let_in": _csv(plain["let_in"]),
        "claims": _csv([_flat(row) for row in plain["claims"]]),
        "trials": _csv([_flat(row) for row in plain["trials"]]),
        "excluded": _csv([_flat(row) for row in plain["excluded"]]),
        "certainty": _csv(
            [
                {"row": row_id, **_flat({k: v for k, v in c.items() if k != "downgrades"})}
                for row_id, c in plain["certainty"].items()
            ]
        ),
    }


def _study_rows(answer: CombineAnswer) -> Iterable[Plain]:
    """Each pair of arms as it entered the model, with what is known of the study: a file that `inconcert network` reads."""
    names = sorted({name for study in answer.network.studies for name in study.covariates})
    for study in answer.network.studies:
        effects = np.concatenate(([0.0], study.effects))
        covariance = np.pad(study.covariance, ((1, 0), (1, 0)))
        for against, first in combinations(range(len(study.treatments)), 2):
            variance = covariance[first, first] + covariance[against, against] - 2 * covariance[first, against]
            yield {
                "study": study.study,
                "treat1": study.treatments[first],
                "treat2": study.treatments[against],
                "TE": float(effects[first] - effects[against]),
                "seTE": math.sqrt(float(variance)),
                "weight": study.weight,
                "randomized": "yes" if study.randomized else "no",
                **{name: study.covariates.get(name) for name in names},
                "rows": " ".join(study.row_ids),
                "remarks": "; ".join(study.notes),
            }


def _flat(row: Plain) -> Plain:
    """Lists as words in one cell."""
    return {key: _cell(value) for key, value in row.items()}


def _cell(value: Any) -> Any:
    if isinstance(value, list):
        return " | ".join(
            " ".join(str(part) for part in item.values() if part is not None) if isinstance(item, dict) else str(item)
            for item in value
        )
    return value


def _csv(rows: Iterable[Plain]) -> str:
    rows = list(rows)
    columns = list(dict.fromkeys(key for row in rows for key in row))
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()
