import { randomBytes, randomUUID } from 'node:crypto';
import type { Task } from '#core/action/action.ts';
import type { TaskId } from '#core/action/action-id.ts';
import type {
  FetchParameters,
  PlanParameters,
  PurgeParameters,
  QuarantineParameters,
  RestoreObjectsParameters,
  RestoreParameters,
  SearchParameters,
  UndoParameters,
} from '#core/action/verb.ts';
import type { Endpoint } from '#core/endpoint/endpoint.ts';
import { displayPath, type FilePath, parsePath } from '#core/file/file-path.ts';
import { type VaultObjectId, vaultObjectIdSchema } from '#core/file/vault-object-id.ts';
import type { UploadId } from '#core/ports/blobs.ts';
import type { Ports } from '#core/ports/ports.ts';
import { demandUpload } from '#core/verbs/demand-upload.ts';
import type { FileReport } from '#core/verbs/received-report.ts';
import { recordAccepted } from '#core/verbs/record-accepted.ts';
import { claimEvidence, recordEvidence } from '#core/verbs/record-evidence.ts';
import { recordReports } from '#core/verbs/record-reports.ts';
import { takeDeliverable } from '#core/verbs/take-deliverable.ts';
import { encode } from '#wire/codec.ts';
import type { Report } from '#wire/report.ts';
import { signAs } from './device-keys.ts';
import { sha256Of } from './fleet.ts';

/**
 * An agent whose disk is a map: it takes its orders and reports through the use cases, as the gateway does for a real
 * one. Paths are in the form of `displayPath`. What it is asked for while it is at something comes after that.
 */
export interface TestAgent {
  readonly endpoint: Endpoint;
  readonly disk: Map<string, Uint8Array>;
  /** Says that it has its orders, and does nothing yet. */
  accept(): Promise<void>;
  /** Carries out and reports everything that is open; without paths as an agent does whose report would not fit a frame. */
  work(options?: { readonly withoutPaths: boolean }): Promise<void>;
  /** Carries out everything that is open, and nobody hears of it: not even that it has its orders. */
  workSilently(): Promise<void>;
  /** Reports everything that is open as withdrawn, with nothing done. */
  abort(): Promise<void>;
}

interface Machine {
  readonly ports: Ports;
  readonly endpoint: Endpoint;
  readonly disk: Map<string, Uint8Array>;
  readonly vault: Map<VaultObjectId, Held>;
  /** Quarantines that were undone: they never begin, though their orders come later. */
  readonly undone: Set<TaskId>;
}

interface Held {
  readonly path: string;
  readonly bytes: Uint8Array;
  /** Which order took it. */
  readonly by: TaskId;
}

export function startAgent(
  ports: Ports,
  endpoint: Endpoint,
  disk: Readonly<Record<string, Uint8Array>> = {},
): TestAgent {
  const machine: Machine = {
    ports,
    endpoint,
    disk: new Map(Object.entries(disk)),
    vault: new Map(),
    undone: new Set(),
  };
  const inTurn = newTurns();
  return {
    endpoint,
    disk: machine.disk,
    accept: () => inTurn(async () => void (await takeOrders(machine))),
    work: ({ withoutPaths } = { withoutPaths: false }) => inTurn(() => workOpen(machine, withoutPaths)),
    workSilently: () =>
      inTurn(async () => {
        for (const task of await takeDeliverable(ports, { endpointIds: [endpoint.id] })) {
          await carryOut(machine, task);
        }
      }),
    abort: () =>
      inTurn(async () => {
        for (const task of await takeOrders(machine)) {
          await report(machine, task, [reported({ outcome: 'cancelled', reason: 'withdrawn' })]);
        }
      }),
  };
}

/** A real agent never executes an order twice; this one keeps no journal, and so does one thing after another. */
function newTurns(): (does: () => Promise<void>) => Promise<void> {
  let last: Promise<unknown> = Promise.resolve();
  return (does) => {
    const turn = last.then(does);
    last = turn.catch(() => undefined);
    return turn;
  };
}

