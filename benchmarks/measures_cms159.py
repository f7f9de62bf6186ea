"""CMS159 for one person: InConcert beside fqm-execution (npm), the reference program, on the same files in one run.

    python benchmarks/measures_cms159.py MEASURE_BUNDLE.json [--people FOLDER] [--valuesets FILE] [--node-modules FOLDER]

MEASURE_BUNDLE.json is the published measure with its compiled logic (ELM), which is not ours to ship: the repository
cqframework/ecqm-content-qicore-2025 has it as bundles/mat/CMS159/CMS159FHIR-v0.3.000-FHIR6.zip, file
CMS159FHIR-v0.3.000-FHIR.json. fqm-execution is installed with npm into a temporary folder, or taken from --node-modules.

Both start from the text of each person's file and end with the populations, all people in one call, which is where
fqm-execution is at its best (one call for each person costs it about ten times as much). The first row of InConcert does
what the reference does: the official populations. The second also gives our own reading and the grounds of both. The rounds alternate, and processor time stands beside the clock: on a
busy machine the clock measures the neighbors. Aim: 50 times faster.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from inconcert.exchange.fhir.chart import read_bytes
from inconcert.exchange.fhir.value_sets import read_value_sets
from inconcert.judgement import Answer
from inconcert.outcomes import CodeSets, MeasureRun, Period, PersonMeasure, compute, evaluate, find_measure
from inconcert.record import Person

SHARED = Path(__file__).resolve().parents[2] / "shared" / "fhir" / "ecqm_2025"
ROUNDS = 15
PAUSE_SECONDS = 0.3  # so that what the one leaves to clean up does not slow the other
NODE = """
const fs = require('fs');
const {Calculator} = require('fqm-execution');
const [measurePath, setsPath, ...files] = process.argv.slice(2);
const measure = JSON.parse(fs.readFileSync(measurePath));
for (const entry of JSON.parse(fs.readFileSync(setsPath)).entry) measure.entry.push({resource: entry.resource});
const texts = files.map(file => fs.readFileSync(file, 'utf8'));
const options = {measurementPeriodStart: '2026-01-01', measurementPeriodEnd: '2026-12-31', calculateHTML: false,
  calculateSDEs: false, calculateClauseCoverage: false, useElmJsonsCaching: true};
require('readline').createInterface({input: process.stdin}).on('line', async () => {
  const before = process.cpuUsage(), began = process.hrtime.bigint();
  const {results} = await Calculator.calculate(measure, texts.map(text => JSON.parse(text)), options);
  const took = Number(process.hrtime.bigint() - began) / 1e6;
  const spent = process.cpuUsage(before), cpu = (spent.user + spent.system) / 1e3;
  const people = {};
  for (const found of results) {
    people[found.patientId] = {};
    for (const p of found.detailedResults[0].populationResults) people[found.patientId][p.populationType] = p.result;
  }
  console.log('RESULT ' + JSON.stringify({took, cpu, people}));
});
"""


def main() -> None:
    """Print the medians, their ratio, and whether both agree with the expected results in the files."""
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ask.add_argument("measure", type=Path)
    ask.add_argument("--people", type=Path, default=SHARED / "cms159")
    ask.add_argument("--valuesets", type=Path, default=SHARED / "cms159_valuesets.json")
    ask.add_argument("--node-modules", type=Path)
    given = ask.parse_args()
    files = sorted(given.people.glob("*.json"))
    if not files:
        sys.exit(f"no files in {given.people}")
    with tempfile.TemporaryDirectory() as folder:
        modules = given.node_modules or install(Path(folder))
        reference = start(Path(folder), modules, given.measure, given.valuesets, files)
        measure(reference, files, given.valuesets)


def install(folder: Path) -> Path:
    """Install fqm-execution into the folder."""
    subprocess.run(["npm", "install", "--silent", "--no-fund", "--no-audit", "fqm-execution"], cwd=folder, check=True)
    return folder / "node_modules"


def start(folder: Path, modules: Path, bundle: Path, sets: Path, files: list[Path]) -> subprocess.Popen[str]:
    """Start the reference; it computes everybody once for each line it reads."""
    script = folder / "reference.js"
    script.write_text(NODE, encoding="utf-8")
    return subprocess.Popen(
        ["node", str(script), str(bundle.resolve()), str(sets.resolve()), *(str(f.resolve()) for f in files)],
        env={"PATH": "/usr/local/bin:/usr/bin:/bin", "NODE_PATH": str(modules.resolve())},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def reference_round(reference: subprocess.Popen[str]) -> dict[str, Any]:
    """One round of the reference: milliseconds for everybody, and each person's populations."""
    assert reference.stdin is not None
    assert reference.stdout is not None
    reference.stdin.write("go\n")
    reference.stdin.flush()
    for line in reference.stdout:
        if line.startswith("RESULT "):
            found: dict[str, Any] = json.loads(line.removeprefix("RESULT "))
            return found
    sys.exit("the reference ended without a result")


