import { createHash } from 'node:crypto';
import type { Principal } from '../access/principal.ts';
import { writeCustodyReport } from '../bundle/custody-report.ts';
import { bundleFormat, bundleNames, evidenceFolder } from '../bundle/layout.ts';
import type { BundledEndpoint, BundledEvidence, Manifest } from '../bundle/manifest.ts';
import { writeReadMe } from '../bundle/read-me.ts';
import type { BundleSubject } from '../bundle/subject.ts';
import { type Sum, writeSums } from '../bundle/sums.ts';
import verifier from '../bundle/verify.py' with { type: 'text' };
import type { NewEvent } from '../custody/event.ts';
import type { Endpoint } from '../endpoint/endpoint.ts';
import { Fault } from '../fault.ts';
import type { Sha256 } from '../file/hash.ts';
import { provePart } from '../ledger/part-proof.ts';
import type { ArchiveEntry } from '../ports/archiver.ts';
import type { Ports } from '../ports/ports.ts';
import { version } from '../version.ts';
import { type BundleContents, bundleContents } from './bundle-contents.ts';
import { type BundleRecord, bundleReading, readBundleRecord, recordLines } from './bundle-record.ts';
import { openStored } from './deliver-evidence.ts';
import { lossOf } from './lost-evidence.ts';

export interface BundleRequest {
  readonly principal: Principal;
  readonly remoteAddress: string;
  readonly subject: BundleSubject;
  /** Why it is exported, in the words of whoever does. */
  readonly reason: string | null;
  /** Whether the files themselves go in. What they are, and where from, is told in any case. */
  readonly withEvidence: boolean;
}

export interface Bundle {
  /** In the order in which they are written. */
  readonly entries: readonly ArchiveEntry[];
  readonly manifest: Manifest;
}

type BundlePorts = Pick<Ports, 'store' | 'blobs' | 'checkpoints' | 'clock' | 'log'>;

/**
 * All that proves what happened to a subject, to be checked without a server (promises P58, P60 and P61): its events with the proof that they are in the
 * ledger, the agents' signed reports, the files, and a report for people. The export is an event itself, and holds the hash of the list of
 * everything in the bundle. It is recorded before the first byte is sent, whether the client takes the last one or not.
 * @throws Fault `not_found`, `limit_exceeded`, and as the store and the ledger's signer
 */
export async function exportBundle(ports: BundlePorts, request: BundleRequest): Promise<Bundle> {
  const contents = await ports.store.read((reader) => bundleContents(reader, request.subject), bundleReading);
  const evidence = await withAbsences(ports, contents.evidence, request);
  const record = await readBundleRecord(ports, contents.events);
  const endpoints = contents.endpoints.map(bundledEndpoint);
  const manifest = manifestOf(ports, request, { contents, evidence, events: record.sequences.length });
  const listed = listedEntries(ports, { contents, manifest, endpoints, record });
  const sums = writeSums(listed.map(({ entry, sha256 }) => ({ name: entry.name, sha256 })));
  const exported = await recordExport(ports, request, { contents, manifest, sums });
  const proofs = await proofEntries(ports, [...record.sequences, exported]);
  const modifiedAt = ports.clock.now();
  const entries = [...listed.map(({ entry }) => entry), textEntry(bundleNames.sums, sums).entry, ...proofs];
  return { manifest, entries: entries.map((entry) => ({ ...entry, modifiedAt })) };
}

type UndatedEntry = Omit<ArchiveEntry, 'modifiedAt'>;

interface ListedEntry extends Pick<Sum, 'sha256'> {
  readonly entry: UndatedEntry;
}

function textEntry(name: string, text: string): ListedEntry {
  const bytes = new TextEncoder().encode(text);
  return {
    entry: { name, size: bytes.length, open: async () => new Blob([bytes]).stream() },
    sha256: createHash('sha256').update(bytes).digest('hex') as Sha256,
  };
}

/** Of each: why its bytes are not in the bundle, or null. */
async function withAbsences(
  { store, blobs }: BundlePorts,
  files: BundleContents['evidence'],
  { withEvidence }: BundleRequest,
): Promise<readonly BundledEvidence[]> {
  if (!withEvidence) {
    return files.map((file) => ({ ...file, absent: 'left out of this export' }));
  }
  const kept = await store.read(({ evidence }) => evidence.byHashes(files.map(({ sha256 }) => sha256)), bundleReading);
  const losses = new Map(kept.map((record) => [record.sha256, lossOf(record)?.message]));
  return Promise.all(
    files.map(async (file) => {
      const isStored = (await blobs?.size(file.sha256)) !== undefined;
      return { ...file, absent: losses.get(file.sha256) ?? (isStored ? null : 'not kept on this server now') };
    }),
  );
}

