import { createHash } from 'node:crypto';
import type { Action, FileOutcome, Task } from '#core/action/action.ts';
import type { ActionId, TaskId } from '#core/action/action-id.ts';
import type { TaskState } from '#core/action/task-state.ts';
import type { NewEvent } from '#core/custody/event.ts';
import type { Endpoint } from '#core/endpoint/endpoint.ts';
import type { EndpointId, EndpointNumber } from '#core/endpoint/endpoint-id.ts';
import type { FileRecord } from '#core/file/file.ts';
import { displayPath, type FilePath, fileName, filePathSchema } from '#core/file/file-path.ts';
import { fileGuid } from '#core/file/guid.ts';
import { type Md5, type Sha1, type Sha256, sha256Schema } from '#core/file/hash.ts';
import type { QuarantineRecord } from '#core/file/quarantine-record.ts';
import type { VaultObjectId } from '#core/file/vault-object-id.ts';
import type { Store } from '#core/ports/store/store.ts';

export function sha256Of(text: string): Sha256 {
  return sha256Schema.parse(createHash('sha256').update(text).digest('hex'));
}

export function pathOf(text: string): FilePath {
  return filePathSchema.parse(new TextEncoder().encode(text));
}

function hex(number: number, length: number): string {
  return number.toString(16).padStart(length, '0');
}

export function endpointId(number: number): EndpointId {
  return hex(number, 32) as EndpointId;
}

export function endpointNumber(number: number): EndpointNumber {
  return (100_000_000 + number) as EndpointNumber;
}

export function endpointOf(number: number, more: Partial<Endpoint> = {}): Endpoint {
  return {
    id: endpointId(number),
    number: endpointNumber(number),
    devicePublicKey: Uint8Array.of(0, 255, number % 256),
    vaultRecipient: `age1vault${number}`,
    alias: `alias-${number}`,
    tags: ['blue', 'green'],
    hostName: `host-${number}`,
    platform: 'linux',
    operatingSystem: 'Debian',
    operatingSystemVersion: '12',
    architecture: 'x86_64',
    addresses: [`10.0.0.${number}`],
    macAddresses: ['00:11:22:33:44:55'],
    users: ['root', `user${number}`],
    domain: 'example.test',
    agentVersion: '0.1.0',
    roots: ['/srv'],
    limitations: [],
    enrolledAt: 1_000 + number,
    lastSeen: 2_000 + number,
    connectedUntil: null,
    revokedAt: null,
    archivedAt: null,
    archiveReason: '',
    ...more,
  };
}

export function fileOf(endpoint: number, path: string | FilePath, more: Partial<FileRecord> = {}): FileRecord {
  const bytes = typeof path === 'string' ? pathOf(path) : path;
  const seed = `${endpoint}:${displayPath(bytes)}`;
  return {
    guid: fileGuid(endpointNumber(endpoint), bytes),
    endpointId: endpointId(endpoint),
    path: bytes,
    displayPath: displayPath(bytes),
    name: fileName(bytes),
    size: 42,
    sha256: sha256Of(seed),
    sha1: createHash('sha1').update(seed).digest('hex') as Sha1,
    md5: createHash('md5').update(seed).digest('hex') as Md5,
    modifiedNs: '1763837000123456789',
    changedNs: '-9223372036854775808',
    createdNs: null,
    mode: 0o4755,
    uid: 4_294_967_295,
    gid: 0,
    owner: 'root',
    kind: 'elf',
    package: null,
    state: 'present',
    seenAt: 3_000,
    firstSeenAt: 3_000,
    ...more,
  };
}

export function actionId(number: number): ActionId {
  return String(number) as ActionId;
}

export function actionOf(number: number, more: Partial<Action> = {}): Action {
  return {
    id: actionId(number),
    verb: 'quarantine',
    principal: { kind: 'user', id: 'u1', name: 'someone@example.test' },
    claimedInitiator: null,
    reason: null,
    dialect: 'native',
    incidentId: null,
    batchNumber: null,
    createdAt: 1_000,
    deadline: 9_000,
    closedAt: null,
    endpointsCount: 1,
    ...more,
  };
}

export function taskId(number: number): TaskId {
  return hex(number, 32) as TaskId;
}

export function taskOf(number: number, more: Partial<Task> = {}): Task {
  return {
    id: taskId(number),
    actionId: actionId(1),
    endpointId: endpointId(1),
    ordinal: number,
    parameters: {
      verb: 'quarantine',
      path: pathOf('/bin/evil'),
      sha256: sha256Of('evil'),
      overrideProtection: false,
    },
    state: 'pending',
    ring: null,
    createdAt: 1_000,
    deadline: 9_000,
    acceptedAt: null,
    endedAt: null,
    stopRequestedAt: null,
    lateStopAt: null,
    report: null,
    round: 1,
    retriedBy: null,
    confirmedAt: null,
    confirmationAwaitedAt: null,
    ...more,
  };
}

export function outcomeOf(task: number, ordinal: number, more: Partial<FileOutcome> = {}): FileOutcome {
  return {
    taskId: taskId(task),
    ordinal,
    outcome: 'done',
    reason: null,
    message: 'Done.',
    path: null,
    displayPath: '/bin/evil',
    fileGuid: null,
    sha256: null,
    size: null,
    vaultObject: null,
    effect: null,
    losses: [],
    details: {},
    endedAt: 5_000,
    deliveredAt: null,
    ...more,
  };
}

export function vaultObject(number: number): VaultObjectId {
  return `00000000-0000-4000-8000-${hex(number, 12)}` as VaultObjectId;
}

export function quarantineOf(number: number, more: Partial<QuarantineRecord> = {}): QuarantineRecord {
  return {
    vaultObject: vaultObject(number),
    guid: fileGuid(endpointNumber(1), pathOf(`/vault/${number}`)),
    fileGuid: fileGuid(endpointNumber(1), pathOf('/bin/evil')),
    endpointId: endpointId(1),
    path: pathOf('/bin/evil'),
    displayPath: '/bin/evil',
    sha256: sha256Of('evil'),
    size: 42,
    actionId: actionId(1),
    quarantinedAt: 1_000 + number,
    takenAt: 900 + number,
    state: 'held',
    restoredAt: null,
    restoredBy: null,
    damagedAt: null,
    ...more,
  };
}

export function eventOf(text: string, more: Partial<NewEvent> = {}): NewEvent {
  return {
    type: 'action_started',
    at: 1_000,
    actor: { kind: 'user', id: 'u1', name: 'someone' },
    facts: { text },
    ...more,
  };
}

/** Endpoints 1 to `endpoints` and action 1, for tasks to lean on. */
export async function plant(store: Store, endpoints = 1): Promise<void> {
  await store.transact(async (transaction) => {
    for (let number = 1; number <= endpoints; number += 1) {
      await transaction.endpoints.insert(endpointOf(number));
    }
    await transaction.actions.insert(actionOf(1));
  });
}

/** The state of one task, as a reader sees it. */
export async function stateOf(store: Store, number: number): Promise<TaskState | undefined> {
  return (await store.read((reader) => reader.tasks.byId(taskId(number))))?.state;
}
