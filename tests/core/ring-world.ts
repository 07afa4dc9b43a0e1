import type { Principal } from '#core/access/principal.ts';
import { type BuiltInRole, builtInRole } from '#core/access/role.ts';
import { wholeFleet } from '#core/access/scope.ts';
import type { Action, Task } from '#core/action/action.ts';
import type { EventType } from '#core/custody/event.ts';
import type { Endpoint } from '#core/endpoint/endpoint.ts';
import type { EndpointId } from '#core/endpoint/endpoint-id.ts';
import { parsePath } from '#core/file/file-path.ts';
import type { RingPolicy } from '#core/guard/rings.ts';
import type { Outcome } from '#core/outcome.ts';
import { minute } from '#core/time.ts';
import { advanceRings } from '#core/verbs/advance-rings.ts';
import { approveAction } from '#core/verbs/approve-action.ts';
import { createUser } from '#core/verbs/create-user.ts';
import { describeApproval } from '#core/verbs/describe-approval.ts';
import { quarantineFiles } from '#core/verbs/quarantine-files.ts';
import { recordAccepted } from '#core/verbs/record-accepted.ts';
import { recordReports } from '#core/verbs/record-reports.ts';
import { renewPresence } from '#core/verbs/renew-presence.ts';
import { takeDeliverable } from '#core/verbs/take-deliverable.ts';
import { administrator, enrolMachine, sha256Of } from '#kit/fleet.ts';
import { guard, openPorts, rings, type TestPorts } from '#kit/ports.ts';

export const sha256 = sha256Of(new TextEncoder().encode('evil'));
const path = parsePath('/srv/evil');
const signed = { bytes: new Uint8Array(1), signature: new Uint8Array(64) };

/** A fleet of which one person may order for two machines at once. All machines are connected at first. */
export interface RingWorld extends AsyncDisposable {
  readonly ports: TestPorts;
  readonly machines: readonly Endpoint[];
  /** Who approves. */
  readonly bob: Principal;
  person(name: string, role?: BuiltInRole): Promise<Principal>;
  /** A quarantine of all machines that is approved. */
  letOut(machines?: readonly Endpoint[]): Promise<Action>;
  order(machines?: readonly Endpoint[]): Promise<Action>;
  approve(action: Action): Promise<void>;
  connect(machines: readonly Endpoint[]): Promise<void>;
  disconnect(machines: readonly Endpoint[]): Promise<void>;
  /** Agents that are there take what is theirs. @returns whose orders were handed over, now or before, and have not ended */
  deliver(): Promise<readonly Endpoint[]>;
  report(action: Action, machines: readonly Endpoint[], outcome?: Outcome): Promise<void>;
  /** What a server does again and again; time passes, and agents that are there renew their leases. */
  look(after?: number): Promise<void>;
  tasks(action: Action): Promise<readonly Task[]>;
  /** How many endpoints the order has gone out to. */
  out(action: Action): Promise<number>;
  machinesOf(ids: readonly EndpointId[]): readonly Endpoint[];
  events(
    action: Action,
    ...types: EventType[]
  ): Promise<readonly { readonly type: EventType; readonly facts: unknown }[]>;
}

export async function openRingWorld(count: number, policy: Partial<RingPolicy> = {}): Promise<RingWorld> {
  const ports = await openPorts({
    policy: { guard: { ...guard, mostEndpoints: 2 }, rings: { ...rings, sizes: [1, 4], ...policy } },
  });
  const machines: Endpoint[] = [];
  for (let number = 0; number < count; number += 1) {
    machines.push(await enrolMachine(ports, { hostName: `host-${number}` }));
  }
  const there = new Set<EndpointId>(machines.map(({ id }) => id));
  const person = personsOf(ports);
  const bob = await person('bob');
  const tasks = (action: Action) => ports.store.read((reader) => reader.tasks.byAction(action.id));
  const order: RingWorld['order'] = (wanted = machines) =>
    quarantineFiles(ports, {
      ...{ origin: { principal: administrator, dialect: 'native' }, path, sha256 },
      endpointIds: wanted.map(({ id }) => id),
    });
  const approve = async ({ id }: Action) => {
    const { digest } = (await describeApproval(ports, id)).approval;
    await approveAction(ports, { principal: bob, actionId: id, digest });
  };
  const world: Omit<RingWorld, keyof AsyncDisposable> = {
    ...{ ports, machines, bob, person, tasks, order, approve },
    ...presenceOf(ports, there),
    ...agentsOf({ ports, machines, there, tasks }),
    async letOut(wanted) {
      const action = await order(wanted);
      await approve(action);
      return action;
    },
    async look(after = 0) {
      ports.clock.advance(after);
      await renewPresence(ports, { endpointIds: [...there], connectedUntil: ports.clock.now() + minute });
      await advanceRings(ports, 0);
    },
    async out(action) {
      return (await tasks(action)).filter(({ state }) => state !== 'held').length;
    },
    machinesOf: (ids) => machines.filter(({ id }) => ids.includes(id)),
    events: ({ id }, ...types) => ports.store.read(({ events }) => events.list({ actionId: id, types }, 0, 1_000)),
  };
  return { ...world, [Symbol.asyncDispose]: () => ports[Symbol.asyncDispose]() };
}

function personsOf(ports: TestPorts): RingWorld['person'] {
  return async (name, role = 'Privileged Responder') => {
    const email = `${name}@example.test`;
    const { id } = await createUser(ports, administrator, { email, password: 'a long password', role });
    return { kind: 'user', id, name: email, role: builtInRole(role), scope: wholeFleet };
  };
}

function presenceOf(ports: TestPorts, there: Set<EndpointId>): Pick<RingWorld, 'connect' | 'disconnect'> {
  return {
    async connect(machines) {
      const endpointIds = machines.map(({ id }) => id);
      for (const id of endpointIds) {
        there.add(id);
      }
      await renewPresence(ports, { endpointIds, connectedUntil: ports.clock.now() + minute });
    },
    async disconnect(machines) {
      const endpointIds = machines.map(({ id }) => id);
      for (const id of endpointIds) {
        there.delete(id);
      }
      await renewPresence(ports, { endpointIds, connectedUntil: null });
    },
  };
}

interface Agents extends Pick<RingWorld, 'ports' | 'machines' | 'tasks'> {
  readonly there: ReadonlySet<EndpointId>;
}

function agentsOf({ ports, machines, there, tasks }: Agents): Pick<RingWorld, 'deliver' | 'report'> {
  return {
    async deliver() {
      const taken = await takeDeliverable(ports, { endpointIds: [...there] });
      await recordAccepted(
        ports,
        taken.map(({ endpointId, id }) => ({ endpointId, taskIds: [id] })),
      );
      const ids = taken.map(({ endpointId }) => endpointId);
      return machines.filter(({ id }) => ids.includes(id));
    },
    async report(action, some, outcome = 'done') {
      const all = await tasks(action);
      const reports = some.flatMap((endpoint) =>
        all
          .filter(({ endpointId, retriedBy }) => endpointId === endpoint.id && retriedBy === null)
          .map(({ id: taskId }) => ({
            ...{ endpoint, actionId: action.id, taskId, finishedAt: ports.clock.now(), signed },
            files: [
              {
                ...{ ordinal: 0, outcome, reason: null, message: '', path, sha256, size: 4 },
                ...{ vaultObject: null, effect: null, losses: [], details: {} },
              },
            ],
          })),
      );
      await recordReports(ports, reports);
    },
  };
}