function bundledEndpoint(endpoint: Endpoint): BundledEndpoint {
  const { id, number, hostName, platform, operatingSystem, agentVersion } = endpoint;
  return {
    ...{ id, number, hostName, platform, operatingSystem, agentVersion },
    enrolledAt: new Date(endpoint.enrolledAt).toISOString(),
    publicKey: Buffer.from(endpoint.devicePublicKey).toString('base64'),
  };
}

function manifestOf(
  { clock }: Pick<Ports, 'clock'>,
  { principal, reason }: BundleRequest,
  found: {
    readonly contents: BundleContents;
    readonly evidence: readonly BundledEvidence[];
    readonly events: number;
  },
): Manifest {
  const { subject, actions, reported, endpoints } = found.contents;
  return {
    format: bundleFormat,
    subject,
    exportedAt: new Date(clock.now()).toISOString(),
    exportedBy: `${principal.name} (${principal.kind})`,
    reason,
    server: `custody ${version}`,
    counts: {
      ...{ actions: actions.length, events: found.events },
      ...{ reports: reported.length, endpoints: endpoints.length },
    },
    evidence: [...found.evidence],
  };
}

function listedEntries(
  ports: BundlePorts,
  bundle: {
    readonly contents: BundleContents;
    readonly manifest: Manifest;
    readonly endpoints: readonly BundledEndpoint[];
    readonly record: BundleRecord;
  },
): readonly ListedEntry[] {
  const { contents, manifest, endpoints, record } = bundle;
  return [
    textEntry(bundleNames.readMe, writeReadMe(manifest)),
    textEntry(bundleNames.verifier, verifier),
    textEntry(bundleNames.report, writeCustodyReport({ manifest, endpoints, events: record.first })),
    textEntry(bundleNames.manifest, `${JSON.stringify(manifest, null, 2)}\n`),
    {
      sha256: record.sha256,
      entry: {
        name: bundleNames.events,
        size: record.size,
        open: async () => recordLines(ports, contents.events),
      },
    },
    textEntry(bundleNames.reports, contents.reported.map(reportLine).join('')),
    textEntry(bundleNames.endpoints, `${JSON.stringify(endpoints, null, 2)}\n`),
    ...manifest.evidence.filter(({ absent }) => absent === null).map((file) => evidenceEntry(ports, file)),
  ];
}

function reportLine({ id, actionId, endpointId, report }: BundleContents['reported'][number]): string {
  const coded = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString('base64');
  const signed = { report: coded(report?.bytes), signature: coded(report?.signature) };
  return `${JSON.stringify({ actionId, taskId: id, endpointId, ...signed })}\n`;
}

function evidenceEntry(ports: BundlePorts, { sha256, size }: BundledEvidence): ListedEntry {
  return { entry: { name: `${evidenceFolder}${sha256}`, size, open: () => openStored(ports, { sha256 }) }, sha256 };
}

/** @returns the sequence of the event. */
async function recordExport(
  { store, clock }: Pick<Ports, 'store' | 'clock'>,
  { principal, remoteAddress, withEvidence, reason }: BundleRequest,
  bundle: { readonly contents: BundleContents; readonly manifest: Manifest; readonly sums: string },
): Promise<number> {
  const { subject, place } = bundle.contents;
  const event: NewEvent = {
    type: 'bundle_exported',
    at: clock.now(),
    actor: { kind: principal.kind, id: principal.id, name: principal.name },
    ...place,
    facts: {
      ...{ subject: { kind: subject.kind, id: subject.id }, withEvidence, reason, remoteAddress },
      ...bundle.manifest.counts,
      files: bundle.manifest.evidence.length,
      sums: createHash('sha256').update(bundle.sums).digest('hex'),
    },
  };
  return store.transact(async ({ events }) => {
    await events.append([event]);
    return events.lastSequence();
  });
}

/** @param sequences ascending; the last one is that of the export. */
async function proofEntries(ports: BundlePorts, sequences: readonly number[]): Promise<readonly UndatedEntry[]> {
  const { store, checkpoints } = ports;
  const { note, size } = await checkpoints.latest();
  const exported = sequences.at(-1) ?? 0;
  const { leaf, parts } = await store.read(async ({ ledger }) => {
    const indices = sequences.map((sequence) => sequence - 1);
    return {
      leaf: (await ledger.leaves(exported - 1, 1))[0],
      parts: await provePart(indices, size, ledger.nodes),
    };
  }, bundleReading);
  if (leaf?.sequence !== exported) {
    throw new Fault('internal', `Event ${exported} is gone from the record: \`custody verify\` says more.`);
  }
  const proof = parts.map(
    ({ from, to, hash }) => `${JSON.stringify([from, to, Buffer.from(hash).toString('base64')])}\n`,
  );
  return [
    textEntry(bundleNames.exported, `${new TextDecoder().decode(leaf.bytes)}\n`).entry,
    textEntry(bundleNames.proof, proof.join('')).entry,
    textEntry(bundleNames.checkpoint, note).entry,
    textEntry(bundleNames.key, `${checkpoints.verifierKey}\n`).entry,
  ];
}