async function workOpen(machine: Machine, withoutPaths: boolean): Promise<void> {
  for (const task of await takeOrders(machine)) {
    const files = await carryOut(machine, task);
    await report(machine, task, withoutPaths ? files.map((file) => ({ ...file, path: null })) : files);
  }
}

async function takeOrders({ ports, endpoint }: Machine): Promise<readonly Task[]> {
  const tasks = await takeDeliverable(ports, { endpointIds: [endpoint.id] });
  await recordAccepted(ports, [{ endpointId: endpoint.id, taskIds: tasks.map((task) => task.id) }]);
  return tasks;
}

async function report({ ports, endpoint }: Machine, task: Task, files: readonly FileReport[]): Promise<void> {
  const { actionId, id: taskId } = task;
  const now = ports.clock.now();
  const words: Report = {
    ...{ v: 1, endpointId: endpoint.id, actionId, taskId, startedAt: now, finishedAt: now },
    files: files.map(({ losses, ...file }) => ({ ...file, losses: [...losses] })),
  };
  const bytes = encode(words);
  const signed = { bytes, signature: signAs(endpoint, bytes) };
  await recordReports(ports, [
    { endpoint, actionId: task.actionId, taskId: task.id, finishedAt: ports.clock.now(), files, signed },
  ]);
}

function carryOut(machine: Machine, task: Task): Promise<readonly FileReport[]> {
  switch (task.parameters.verb) {
    case 'fetch':
      return fetchFiles(machine, task, task.parameters);
    case 'quarantine':
      return quarantineFile(machine, task.parameters, task.id);
    case 'restore':
      return restoreCopies(machine, task.parameters, task.id);
    case 'restore_objects':
      return restoreObjects(machine, task.parameters, task.id);
    case 'undo':
      return undoQuarantine(machine, task.parameters);
    case 'plan':
      return planRestore(machine, task.parameters);
    case 'purge':
      return purgeCopies(machine, task.parameters);
    case 'search':
      return searchDisk(machine, task.parameters);
    case 'logs':
      return sendLogs(machine, task);
    case 'scan':
      return Promise.resolve([reported({ outcome: 'done', message: 'All roots were scanned.' })]);
  }
}

async function fetchFiles(machine: Machine, task: Task, { files }: FetchParameters): Promise<readonly FileReport[]> {
  const reports: FileReport[] = [];
  for (const [ordinal, { path, vaultObject, indexedSha256 }] of files.entries()) {
    const bytes = vaultObject === null ? machine.disk.get(displayPath(path)) : machine.vault.get(vaultObject)?.bytes;
    const facts =
      bytes === undefined ? { outcome: 'not_found' as const } : await upload(machine, task, { ordinal, bytes });
    const changed = indexedSha256 !== null && 'sha256' in facts && facts.sha256 !== indexedSha256;
    const details = {
      ...(changed && { indexedSha256 }),
      ...(vaultObject !== null && { fromVault: vaultObject }),
    };
    reports.push(reported({ ordinal, path, vaultObject, details, ...facts }));
  }
  return reports;
}

async function upload(
  { ports, endpoint }: Machine,
  task: Task,
  { ordinal, bytes }: { readonly ordinal: number; readonly bytes: Uint8Array },
): Promise<Pick<FileReport, 'outcome' | 'sha256' | 'size'>> {
  const file = { sha256: sha256Of(bytes), size: bytes.length };
  const offer = { endpointId: endpoint.id, taskId: task.id, ordinal, ...file };
  const isHeld = (await demandUpload(ports, offer)) === 'stored';
  if (!(isHeld && (await claimEvidence(ports, offer)))) {
    const name = randomBytes(32).toString('hex') as UploadId;
    const body = new Blob([new Uint8Array(bytes)]).stream();
    await ports.blobs?.append(name, { offset: 0, body, limit: bytes.length });
    await ports.blobs?.commit(name, file.sha256);
    await recordEvidence(ports, offer);
  }
  return { outcome: 'done', ...file };
}

