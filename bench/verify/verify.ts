import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createZipArchiver } from '#archive/zip.ts';
import { bundleFormat, bundleNames } from '#core/bundle/layout.ts';
import type { Manifest } from '#core/bundle/manifest.ts';
import { writeSums } from '#core/bundle/sums.ts';
import { sha256Schema } from '#core/file/hash.ts';
import { emptyFrontier, grow } from '#core/ledger/frontier.ts';
import { writeLeaf } from '#core/ledger/leaf.ts';
import { hashLeaf } from '#core/ledger/tree-hash.ts';
import { createCheckpointSigner } from '#server/checkpoint-signer.ts';
import { verifyBundle } from '#verify/main.ts';
import { newKeyPair } from '#wire/signature.ts';

const second = 1_000;
const mebibyte = 1024 ** 2;

/** `custody verify` of a bundle that is a whole ledger, beside bare hashing of as many leaves and nodes. */
export async function verify({ events }: { readonly events: number }): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'custody-bench-'));
  try {
    const file = join(directory, 'bundle.zip');
    await writeBundle(file, events);
    const bare = timeOf(() => hashBarely(events));
    const started = performance.now();
    const { finding } = await verifyBundle({ file });
    const took = performance.now() - started;
    if (finding !== null) {
      throw new Error(finding.message);
    }
    const { size } = await stat(file);
    return [
      `${events} events, ${(size / mebibyte).toFixed(1)} MiB`,
      `bare SHA-256 of their leaves and nodes  ${(bare / second).toFixed(1)} s`,
      `custody verify                          ${(took / second).toFixed(1)} s, ${(took / bare).toFixed(1)} times that`,
      `resident afterwards                     ${Math.round(process.memoryUsage.rss() / mebibyte)} MiB`,
    ].join('\n');
  } finally {
    await rm(directory, { recursive: true });
  }
}

function timeOf(work: () => void): number {
  const started = performance.now();
  work();
  return performance.now() - started;
}

function hashBarely(events: number): void {
  const leaf = new Uint8Array(300);
  const node = new Uint8Array(65);
  for (let count = 0; count < events; count += 1) {
    createHash('sha256').update(leaf).digest();
    createHash('sha256').update(node).digest();
  }
}

function leafOf(index: number, facts: unknown, type: 'evidence_stored' | 'bundle_exported'): Uint8Array {
  return writeLeaf({
    ...{ sequence: index + 1, type, at: 1_795_813_125_982 + index, facts: JSON.stringify(facts) },
    ...{ actor: { kind: 'agent', id: 'a'.repeat(32), name: 'a'.repeat(32) }, incidentId: null },
    ...{ actionId: String(3_591_626_248_092_248), endpointId: 'a'.repeat(32) },
  });
}

/** As a server writes it, of a ledger that is wholly in it. */
async function writeBundle(file: string, events: number): Promise<void> {
  const lines: Uint8Array[] = [];
  let frontier = emptyFrontier;
  const add = (leaf: Uint8Array) => {
    frontier = grow(frontier, [hashLeaf(leaf)]).frontier;
    return Buffer.concat([leaf, Uint8Array.of(0x0a)]);
  };
  for (let index = 0; index < events; index += 1) {
    const facts = { ordinal: index, sha256: 'b'.repeat(64), size: index };
    lines.push(add(leafOf(index, facts, 'evidence_stored')));
  }
  const subject = { kind: 'incident', id: '7', name: 'incident 7' } as const;
  const manifest: Manifest = {
    ...{ format: bundleFormat, subject, exportedAt: '2026-11-27T00:00:00.000Z', exportedBy: 'bench', reason: null },
    ...{ server: 'custody', counts: { actions: 0, events, reports: 0, endpoints: 0 }, evidence: [] },
  };
  const text = (content: string) => [new TextEncoder().encode(content)];
  const listed: readonly (readonly [string, readonly Uint8Array[]])[] = [
    [bundleNames.manifest, text(JSON.stringify(manifest))],
    [bundleNames.events, lines],
    [bundleNames.reports, text('')],
    [bundleNames.endpoints, text('[]')],
  ];
  const sums = writeSums(listed.map(([name, parts]) => ({ name, sha256: sha256Schema.parse(hashOf(parts)) })));
  const facts = { subject: { kind: 'incident', id: '7' }, events, reports: 0, sums: hashOf(text(sums)) };
  const exported = add(leafOf(events, facts, 'bundle_exported'));
  const signer = createCheckpointSigner(newKeyPair().privatePem, 'custody/bench');
  const files: readonly (readonly [string, readonly Uint8Array[]])[] = [
    ...listed,
    [bundleNames.sums, text(sums)],
    [bundleNames.exported, [exported]],
    [bundleNames.proof, []],
    [bundleNames.checkpoint, text(await signer.sign(frontier))],
    [bundleNames.key, text(signer.verifierKey)],
  ];
  const entries = files.map(([name, parts]) => ({
    ...{ name, modifiedAt: 0, size: parts.reduce((sum, part) => sum + part.length, 0) },
    open: async () => new Blob(parts.map((part) => new Uint8Array(part))).stream(),
  }));
  await pipeline(Readable.fromWeb(createZipArchiver().zip(entries)), createWriteStream(file));
}

function hashOf(parts: readonly Uint8Array[]): string {
  const hash = createHash('sha256');
  for (const part of parts) {
    hash.update(part);
  }
  return hash.digest('hex');
}
