"""CMS159 for one person: InConcert beside fqm-execution (npm), the reference program, on the same files in one run.

    python benchmarks/measures_cms159.py MEASURE_BUNDLE.json [--people FOLDER] [--valuesets FILE] [--node-modules FOLDER]

MEASURE_BUNDLE.json is the published measure with its compiled logic (ELM), which is not ours to ship: the repository
cqframework/ecqm-content-qicore-2025 has it as bundles/mat/CMS159/CMS159FHIR-v0.3.000-FHIR6.zip, file
CMS159FHIR-v0.3.000-FHIR.json. fqm-execution is installed with npm into a temporary folder, or taken from --node-modules.

Both start from the text of each person's file and end with the populations, all people in one call, which is where
fqm-execution is at its best (one call for each person costs it about ten times as much). InConcert also answers its own
second reading with the records used; the reference does not. The rounds alternate, and processor time stands beside the clock: on a
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
from datetime import date
from pathlib import Path
from typing import Any

from inconcert.exchange.fhir.chart import read_bytes
from inconcert.exchange.fhir.value_sets import read_value_sets
from inconcert.outcomes import CodeSets, MeasureRun, Period, evaluate, find_measure

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
            return json.loads(line.removeprefix("RESULT "))
    sys.exit("the reference ended without a result")


def measure(reference: subprocess.Popen[str], files: list[Path], sets: Path) -> None:
    """Alternate the rounds and print."""
    run = MeasureRun(
        measure=find_measure("CMS159"), period=Period.parse("2026"), sets=CodeSets(read_value_sets([sets]).sets)
    )
    texts = [file.read_bytes() for file in files]
    wanted = [expected(json.loads(text)) for text in texts]
    wall: tuple[list[float], list[float]] = ([], [])
    busy: tuple[list[float], list[float]] = ([], [])
    judging: list[float] = []
    agreed = [0, 0]
    for number in range(ROUNDS + 1):
        found = reference_round(reference)
        time.sleep(PAUSE_SECONDS)
        began, cpu = time.perf_counter(), time.process_time()
        people = [read_bytes(text, "file", as_of=date(2026, 12, 31), one_person=True).people[0] for text in texts]
        read = time.process_time()
        results = [evaluate(person, run) for person in people]
        ended, done = time.perf_counter(), time.process_time()
        if number == 0:  # the first round of each loads what it needs
            agreed[0] = sum(
                found["people"][p.id] == found["people"][p.id] | w for p, w in zip(people, wanted, strict=True)
            )
            mine = [{p.kind: p.as_measure.answer.value == "met" for p in result.populations} for result in results]
            agreed[1] = sum(m == m | w for m, w in zip(mine, wanted, strict=True))
            continue
        wall[0].append(found["took"] / len(files))
        wall[1].append((ended - began) * 1000 / len(files))
        busy[0].append(found["cpu"] / len(files))
        busy[1].append((done - cpu) * 1000 / len(files))
        judging.append((done - read) * 1000 / len(files))
    reference.kill()
    report(len(files), agreed, wall, busy, judging)


def report(
    number: int,
    agreed: list[int],
    wall: tuple[list[float], list[float]],
    busy: tuple[list[float], list[float]],
    judging: list[float],
) -> None:
    """Print the table."""
    print(f"CMS159, {number} people, {ROUNDS} rounds each, alternating; medians for one person, text to populations")
    print(f"{'':<28}{'wall clock':>14}{'processor':>14}")
    rows = [[statistics.median(times) for times in pair] for pair in (wall, busy)]
    for which, name in enumerate(("fqm-execution", "InConcert, both readings")):
        print(
            f"{name:<28}{rows[0][which]:>11.2f} ms{rows[1][which]:>11.2f} ms   {agreed[which]} of {number} as expected"
        )
    print(f"{'  of which judging':<28}{'':>14}{statistics.median(judging):>11.2f} ms")
    print(f"{'times faster (aim 50)':<28}{rows[0][0] / rows[0][1]:>14.1f}{rows[1][0] / rows[1][1]:>14.1f}")


def expected(bundle: dict[str, Any]) -> dict[str, bool]:
    """The populations in the MeasureReport of a test file."""
    report = next(e["resource"] for e in bundle["entry"] if e["resource"]["resourceType"] == "MeasureReport")
    return {p["code"]["coding"][0]["code"]: bool(p["count"]) for p in report["group"][0]["population"]}


if __name__ == "__main__":
    main()
