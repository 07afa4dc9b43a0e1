import type { Task } from '../action/action.ts';
import { openStates } from '../action/task-state.ts';
import type { EndpointId } from '../endpoint/endpoint-id.ts';
import type { FileRecord } from '../file/file.ts';
import { displayPath } from '../file/file-path.ts';
import type { Guid } from '../file/guid.ts';
import type { Sha256 } from '../file/hash.ts';
import { hashesOf, preventingEntry } from '../list/judge.ts';
import type { ListedHash } from '../list/listed-hash.ts';
import type { Ports } from '../ports/ports.ts';
import type { Transaction } from '../ports/store/store.ts';
import { openAction } from './open-action.ts';

/** What is to be quarantined as soon as the store holds it. */
export interface BlockedFiles {
  readonly files: ReadonlyMap<Guid, ListedHash>;
  /** What was known of their places before. */
  readonly before: ReadonlyMap<Guid, FileRecord>;
}

/**
 * Those of the reported files that have a blocked hash, looked up before they are recorded: only then does it show which of them
 * are new. One question to the store where nothing is blocked.
 */
export async function findBlocked(
  { hashLists, files }: Transaction,
  reported: readonly FileRecord[],
  now: number,
): Promise<BlockedFiles> {
  if (reported.length === 0 || !(await hashLists.anyPreventing(now))) {
    return { files: new Map(), before: new Map() };
  }
  const listed = new Map(
    (await hashLists.byHashes([...new Set(reported.flatMap(hashesOf))])).map((entry) => [entry.hash, entry]),
  );
  const blocked = reported.flatMap((file) => {
    const entry = preventingEntry(hashesOf(file), listed, now);
    return entry === undefined ? [] : [[file.guid, entry] as const];
  });
  const before = await files.byGuids(blocked.map(([guid]) => guid));
  return { files: new Map(blocked), before: new Map(before.map((file) => [file.guid, file])) };
}

/**
 * Orders the new ones among them into their vaults, in the name of whoever blocked them: files that were not there before, or had
 * other bytes. A file of a machine that enrols is new, too. What is there already when its hash is blocked is left.
 * @returns the endpoints to ring for.
 */
export async function quarantineBlocked(
  ports: Pick<Ports, 'clock' | 'random' | 'policy'>,
  transaction: Transaction,
  { files: blocked, before }: BlockedFiles,
): Promise<readonly EndpointId[]> {
  if (blocked.size === 0) {
    return [];
  }
  const now = await transaction.files.byGuids([...blocked.keys()]);
  const fresh = now.filter((file) => file.state === 'present' && isNew(file, before.get(file.guid)));
  const ordered = await underWay(ports, transaction, fresh);
  for (const file of fresh.filter((each) => !ordered.has(keyOf(each.endpointId, each.displayPath, each.sha256)))) {
    const entry = blocked.get(file.guid);
    if (entry !== undefined) {
      await orderOne(ports, transaction, { file, entry });
    }
  }
  return [...new Set(fresh.map(({ endpointId }) => endpointId))];
}

function isNew(file: FileRecord, before: FileRecord | undefined): boolean {
  return before === undefined || before.state !== 'present' || before.sha256 !== file.sha256;
}

/** An agent may tell of a file again before it has carried out the order. */
async function underWay(
  { clock }: Pick<Ports, 'clock'>,
  { tasks }: Transaction,
  files: readonly FileRecord[],
): Promise<ReadonlySet<string>> {
  const keys = new Set<string>();
  for (const sha256 of new Set(files.map((file) => file.sha256))) {
    const open = (await tasks.unsettledQuarantines(sha256)).filter((task) => isOpen(task, clock.now()));
    const places = open.flatMap(({ endpointId, parameters }) =>
      placesOf(parameters, files).map((path) => ({ endpointId, path })),
    );
    for (const { endpointId, path } of places) {
      keys.add(keyOf(endpointId, path, sha256));
    }
  }
  return keys;
}

function isOpen({ state, deadline }: Task, now: number): boolean {
  return openStates.includes(state) && deadline > now;
}

/** One that goes by hash takes every copy. */
function placesOf(parameters: Task['parameters'], files: readonly FileRecord[]): readonly string[] {
  if (parameters.verb !== 'quarantine') {
    return [];
  }
  return parameters.path === null ? files.map((file) => file.displayPath) : [displayPath(parameters.path)];
}

async function orderOne(
  ports: Pick<Ports, 'clock' | 'random' | 'policy'>,
  transaction: Transaction,
  { file, entry }: { readonly file: FileRecord; readonly entry: ListedHash },
): Promise<void> {
  const { endpointId, path, sha256 } = file;
  const parameters = { verb: 'quarantine', path, sha256, overrideProtection: false } as const;
  await openAction(ports, transaction, {
    origin: { principal: entry.listedBy, dialect: entry.dialect, incidentId: entry.incidentId ?? undefined },
    targets: [{ endpointId, parameters }],
    facts: { because: 'block_list', hash: entry.hash },
  });
}

function keyOf(endpointId: EndpointId, path: string, sha256: Sha256): string {
  return `${endpointId} ${sha256} ${path}`;
}
