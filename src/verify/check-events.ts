import { bundleNames as names } from '#core/bundle/layout.ts';
import { proofLineSchema } from '#core/bundle/manifest.ts';
import { type HiddenPart, provesPart } from '#core/ledger/part-proof.ts';
import { hashLeaf, type TreeHash } from '#core/ledger/tree-hash.ts';
import type { Checkpoint } from '#wire/checkpoint.ts';
import { Finding } from './finding.ts';
import { type BundleFiles, parse } from './read-bundle.ts';
import { leafHead } from './read-leaf.ts';

export interface ProvedEvents {
  /** Without the export itself. */
  readonly count: number;
  /** The line of the export's event. */
  readonly exported: string;
  /** The lines that tell how a task ended. */
  readonly finished: readonly string[];
}

/** That every event of a bundle is in the ledger of the checkpoint. @throws Finding */
export async function checkEvents(files: BundleFiles, { size, root }: Checkpoint): Promise<ProvedEvents> {
  const indices: number[] = [];
  const hashes: TreeHash[] = [];
  const finished: string[] = [];
  const take = (line: string, name: string) => {
    const { sequence, type } = leafHead(line, name);
    if (sequence - 1 <= (indices.at(-1) ?? -1)) {
      throw new Finding('events_unproved', `In ${name} event ${sequence} is not in its place.`);
    }
    indices.push(sequence - 1);
    hashes.push(hashLeaf(encoder.encode(line)));
    if (type === 'task_finished') {
      finished.push(line);
    }
  };
  await files.eachLine(names.events, (line) => take(line, names.events));
  const exported = await exportLine(files);
  take(exported, names.exported);
  if (!provesPart(await proofOf(files), { leaves: { indices, hashes }, size, root })) {
    const message = `The events are not those of the ledger: with ${names.proof} they do not lead to its root.`;
    throw new Finding('events_unproved', message);
  }
  return { count: indices.length - 1, exported, finished };
}

const encoder = new TextEncoder();

async function exportLine(files: BundleFiles): Promise<string> {
  const lines: string[] = [];
  await files.eachLine(names.exported, (line) => lines.push(line));
  const [line, ...others] = lines;
  if (line === undefined || others.length > 0 || leafHead(line, names.exported).type !== 'bundle_exported') {
    throw new Finding('malformed', `${names.exported} has not just the one event of the export.`);
  }
  return line;
}

async function proofOf(files: BundleFiles): Promise<readonly HiddenPart[]> {
  const parts: HiddenPart[] = [];
  await files.eachLine(names.proof, (line) => {
    const [from, to, hash] = parse(names.proof, line, proofLineSchema);
    parts.push({ from, to, hash: new Uint8Array(Buffer.from(hash, 'base64')) });
  });
  return parts;
}
