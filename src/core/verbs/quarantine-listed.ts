import type { Task } from '../action/action.ts';
import type { EndpointId } from '../endpoint/endpoint-id.ts';
import type { FileRecord } from '../file/file.ts';
import { displayPath } from '../file/file-path.ts';
import type { Sha256 } from '../file/hash.ts';
import { hashesOf, preventingEntry } from '../list/judge.ts';
import type { ListedHash } from '../list/listed-hash.ts';
import type { Ports } from '../ports/ports.ts';
import type { Transaction } from '../ports/store/store.ts';
import type { Milliseconds } from '../time.ts';
import { openAction } from './open-action.ts';

/** A file that was not there before, and the entry of the block list that says what it is. */
export interface BlockedFile {
  readonly file: FileRecord;
  readonly entry: ListedHash;
}

/**
 * Of the files that an agent reports, those that are new and have a blocked hash, looked up before they are recorded: only then
 * does it show that no present file with the same bytes was at the same path. A file of a machine that enrols is new; of a list
 * that is sent again, none is. One question to the store where nothing is blocked.
 */
export async function findBlocked(
  { hashLists, files }: Pick<Transaction, 'hashLists' | 'files'>,
  reported: readonly FileRecord[],
  now: Milliseconds,
): Promise<readonly BlockedFile[]> {
  if (reported.length === 0 || !(await hashLists.anyPreventing(now))) {
    return [];
  }
  const hashes = [...new Set(reported.flatMap(hashesOf))];
  const listed = new Map((await hashLists.byHashes(hashes)).map((entry) => [entry.hash, entry]));
  // What is said of a path last is what is recorded.
  const last = new Map(reported.map((file) => [file.guid, file]));
  const blocked = [...last.values()].flatMap((file) => {
    const entry = preventingEntry(hashesOf(file), listed, now);
    return entry === undefined ? [] : [{ file, entry }];
  });
  if (blocked.length === 0) {
    return [];
  }
  const before = new Map((await files.byGuids(blocked.map(({ file }) => file.guid))).map((file) => [file.guid, file]));
  return blocked.filter(({ file }) => isNew(file, before.get(file.guid)));
}

/**
 * Orders them into the vault, in the name of whoever blocked them, unless an order for them is on its way. What the vault has
 * taken already is left, and so is what could not be recorded.
 * @returns the endpoints to ring for.
 */
export async function quarantineBlocked(
  ports: Pick<Ports, 'clock' | 'random' | 'policy'>,
  transaction: Transaction,
  { endpointId, blocked }: { readonly endpointId: EndpointId; readonly blocked: readonly BlockedFile[] },
): Promise<readonly EndpointId[]> {
  if (blocked.length === 0) {
    return [];
  }
  const recorded = await transaction.files.byGuids(blocked.map(({ file }) => file.guid));
  const present = new Set(
    recorded.filter((file) => file.endpointId === endpointId && file.state === 'present').map(({ guid }) => guid),
  );
  const sha256 = [...new Set(blocked.map(({ file }) => file.sha256))];
  const open = await transaction.tasks.openQuarantines({ endpointId, sha256, now: ports.clock.now() });
  // One that waits for a second person may never leave.
  const ordered = new Set(open.filter(({ state }) => state !== 'held').flatMap(placesOf));
  const isOrdered = ({ file }: BlockedFile) =>
    ordered.has(placeOf(file)) || ordered.has(placeOf({ sha256: file.sha256, path: null }));
  const taken = blocked.filter((each) => present.has(each.file.guid) && !isOrdered(each));
  for (const each of taken) {
    await orderOne(ports, transaction, each);
  }
  return taken.length === 0 ? [] : [endpointId];
}

function isNew(file: FileRecord, before: FileRecord | undefined): boolean {
  return before === undefined || before.state !== 'present' || before.sha256 !== file.sha256;
}

/** One that goes by hash takes every copy, but one that the agent has begun may have passed the place of a new one. */
function placesOf({ parameters, acceptedAt }: Task): readonly string[] {
  if (parameters.verb !== 'quarantine' || (parameters.path === null && acceptedAt !== null)) {
    return [];
  }
  return [placeOf(parameters)];
}

/** Null: wherever it is. */
function placeOf({ sha256, path }: { readonly sha256: Sha256 | null; readonly path: Uint8Array | null }): string {
  return `${sha256} ${path === null ? '' : Buffer.from(path).toString('latin1')}`;
}

async function orderOne(
  ports: Pick<Ports, 'clock' | 'random' | 'policy'>,
  transaction: Transaction,
  { file, entry }: BlockedFile,
): Promise<void> {
  const { endpointId, path, sha256 } = file;
  const { hash, comment, listedAt } = entry;
  await openAction(ports, transaction, {
    origin: { principal: entry.listedBy, dialect: entry.dialect, incidentId: entry.incidentId ?? undefined },
    targets: [{ endpointId, parameters: { verb: 'quarantine', path, sha256, overrideProtection: false } }],
    facts: { because: 'block_list', hash, comment, listedAt, endpointId, path: displayPath(path), sha256 },
  });
}
