import { expect, test } from 'bun:test';
import fc from 'fast-check';
import type { Principal } from '#core/access/principal.ts';
import { builtInRole } from '#core/access/role.ts';
import { wholeFleet } from '#core/access/scope.ts';
import type { Task } from '#core/action/action.ts';
import type { ActionId } from '#core/action/action-id.ts';
import { endedStates, type TaskState } from '#core/action/task-state.ts';
import type { Endpoint } from '#core/endpoint/endpoint.ts';
import { Fault } from '#core/fault.ts';
import { parsePath } from '#core/file/file-path.ts';
import { approvalState, type KnownApproval } from '#core/guard/approval.ts';
import { day, hour } from '#core/time.ts';
import { approveAction } from '#core/verbs/approve-action.ts';
import { cancelAction } from '#core/verbs/cancel-action.ts';
import { changeUser } from '#core/verbs/change-user.ts';
import { createKey } from '#core/verbs/create-key.ts';
import { createUser } from '#core/verbs/create-user.ts';
import { expireOverdue } from '#core/verbs/expire-overdue.ts';
import { quarantineFiles } from '#core/verbs/quarantine-files.ts';
import { refuseApproval } from '#core/verbs/refuse-approval.ts';
import { restoreFiles } from '#core/verbs/restore-files.ts';
import { retrieveFiles } from '#core/verbs/retrieve-files.ts';
import { takeDeliverable } from '#core/verbs/take-deliverable.ts';
import { administrator, enrolMachine, sha256Of } from '#kit/fleet.ts';
import { guard, openPorts, type TestPorts } from '#kit/ports.ts';

const sha256 = sha256Of(new Uint8Array(1));
const path = parsePath('/srv/file');

/** Three machines, where one person may order for two; two people, a key of each, one without a name, and one who may not approve. */
interface Model {
  readonly ports: TestPorts;
  readonly machines: readonly Endpoint[];
  readonly principals: readonly Principal[];
  /** By principal: who they are. */
  readonly people: ReadonlyMap<Principal, string | null>;
  readonly ordered: ActionId[];
  /** Of each action that was let out, by whom. */
  readonly released: Map<ActionId, Principal>;
  readonly bypassed: Set<ActionId>;
  readonly orderedBy: Map<ActionId, Principal>;
}

async function openModel(): Promise<Model & AsyncDisposable> {
  const ports = await openPorts({ policy: { guard: { ...guard, mostEndpoints: 2, mostFetchEndpoints: 2 } } });
  const machines: Endpoint[] = [];
  for (const hostName of ['a', 'b', 'c']) {
    machines.push(await enrolMachine(ports, { hostName }));
  }
  const people = new Map<Principal, string | null>();
  for (const [name, role] of [
    ['ana', 'Instance Administrator'],
    ['bob', 'Privileged Responder'],
    ['weak', 'Responder'],
  ] as const) {
    const email = `${name}@example.test`;
    // Only who manages access makes a key, and it goes on being theirs when they do so no more.
    const first = 'Instance Administrator';
    const { id } = await createUser(ports, administrator, { email, password: 'a long password', role: first });
    const maker: Principal = { kind: 'user', id, name: email, role: builtInRole(first), scope: wholeFleet };
    const made = await createKey(ports, maker, { name: 'k', role, level: 'standard', expiresAt: null });
    await changeUser(ports, administrator, { user: id, changes: { role } });
    const user: Principal = { ...maker, role: builtInRole(role) };
    people.set(user, id);
    people.set({ kind: 'key', id: String(made.key.id), name: 'k', role: builtInRole(role), scope: wholeFleet }, id);
  }
  people.set(administrator, null);
  return {
    ...{ ports, machines, principals: [...people.keys()], people, ordered: [], released: new Map() },
    ...{ bypassed: new Set(), orderedBy: new Map() },
    [Symbol.asyncDispose]: () => ports[Symbol.asyncDispose](),
  };
}

type Happening = (model: Model, choice: number) => Promise<void>;

async function unlessRefused(work: Promise<unknown>): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (error) {
    if (error instanceof Fault && error.code !== 'internal') {
      return false;
    }
    throw error;
  }
}

function pick<Item>(items: readonly Item[], choice: number): Item | undefined {
  return items[choice % Math.max(items.length, 1)];
}

const approving: (breakGlass: boolean) => Happening = (breakGlass) => async (model, choice) => {
  const actionId = pick(model.ordered, choice);
  const principal = pick(model.principals, Math.floor(choice / 7));
  if (actionId === undefined || principal === undefined) {
    return;
  }
  const approval = await model.ports.store.read(({ approvals }) => approvals.byAction(actionId));
  const digest = choice % 5 === 0 ? 'f'.repeat(64) : (approval?.digest ?? '');
  const confirmation = { endpoints: approval?.endpointsCount ?? 0, files: approval?.filesCount ?? 0 };
  const request = { principal, actionId, digest, confirmation, breakGlass, reason: 'because' };
  if (await unlessRefused(approveAction(model.ports, request))) {
    expect(model.released.has(actionId)).toBe(false);
    expect(digest).toBe(approval?.digest ?? '');
    model.released.set(actionId, principal);
    if (breakGlass) {
      model.bypassed.add(actionId);
    }
  }
};

