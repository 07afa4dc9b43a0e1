import { randomBytes, randomUUID } from 'node:crypto';
import type { Task } from '#core/action/action.ts';
import type { FetchParameters, QuarantineParameters, RestoreParameters } from '#core/action/verb.ts';
import type { Endpoint } from '#core/endpoint/endpoint.ts';
import { displayPath, type FilePath, parsePath } from '#core/file/file-path.ts';
import { type VaultObjectId, vaultObjectIdSchema } from '#core/file/quarantine-record.ts';
import type { UploadId } from '#core/ports/blobs.ts';
import type { Ports } from '#core/ports/ports.ts';
import { demandUpload } from '#core/verbs/demand-upload.ts';
import { recordAccepted } from '#core/verbs/record-accepted.ts';
import { recordEvidence } from '#core/verbs/record-evidence.ts';
import { type FileReport, recordReports } from '#core/verbs/record-reports.ts';
import { takeDeliverable } from '#core/verbs/take-deliverable.ts';
import { sha256Of } from './fleet.ts';

/**
 * An agent whose disk is a map: it takes its orders and reports through the use cases, as the gateway does for a real
 * one. Paths are in the form of `displayPath`.
 */
export interface TestAgent {
  readonly endpoint: Endpoint;
  readonly disk: Map<string, Uint8Array>;
  /** Says that it has its orders, and does nothing yet. */
  accept(): Promise<void>;
  /** Carries out and reports everything that is open. */
  work(): Promise<void>;
  /** Reports everything that is open as withdrawn, with nothing done. */
  abort(): Promise<void>;
}

interface Machine {
  readonly ports: Ports;
  readonly endpoint: Endpoint;
  readonly disk: Map<string, Uint8Array>;
  readonly vault: Map<VaultObjectId, { readonly path: string; readonly bytes: Uint8Array }>;
}

export function startAgent(
  ports: Ports,
  endpoint: Endpoint,
  disk: Readonly<Record<string, Uint8Array>> = {},
): TestAgent {
  const machine: Machine = { ports, endpoint, disk: new Map(Object.entries(disk)), vault: new Map() };
  return {
    endpoint,
    disk: machine.disk,
    accept: async () => void (await takeOrders(machine)),
    async work() {
      for (const task of await takeOrders(machine)) {
        await report(machine, task, await carryOut(machine, task));
      }
    },
    async abort() {
      for (const task of await takeOrders(machine)) {
        await report(machine, task, [reported({ outcome: 'cancelled', reason: 'withdrawn' })]);
      }
    },
  };
}

async function takeOrders({ ports, endpoint }: Machine): Promise<readonly Task[]> {
  const tasks = await takeDeliverable(ports, { endpointIds: [endpoint.id] });
  await recordAccepted(ports, [{ endpointId: endpoint.id, taskIds: tasks.map((task) => task.id) }]);
  return tasks;
}

async function report({ ports, endpoint }: Machine, task: Task, files: readonly FileReport[]): Promise<void> {
  const signed = { bytes: new Uint8Array(1), signature: new Uint8Array(64) };
  await recordReports(ports, [{ endpoint, actionId: task.actionId, taskId: task.id, files, signed }]);
}

function carryOut(machine: Machine, task: Task): Promise<readonly FileReport[]> {
  switch (task.parameters.verb) {
    case 'fetch':
      return fetchFiles(machine, task, task.parameters);
    case 'quarantine':
      return quarantineFile(machine, task.parameters);
    case 'restore':
      return restoreCopies(machine, task.parameters);
  }
}

async function fetchFiles(machine: Machine, task: Task, { files }: FetchParameters): Promise<readonly FileReport[]> {
  const reports: FileReport[] = [];
  for (const [ordinal, { path }] of files.entries()) {
    const bytes = machine.disk.get(displayPath(path));
    const facts =
      bytes === undefined ? { outcome: 'not_found' as const } : await upload(machine, task, { ordinal, bytes });
    reports.push(reported({ ordinal, path, ...facts }));
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
  if ((await demandUpload(ports, offer)) === 'needed') {
    const name = randomBytes(32).toString('hex') as UploadId;
    const body = new Blob([new Uint8Array(bytes)]).stream();
    await ports.blobs?.append(name, { offset: 0, body, limit: bytes.length });
    await ports.blobs?.commit(name, file.sha256);
  }
  await recordEvidence(ports, offer);
  return { outcome: 'done', ...file };
}

async function quarantineFile(
  { disk, vault }: Machine,
  { path, sha256 }: QuarantineParameters,
): Promise<readonly FileReport[]> {
  const name = displayPath(path);
  const bytes = disk.get(name);
  if (bytes === undefined || sha256Of(bytes) !== sha256) {
    return [reported({ path, outcome: bytes === undefined ? 'not_found' : 'hash_mismatch' })];
  }
  const vaultObject = vaultObjectIdSchema.parse(randomUUID());
  disk.delete(name);
  vault.set(vaultObject, { path: name, bytes });
  return [reported({ path, outcome: 'done', sha256, size: bytes.length, vaultObject })];
}

async function restoreCopies({ disk, vault }: Machine, { sha256 }: RestoreParameters): Promise<readonly FileReport[]> {
  const copies = [...vault].filter(([, copy]) => sha256Of(copy.bytes) === sha256);
  const reports = copies.map(([vaultObject, { path, bytes }], ordinal) => {
    const place = { ordinal, path: parsePath(path), sha256, size: bytes.length, vaultObject };
    if (disk.has(path)) {
      return reported({ ...place, outcome: 'conflict', reason: 'occupied' });
    }
    disk.set(path, bytes);
    vault.delete(vaultObject);
    return reported({ ...place, outcome: 'done' });
  });
  return reports.length === 0 ? [reported({ outcome: 'already_done', sha256 })] : reports;
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
    losses: [],
    ...facts,
  };
}
