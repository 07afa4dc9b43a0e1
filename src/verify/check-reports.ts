import { createHash, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import { bundleNames as names } from '#core/bundle/layout.ts';
import { bundledEndpointsSchema, reportLineSchema } from '#core/bundle/manifest.ts';
import { asFault } from '#core/fault.ts';
import { decode } from '#wire/codec.ts';
import { type Report, type ReportedFile, reportSchema } from '#wire/report.ts';
import { isSignatureValid, readPublicKey } from '#wire/signature.ts';
import type { ProvedEvents } from './check-events.ts';
import { Finding } from './finding.ts';
import { type BundleFiles, parse } from './read-bundle.ts';
import { leafFacts } from './read-leaf.ts';

/** What agents reported of each file, by the place that `placeOf` names. */
export type ReportedFiles = ReadonlyMap<string, Pick<ReportedFile, 'sha256' | 'size' | 'path'>>;

/** One file of one task. */
export function placeOf(taskId: string, ordinal: number): string {
  return `${taskId} ${ordinal}`;
}

const finishedFacts = z.object({
  taskId: z.string(),
  reportSha256: z.string().optional(),
  /** Why an agent did not take the order: then there is no report. */
  refused: z.string().optional(),
});

/**
 * That every report was signed by the agent of the endpoint that it is about, that an event tells of just that report, and that none is
 * left out. Events that an older program wrote do not name their reports. @throws Finding
 */
export async function checkReports(
  files: BundleFiles,
  { finished }: ProvedEvents,
): Promise<{ readonly count: number; readonly reported: ReportedFiles }> {
  const told = new Map(finished.flatMap((line) => toldIn(line)));
  const keys = await endpointKeys(files);
  const reported = new Map<string, ReportedFile>();
  const seen = new Set<string>();
  await files.eachLine(names.reports, (line, number) => {
    const signed = parse(names.reports, line, reportLineSchema);
    const report = openReport(signed, { keys, place: `Report ${number} in ${names.reports}` });
    demandTold(told, signed, report);
    seen.add(report.taskId);
    for (const file of report.files) {
      reported.set(placeOf(report.taskId, file.ordinal), file);
    }
  });
  const missing = [...told.keys()].find((taskId) => !seen.has(taskId));
  if (missing !== undefined) {
    throw new Finding(
      'report_unrecorded',
      `The report of the task ${missing}, of which an event tells, is not in the bundle.`,
    );
  }
  return { count: seen.size, reported };
}

function toldIn(line: string): readonly (readonly [string, string | undefined])[] {
  const { taskId, reportSha256, refused } = leafFacts(line, names.events, finishedFacts);
  return refused === undefined ? [[taskId, reportSha256]] : [];
}

type SignedReport = z.output<typeof reportLineSchema>;

function openReport(
  signed: SignedReport,
  { keys, place }: { readonly keys: ReadonlyMap<string, KeyObject>; readonly place: string },
): Report {
  const bytes = new Uint8Array(Buffer.from(signed.report, 'base64'));
  const signature = new Uint8Array(Buffer.from(signed.signature, 'base64'));
  const key = keys.get(signed.endpointId);
  if (key === undefined || !isSignatureValid('custody-report-v1', { bytes, signature }, key)) {
    throw new Finding('report_forged', `${place} was not signed by the endpoint ${signed.endpointId}.`);
  }
  const report = decode(bytes, reportSchema);
  const { endpointId, taskId, actionId } = report;
  if (endpointId !== signed.endpointId || taskId !== signed.taskId || actionId !== signed.actionId) {
    throw new Finding('report_forged', `${place} is about something else than what stands beside it.`);
  }
  return report;
}

function demandTold(told: ReadonlyMap<string, string | undefined>, { report }: SignedReport, { taskId }: Report): void {
  if (!told.has(taskId)) {
    throw new Finding('report_unrecorded', `No event tells of the report of the task ${taskId}.`);
  }
  const expected = told.get(taskId);
  const actual = createHash('sha256').update(Buffer.from(report, 'base64')).digest('hex');
  if (expected !== undefined && expected !== actual) {
    throw new Finding('report_unrecorded', `The report of the task ${taskId} is not the one of which its event tells.`);
  }
}

async function endpointKeys(files: BundleFiles): Promise<ReadonlyMap<string, KeyObject>> {
  const endpoints = await files.json(names.endpoints, bundledEndpointsSchema);
  return new Map(endpoints.map(({ id, publicKey }) => [id, keyOf(id, publicKey)]));
}

/** An endpoint cannot choose its id: it is the head of its key's hash. */
function keyOf(id: string, coded: string): KeyObject {
  const raw = new Uint8Array(Buffer.from(coded, 'base64'));
  if (!createHash('sha256').update(raw).digest('hex').startsWith(id) || id.length !== 32) {
    throw new Finding('report_forged', `The key beside the endpoint ${id} is another endpoint’s.`);
  }
  try {
    return readPublicKey(raw);
  } catch (thrown) {
    throw new Finding('report_forged', `The key beside the endpoint ${id} is none.`, { cause: asFault(thrown) });
  }
}
