import { asFault } from '#core/fault.ts';
import { foldNodes, nodesOf } from '#core/ledger/subtree.ts';
import { emptyRoot, isSameHash } from '#core/ledger/tree-hash.ts';
import type { CheckpointSigner } from '#core/ports/checkpoint-signer.ts';
import type { Checkpoints, SignedCheckpoint } from '#core/ports/checkpoints.ts';
import type { Fs } from '#core/ports/fs.ts';
import type { Log } from '#core/ports/log.ts';
import type { Reader, Store } from '#core/ports/store/store.ts';
import { type Checkpoint, readCheckpoint } from '#wire/checkpoint.ts';
import { openNote, readNoteKey } from '#wire/signed-note.ts';
import type { DataDirectory } from './data-directory.ts';

interface CheckpointPorts {
  readonly fs: Fs;
  readonly log: Log;
  readonly store: Store;
  readonly signer: CheckpointSigner;
  readonly directory: DataDirectory;
}

/** Events that an older program wrote are made leaves in pieces, so that no transaction lasts. */
const sealedAtOnce = 2_000;

/**
 * Seals what is not sealed yet, holds the ledger against the checkpoint that was kept last, and keeps the newest from now on. A ledger
 * that contradicts it is told of in the log and goes on: files must be restored even then.
 */
export async function openCheckpoints(ports: CheckpointPorts): Promise<Checkpoints> {
  while ((await ports.store.transact(({ ledger }) => ledger.seal(sealedAtOnce))) === sealedAtOnce) {
    // The next piece.
  }
  await compare(ports);
  return new CheckpointFile(ports);
}

/** The checkpoint that was kept last. @throws Fault `invalid_request` where the file is none, or not of this key */
export async function readKeptCheckpoint(
  fs: Fs,
  directory: DataDirectory,
  verifierKey: string,
): Promise<Checkpoint | undefined> {
  const bytes = await fs.read(directory.checkpoint);
  return bytes === undefined
    ? undefined
    : readCheckpoint(openNote(new TextDecoder().decode(bytes), readNoteKey(verifierKey)));
}

class CheckpointFile implements Checkpoints {
  readonly origin: string;
  readonly verifierKey: string;
  readonly #ports: CheckpointPorts;
  #latest: SignedCheckpoint | undefined;
  #keeping: Promise<unknown> = Promise.resolve();

  constructor(ports: CheckpointPorts) {
    this.#ports = ports;
    this.origin = ports.signer.origin;
    this.verifierKey = ports.signer.verifierKey;
  }

  latest(): Promise<SignedCheckpoint> {
    // One after the other, so that an older one never takes the place of a newer one.
    const keeping = this.#keeping.then(() => this.#keep());
    this.#keeping = keeping.catch(() => undefined);
    return keeping;
  }

  async #keep(): Promise<SignedCheckpoint> {
    const { store, signer, fs, directory } = this.#ports;
    const frontier = await store.read(({ ledger }) => ledger.frontier());
    if (this.#latest?.size === frontier.size) {
      return this.#latest;
    }
    const note = await signer.sign(frontier);
    await fs.replace(directory.checkpoint, new TextEncoder().encode(note));
    this.#latest = { note, size: frontier.size };
    return this.#latest;
  }
}

async function compare({ fs, log, store, signer, directory }: CheckpointPorts): Promise<void> {
  try {
    const kept = await readKeptCheckpoint(fs, directory, signer.verifierKey);
    const holds = kept === undefined || (await store.read((reader) => beginsWith(reader, kept)));
    if (!holds) {
      log.error('The record of events is not the one that was signed: `custody verify` says where it differs.', {
        checkpoint: directory.checkpoint,
        events: kept.size,
      });
    }
  } catch (thrown) {
    log.error('The last checkpoint of the record of events cannot be checked.', {
      checkpoint: directory.checkpoint,
      cause: asFault(thrown),
    });
  }
}

async function beginsWith({ ledger }: Pick<Reader, 'ledger'>, { size, root }: Checkpoint): Promise<boolean> {
  if ((await ledger.frontier()).size < size) {
    return false;
  }
  return isSameHash(root, size === 0 ? emptyRoot : foldNodes(await ledger.nodes(nodesOf({ from: 0, to: size }))));
}