async function quarantineFile(
  machine: Machine,
  parameters: QuarantineParameters,
  by: TaskId,
): Promise<readonly FileReport[]> {
  const { path, sha256 } = parameters;
  if (machine.undone.has(by)) {
    return [reported({ outcome: 'cancelled', reason: 'superseded' })];
  }
  if (path === null) {
    const copies = [...machine.disk].filter(([, bytes]) => sha256Of(bytes) === sha256);
    const reports = copies.map(([name], ordinal) => takeFile(machine, { name, ordinal, by }));
    return reports.length === 0 ? [reported({ outcome: 'not_found', sha256 })] : reports;
  }
  const name = displayPath(path);
  const bytes = machine.disk.get(name);
  if (bytes === undefined || (sha256 !== null && sha256Of(bytes) !== sha256)) {
    return [reported({ path, outcome: bytes === undefined ? 'not_found' : 'hash_mismatch' })];
  }
  return [takeFile(machine, { name, ordinal: 0, by })];
}

function takeFile(
  { disk, vault }: Machine,
  { name, ordinal, by }: { readonly name: string; readonly ordinal: number; readonly by: TaskId },
): FileReport {
  const bytes = disk.get(name) ?? new Uint8Array(0);
  const vaultObject = vaultObjectIdSchema.parse(randomUUID());
  disk.delete(name);
  vault.set(vaultObject, { path: name, bytes, by });
  const facts = { path: parsePath(name), sha256: sha256Of(bytes), size: bytes.length, vaultObject };
  return reported({ ordinal, outcome: 'done', effect: 'taken', ...facts });
}

/** Does not know `keep_both`. */
async function restoreCopies(
  machine: Machine,
  parameters: RestoreParameters,
  by: TaskId,
): Promise<readonly FileReport[]> {
  const { disk, vault } = machine;
  const { sha256, to, ifOccupied } = parameters;
  const reports: FileReport[] = [];
  for (const [vaultObject, { path, bytes }] of copiesOf(machine, parameters)) {
    const name = to === null ? path : displayPath(to);
    const place = { ordinal: reports.length, path: parsePath(name), sha256, size: bytes.length, vaultObject };
    if (disk.has(name) && ifOccupied !== 'swap') {
      reports.push(reported({ ...place, outcome: 'conflict', reason: 'occupied' }));
      continue;
    }
    const occupant = disk.has(name) ? [takeFile(machine, { name, ordinal: reports.length + 1, by })] : [];
    disk.set(name, bytes);
    vault.delete(vaultObject);
    const details = name === path ? {} : { originalPath: path };
    reports.push(reported({ ...place, outcome: 'done', effect: 'returned', details }), ...occupant);
  }
  return reports.length === 0 ? [reported({ outcome: 'already_done', sha256 })] : reports;
}

async function restoreObjects(
  machine: Machine,
  { sha256, objects }: RestoreObjectsParameters,
  by: TaskId,
): Promise<readonly FileReport[]> {
  const reports: FileReport[] = [];
  for (const object of objects) {
    const found = await restoreCopies(machine, { verb: 'restore', sha256, ...object }, by);
    reports.push(...found.map((each) => ({ ...each, vaultObject: each.vaultObject ?? object.vaultObject })));
  }
  return reports.map((each, ordinal) => ({ ...each, ordinal }));
}

/** Knows free and occupied places only. */
async function planRestore(machine: Machine, parameters: PlanParameters): Promise<readonly FileReport[]> {
  const { sha256, to } = parameters;
  const reports = copiesOf(machine, parameters).map(([vaultObject, { path, bytes }], ordinal) => {
    const name = to === null ? path : displayPath(to);
    const there = machine.disk.get(name);
    const isSame = there !== undefined && sha256Of(there) === sha256;
    const occupied = isSame ? ('occupied_same' as const) : ('occupied_other' as const);
    const details = { finding: there === undefined ? ('free' as const) : occupied };
    const facts = { path: parsePath(name), sha256, size: bytes.length, vaultObject };
    return reported({ ordinal, ...facts, outcome: 'done', details });
  });
  return reports.length === 0 ? [reported({ outcome: 'done', sha256, details: { finding: 'not_held' } })] : reports;
}

