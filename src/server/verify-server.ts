import { readFile } from 'node:fs/promises';
import { Fault } from '#core/fault.ts';
import { verifyHistory } from '#core/verbs/verify-history.ts';
import { type KnownCheckpoint, verifyLedger } from '#core/verbs/verify-ledger.ts';
import { readCheckpoint } from '#wire/checkpoint.ts';
import { openNote, readNoteKey } from '#wire/signed-note.ts';
import { createCheckpointSigner } from './checkpoint-signer.ts';
import { readKeptCheckpoints } from './checkpoints.ts';
import { openStore } from './compose.ts';
import type { ConfigSources } from './config.ts';
import { loadKeys } from './keys.ts';
import { type Prepared, prepare } from './open-data-directory.ts';
import { demandRecordsHere } from './records-place.ts';

export interface VerifyCommand {
  readonly sources: ConfigSources;
  /** Files with checkpoints that were kept elsewhere; all of them signed by this server. */
  readonly checkpoints: readonly string[];
}

export interface ServerVerdict {
  readonly events: number;
  readonly root: string;
  /** How many checkpoints the record was held against. */
  readonly checkpoints: number;
  /** The first thing that is wrong; null: nothing is. */
  readonly finding: { readonly kind: string; readonly sequence: number | null; readonly message: string } | null;
}

/**
 * `custody verify`: beside a running server or without one.
 * @throws Fault as `openStore` and `demandRecordsHere`, and for files that hold no checkpoint of it
 */
export async function verifyServer({ sources, checkpoints }: VerifyCommand): Promise<ServerVerdict> {
  const prepared = await prepare(sources, { mustExist: true });
  await demandRecordsHere({ ...prepared.machine, ...prepared });
  const known = await knownCheckpoints(prepared, checkpoints);
  const store = await openStore(prepared.machine, prepared.directory, prepared);
  try {
    const { events, root, finding: first } = await verifyLedger({ store }, known);
    // Events that are not as they were written prove nothing about the rest.
    const finding = first ?? (await verifyHistory({ store }));
    const shown = finding === undefined ? null : { ...finding, sequence: finding.sequence ?? null };
    return { events, root: Buffer.from(root).toString('base64'), checkpoints: known.length, finding: shown };
  } finally {
    await store.close();
  }
}

async function knownCheckpoints(
  { machine, directory, config }: Prepared,
  files: readonly string[],
): Promise<readonly KnownCheckpoint[]> {
  const signsOrders = config.CUSTODY_SIGNER.kind === 'local';
  const keys = await loadKeys({ ...machine, directory }, { signsOrders });
  const { verifierKey } = createCheckpointSigner(keys.ledgerKeyPem, keys.ledgerOrigin);
  const kept = await readKeptCheckpoints(machine.fs, directory, verifierKey);
  const given = await Promise.all(files.map((file) => checkpointIn(file, verifierKey)));
  return [...kept, ...given];
}

async function checkpointIn(file: string, verifierKey: string): Promise<KnownCheckpoint> {
  try {
    return readCheckpoint(openNote(await readFile(file, 'utf8'), readNoteKey(verifierKey)));
  } catch (cause) {
    const message = `${file} is no checkpoint that this server signed.`;
    throw new Fault('invalid_request', message, { cause });
  }
}
