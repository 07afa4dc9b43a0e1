import type { Principal } from '#core/access/principal.ts';
import { type BuiltInRole, builtInRole } from '#core/access/role.ts';
import { type Scope, wholeFleet } from '#core/access/scope.ts';
import type { Action } from '#core/action/action.ts';
import type { EventType } from '#core/custody/event.ts';
import type { Endpoint } from '#core/endpoint/endpoint.ts';
import { parsePath } from '#core/file/file-path.ts';
import type { GuardPolicy } from '#core/guard/guard.ts';
import { type ApproveAction, approveAction } from '#core/verbs/approve-action.ts';
import { createKey } from '#core/verbs/create-key.ts';
import { createUser } from '#core/verbs/create-user.ts';
import { describeApproval } from '#core/verbs/describe-approval.ts';
import { type QuarantineFiles, quarantineFiles } from '#core/verbs/quarantine-files.ts';
import { takeDeliverable } from '#core/verbs/take-deliverable.ts';
import { administrator, enrolMachine, sha256Of } from '#kit/fleet.ts';
import { guard, openPorts, type TestPorts } from '#kit/ports.ts';

const path = parsePath('/srv/evil');
export const bytes = new TextEncoder().encode('evil');
export const sha256 = sha256Of(bytes);
export const local: Principal = { ...administrator, kind: 'local', id: 'local', name: 'local administrator' };

/** Three machines, where one person may order for two, and as many people as are asked for. */
export interface World extends AsyncDisposable {
  readonly ports: TestPorts;
  readonly machines: readonly Endpoint[];
  person(name: string, role?: BuiltInRole, scope?: Scope): Promise<Principal>;
  keyOf(maker: Principal, role?: BuiltInRole): Promise<Principal>;
  /** For all machines, so that it is held. */
  quarantine(principal: Principal, more?: Partial<QuarantineFiles>): Promise<Action>;
  approve(principal: Principal, action: Action, more?: Partial<ApproveAction>): Promise<unknown>;
  eventsOf(action: Action, ...types: EventType[]): Promise<readonly unknown[]>;
  statesOf(action: Action): Promise<readonly string[]>;
}

export async function openWorld(policy: Partial<GuardPolicy> = {}): Promise<World> {
  const ports = await openPorts({ policy: { guard: { ...guard, mostEndpoints: 2, ...policy } } });
  const machines: Endpoint[] = [];
  for (const hostName of ['a', 'b', 'c']) {
    machines.push(await enrolMachine(ports, { hostName }));
  }
  const endpointIds = machines.map(({ id }) => id);
  return {
    ports,
    machines,
    async person(name, role = 'Privileged Responder', scope = wholeFleet) {
      const email = `${name}@example.test`;
      const user = await createUser(ports, administrator, { email, password: 'a long password', role, scope });
      return { kind: 'user', id: user.id, name: email, role: builtInRole(role), scope };
    },
    async keyOf(maker, role = 'Privileged Responder') {
      const { key } = await createKey(ports, maker, { name: 'k', role, level: 'standard', expiresAt: null });
      return { kind: 'key', id: String(key.id), name: 'k', role: builtInRole(role), scope: wholeFleet };
    },
    quarantine: (principal, more = {}) =>
      quarantineFiles(ports, { origin: { principal, dialect: 'native' }, endpointIds, path, sha256, ...more }),
    async approve(principal, { id }, more = {}) {
      const digest = more.digest ?? (await describeApproval(ports, id)).approval.digest;
      return approveAction(ports, { principal, actionId: id, ...more, digest }).catch((fault: unknown) => fault);
    },
    async eventsOf({ id }, ...types) {
      const events = await ports.store.read((reader) => reader.events.list({ actionId: id }, 0, 100));
      return types.length === 0 ? events : events.filter(({ type }) => types.includes(type));
    },
    async statesOf({ id }) {
      return (await ports.store.read(({ tasks }) => tasks.byAction(id))).map(({ state }) => state);
    },
    [Symbol.asyncDispose]: () => ports[Symbol.asyncDispose](),
  };
}

export const approvalEvents: readonly EventType[] = [
  'approval_requested',
  'approval_given',
  'approval_refused',
  'approval_expired',
  'approval_bypassed',
];

export async function deliveredTo({ ports, machines }: Pick<World, 'ports' | 'machines'>): Promise<number> {
  return (await takeDeliverable(ports, { endpointIds: machines.map(({ id }) => id) })).length;
}