const ordering: (verb: 'quarantine' | 'fetch', count: number) => Happening = (verb, count) => async (model, choice) => {
  const { ports, machines, principals } = model;
  const principal = pick(principals, choice) ?? expect.unreachable();
  const origin = { principal, dialect: 'native' } as const;
  const endpointIds = machines.slice(0, count).map(({ id }) => id);
  const action =
    verb === 'fetch'
      ? await retrieveFiles(ports, { origin, endpointIds, paths: { linux: [path] } })
      : await quarantineFiles(ports, { origin, endpointIds, path, sha256 });
  model.ordered.push(action.id);
  model.orderedBy.set(action.id, principal);
};

const happenings = {
  quarantineAll: ordering('quarantine', 3),
  quarantineFew: ordering('quarantine', 2),
  fetchAll: ordering('fetch', 3),
  approve: approving(false),
  bypass: approving(true),
  async refuse(model, choice) {
    const actionId = pick(model.ordered, choice);
    const principal = pick(model.principals, Math.floor(choice / 7));
    if (actionId !== undefined && principal !== undefined) {
      await unlessRefused(refuseApproval(model.ports, { principal, actionId, reason: 'no' }));
    }
  },
  async cancel(model, choice) {
    const actionId = pick(model.ordered, choice);
    if (actionId !== undefined) {
      await cancelAction(model.ports, administrator, actionId);
    }
  },
  async restore({ ports }) {
    await unlessRefused(restoreFiles(ports, { origin: { principal: administrator, dialect: 'native' }, sha256 }));
  },
  async timePasses({ ports }, choice) {
    ports.clock.advance((choice % 30) * hour);
    await expireOverdue(ports);
  },
  async deliver({ ports, machines }) {
    await takeDeliverable(ports, { endpointIds: machines.map(({ id }) => id) });
  },
} satisfies Record<string, Happening>;

/** Nothing leaves without somebody who may let it out, and what left was decided once. */
async function holds(model: Model, seen: Map<string, TaskState>): Promise<void> {
  await model.ports.store.read(async (reader) => {
    for (const task of await reader.tasks.byActions(model.ordered)) {
      const before = seen.get(task.id);
      seen.set(task.id, task.state);
      expect(before === undefined || before === 'held' || task.state !== 'held').toBe(true);
      taskHolds(model, task, await reader.approvals.byAction(task.actionId));
    }
    const types = ['approval_given', 'approval_bypassed', 'approval_refused', 'approval_expired'] as const;
    const decisions = await reader.events.list({ types }, 0, 1_000);
    const actions = decisions.map(({ actionId }) => actionId);
    expect(new Set(actions).size).toBe(actions.length);
    const letOut = decisions.filter(({ type }) => type === 'approval_given' || type === 'approval_bypassed');
    expect(letOut.length).toBe(model.released.size);
  });
}

function taskHolds(model: Model, { state, actionId }: Task, approval: KnownApproval | undefined): void {
  if (approval === undefined) {
    expect(state).not.toBe('held');
    return;
  }
  const standing = approvalState(approval, model.ports.clock.now());
  if (state === 'held') {
    expect(['waiting', 'expired']).toContain(standing);
  } else if (state !== 'cancelled' && state !== 'expired') {
    expect(['approved', 'bypassed']).toContain(standing);
    expect(mayHaveLetOut(model, actionId)).toBe(true);
  }
}

function mayHaveLetOut({ people, orderedBy, released, bypassed }: Model, actionId: ActionId): boolean {
  const by = released.get(actionId) ?? expect.unreachable();
  if (bypassed.has(actionId)) {
    return by.role.name === 'Instance Administrator';
  }
  const [person, requester] = [by, orderedBy.get(actionId) ?? by].map((each) => people.get(each) ?? null);
  return person !== null && person !== requester && by.role.name !== 'Responder';
}

const names = Object.keys(happenings).filter((name): name is keyof typeof happenings => name in happenings);
const usual = ['quarantineAll', 'fetchAll', 'approve', 'approve', 'approve'] as const;
const story = fc.array(fc.tuple(fc.constantFrom(...names, ...usual), fc.nat(10_000)), {
  ...{ minLength: 1, maxLength: 25, size: 'max' as const },
});
const runs = Number(process.env['CUSTODY_TEST_RUNS'] ?? 30);
const seed = Number(process.env['CUSTODY_TEST_SEED'] ?? Date.now() % 2 ** 31);

test('Whatever is ordered, approved, refused and cancelled, nothing wide leaves without a second person, and all of it ends.', async () => {
  await fc.assert(
    fc.asyncProperty(story, async (steps) => {
      await using model = await openModel();
      const seen = new Map<string, TaskState>();
      for (const [name, choice] of steps) {
        await happenings[name](model, choice);
        await holds(model, seen);
      }
      model.ports.clock.advance(20 * day);
      await expireOverdue(model.ports);
      await holds(model, seen);
      expect([...seen.values()].filter((state) => !endedStates.includes(state))).toEqual([]);
    }),
    { numRuns: runs, seed },
  );
}, 120_000);
