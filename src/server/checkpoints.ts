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

/** What was kept of the ledger outside the store. @throws Fault `invalid_request` where a file is none, or not of this key */
export async function readKeptCheckpoints(
  fs: Fs,
  directory: DataDirectory,
  verifierKey: string,
): Promise<readonly Checkpoint[]> {
  const files = [directory.checkpoint, directory.contradicted];
  const kept = await Promise.all(files.map((file) => readOne(fs, file, verifierKey)));
  return kept.filter((each) => each !== undefined);
}

async function readOne(fs: Fs, file: string, verifierKey: string): Promise<Checkpoint | undefined> {
  const bytes = await fs.read(file);
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
    const kept = await readOne(fs, directory.checkpoint, signer.verifierKey);
    const holds = kept === undefined || (await store.read((reader) => beginsWith(reader, kept)));
    if (!holds) {
      await keepAside(fs, directory);
      log.error('The record of events is not the one that was signed: `custody verify` says where it differs.', {
        checkpoint: directory.contradicted,
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

/** The next checkpoint takes the place of the last one. The first that was contradicted says the most. */
async function keepAside(fs: Fs, directory: DataDirectory): Promise<void> {
  const [first, last] = [await fs.read(directory.contradicted), await fs.read(directory.checkpoint)];
  if (first === undefined && last !== undefined) {
    await fs.replace(directory.contradicted, last);
  }
}

async function beginsWith({ ledger }: Pick<Reader, 'ledger'>, { size, root }: Checkpoint): Promise<boolean> {
  if ((await ledger.frontier()).size < size) {
    return false;
  }
  return isSameHash(root, size === 0 ? emptyRoot : foldNodes(await ledger.nodes(nodesOf({ from: 0, to: size }))));
}