async function undoQuarantine(machine: Machine, { taskId }: UndoParameters): Promise<readonly FileReport[]> {
  const { disk, vault, undone } = machine;
  undone.add(taskId);
  const taken = [...vault].filter(([, { by }]) => by === taskId);
  const reports = taken.map(([vaultObject, { path, bytes }], ordinal) => {
    const facts = { path: parsePath(path), sha256: sha256Of(bytes), size: bytes.length, vaultObject };
    if (disk.has(path)) {
      return reported({ ordinal, ...facts, outcome: 'conflict', reason: 'occupied' });
    }
    disk.set(path, bytes);
    vault.delete(vaultObject);
    return reported({ ordinal, ...facts, outcome: 'done', effect: 'returned' });
  });
  return reports.length === 0 ? [reported({ outcome: 'not_found' })] : reports;
}

async function purgeCopies(machine: Machine, parameters: PurgeParameters): Promise<readonly FileReport[]> {
  const reports = copiesOf(machine, parameters).map(([vaultObject, { path, bytes }], ordinal) => {
    machine.vault.delete(vaultObject);
    const facts = { path: parsePath(path), sha256: parameters.sha256, size: bytes.length, vaultObject };
    return reported({ ordinal, outcome: 'done', effect: 'purged', ...facts });
  });
  return reports.length === 0 ? [reported({ outcome: 'already_done', sha256: parameters.sha256 })] : reports;
}

function copiesOf({ vault }: Machine, { sha256, vaultObject }: RestoreParameters | PlanParameters | PurgeParameters) {
  return [...vault].filter(
    ([id, copy]) => sha256Of(copy.bytes) === sha256 && (vaultObject === null || [vaultObject].flat().includes(id)),
  );
}

/** Its log says who it is. */
async function sendLogs(machine: Machine, task: Task): Promise<readonly FileReport[]> {
  const bytes = new TextEncoder().encode(`the log of ${machine.endpoint.hostName}\n`);
  const facts = await upload(machine, task, { ordinal: 0, bytes });
  return [reported({ path: parsePath('/var/lib/custody-agent/logs/agent.log'), ...facts })];
}

/** Knows hashes, whole paths and regular expressions only. */
async function searchDisk(
  { disk }: Machine,
  { pattern, live, under, limit }: SearchParameters,
): Promise<readonly FileReport[]> {
  const start = under === null ? '' : `${displayPath(under).replace(/\/$/, '')}/`;
  const found = [...disk].filter(
    ([name, bytes]) =>
      name.startsWith(start) &&
      ((pattern.by === 'sha256' && sha256Of(bytes) === pattern.sha256) ||
        (pattern.by === 'path' && displayPath(pattern.path) === name) ||
        (pattern.by === 'regex' && new RegExp(pattern.regex, 'u').test(name))),
  );
  const cut = found.length > limit ? { cut: 'limit' as const } : {};
  const reports = found.slice(0, limit).map(([name, bytes], ordinal) => {
    const facts = { path: parsePath(name), sha256: sha256Of(bytes), size: bytes.length };
    const details = { live, modifiedNs: '1700000000000000000', ...(ordinal === 0 ? cut : {}) };
    return reported({ ordinal, outcome: 'done', ...facts, details });
  });
  return reports.length === 0 ? [reported({ outcome: 'done', message: 'No file matches.' })] : reports;
}

function reported(facts: Partial<FileReport> & Pick<FileReport, 'outcome'> & { path?: FilePath }): FileReport {
  return {
    ordinal: 0,
    reason: null,
    message: '',
    path: null,
    sha256: null,
    size: null,
    vaultObject: null,
    effect: null,
    losses: [],
    details: {},
    ...facts,
  };
}