def measure(reference: subprocess.Popen[str], files: list[Path], sets: Path) -> None:
    """Alternate the rounds and print."""
    run = MeasureRun(
        measure=find_measure("CMS159"), period=Period.parse("2026"), sets=CodeSets(read_value_sets([sets]).sets)
    )
    texts = [file.read_bytes() for file in files]
    wanted = [expected(json.loads(text)) for text in texts]

    def people() -> list[Person]:
        return [read_bytes(text, "file", as_of=date(2026, 12, 31), one_person=True).people[0] for text in texts]

    ways: dict[str, Callable[[], list[dict[str, bool]]]] = {
        "InConcert, official populations": lambda: [met(compute(person, run)) for person in people()],
        "InConcert, both readings": lambda: [official(evaluate(person, run)) for person in people()],
    }
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in ("fqm-execution", *ways)}
    agreed: dict[str, int] = {}
    for number in range(ROUNDS + 1):
        found = reference_round(reference)
        time.sleep(PAUSE_SECONDS)
        order = [found["people"][person.id] for person in people()]
        rounds = {"fqm-execution": ((found["took"], found["cpu"]), order)}
        for name, way in ways.items():
            began, busy = time.perf_counter(), time.process_time()
            answers = way()
            took = (time.perf_counter() - began) * 1000, (time.process_time() - busy) * 1000
            rounds[name] = (took, answers)
        for name, (spent, answers) in rounds.items():
            agreed[name] = sum(a == a | w for a, w in zip(answers, wanted, strict=True))
            if number:  # the first round of each loads what it needs
                times[name].append((spent[0] / len(files), spent[1] / len(files)))
    reference.kill()
    report(len(files), agreed, times)


def met(populations: dict[tuple[str, str], Answer]) -> dict[str, bool]:
    """Who is in which population, of a measure with one rate."""
    return {kind: answer is Answer.MET for (_, kind), answer in populations.items()}


def official(result: PersonMeasure) -> dict[str, bool]:
    """The same from the full answer."""
    return {found.kind: found.as_measure.answer is Answer.MET for found in result.populations}


def report(number: int, agreed: dict[str, int], times: dict[str, list[tuple[float, float]]]) -> None:
    """Print the table."""
    print(f"CMS159, {number} people, {ROUNDS} rounds each, alternating; medians for one person, text to populations")
    print(f"{'':<34}{'wall clock':>22}{'processor':>22}   as the files expect (aim: 50 times faster)")
    middle = {name: [statistics.median(column) for column in zip(*spent, strict=True)] for name, spent in times.items()}
    theirs = middle["fqm-execution"]
    for name, (wall, busy) in middle.items():
        cells = f"{wall:>9.2f} ms {theirs[0] / wall:>6.1f} x  {busy:>9.2f} ms {theirs[1] / busy:>6.1f} x  "
        print(f"{name:<34}{cells}   {agreed[name]} of {number}")


def expected(bundle: dict[str, Any]) -> dict[str, bool]:
    """The populations in the MeasureReport of a test file."""
    report = next(e["resource"] for e in bundle["entry"] if e["resource"]["resourceType"] == "MeasureReport")
    return {p["code"]["coding"][0]["code"]: bool(p["count"]) for p in report["group"][0]["population"]}


if __name__ == "__main__":
    main()
