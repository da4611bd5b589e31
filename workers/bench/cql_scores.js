// The lowest T-score of each Bundle by cql-execution, and what that took of the processor.
//
// Standard input: a line with the library, then a Bundle of one patient on each line. Standard output: one JSON
// object. Everything is asked twice, and the second time counts, when what is compiled once is compiled.
"use strict";
const { readFileSync } = require("node:fs");
const { CodeService, Executor, Library } = require("cql-execution");
const { PatientSource } = require("cql-exec-fhir");

const [library, ...bundles] = readFileSync(0, "utf8").trimEnd().split("\n").map((line) => JSON.parse(line));
const executor = new Executor(new Library(library.elm), new CodeService(library.valueSets));
const source = PatientSource.FHIRv401();

async function answers() {
  source.reset();
  source.loadBundles(bundles);
  const { patientResults } = await executor.exec(source);
  return Object.values(patientResults).map((answered) => answered[library.expression]);
}

(async () => {
  await answers();
  const begun = process.cpuUsage();
  const lowest = await answers();
  const { user, system } = process.cpuUsage(begun);
  console.log(JSON.stringify({ lowest, microseconds: user + system }));
})();
