// Reads a plan, a letter on its way and a filed letter as any JavaScript program would: node read.mjs BASE PATIENT
// Standard output carries one JSON object. Runs as a copy beside node_modules, for Node looks for packages there.
import { Client } from 'fhir-kit-client';

const [base, patient] = process.argv.slice(2);
const client = new Client({ baseUrl: base });

async function only(resourceType, searchParams) {
  const found = await client.search({ resourceType, searchParams });
  return client.read({ resourceType, id: found.entry[0].resource.id });
}

const plan = await only('CarePlan', { patient });
const communication = await only('Communication', { subject: `Patient/${patient}` });
const filed = await only('DocumentReference', { patient });
const pdf = filed.content.find((it) => it.attachment.contentType === 'application/pdf').attachment;
console.log(JSON.stringify({
  title: plan.title,
  status: plan.status,
  steps: plan.activity.map((it) => it.detail.code.text),
  text: communication.payload[0].contentString,
  pdf: pdf.data,
}));
