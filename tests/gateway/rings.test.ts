import { expect, test } from 'bun:test';
import type { Action, Task } from '#core/action/action.ts';
import { endedStates } from '#core/action/task-state.ts';
import { parsePath } from '#core/file/file-path.ts';
import type { RolloutStage } from '#core/guard/rings.ts';
import { advanceRings } from '#core/verbs/advance-rings.ts';
import { approveAction } from '#core/verbs/approve-action.ts';
import { quarantineFiles } from '#core/verbs/quarantine-files.ts';
import { administrator, sha256Of } from '#kit/fleet.ts';
import type { Order } from '#wire/order.ts';
import type { Device } from './device.ts';
import { Fleet } from './fleet.ts';
import type { TestAgent } from './test-agent.ts';
import { until } from './until.ts';

const machines = 200;
const sha256 = sha256Of(new TextEncoder().encode('evil'));

/** Whoever is away is silent at once, and nothing is watched for longer than it takes: so that no test waits for time to pass. */
const rings = { sizes: [1, 10, 100], mostFailed: 10, mostSilent: 2, patience: 3_600_000, watch: 0 };

/** How an agent behaves that has the order, by how many had it before. */
type Behaviour = (agent: TestAgent, order: Order, before: number) => void;

interface Rolled extends AsyncDisposable {
  readonly fleet: Fleet;
  readonly devices: readonly Device[];
  readonly action: Action;
  readonly ports: Parameters<typeof advanceRings>[0];
  stage(): Promise<RolloutStage | undefined>;
  tasks(): Promise<readonly Task[]>;
}

/** A quarantine on the whole fleet, of which one person may order for 25, that somebody has let out. */
async function rollOut(behaviour: Behaviour): Promise<Rolled & { readonly agents: readonly TestAgent[] }> {
  const fleet = await Fleet.open();
  const devices: Device[] = [];
  for (let number = 0; number < machines; number += 1) {
    devices.push(await fleet.enrol(`host-${number}`));
  }
  const agents = await Promise.all(devices.map((device) => fleet.join(device)));
  const { policy } = fleet.ports;
  const guard = { ...policy.guard, reach: 'native' as const, patience: 60_000 };
  const ports = { ...fleet.ports, policy: { ...policy, guard, rings }, doorbell: fleet.gateway.doorbell };
  const action = await quarantineFiles(ports, {
    ...{ origin: { principal: administrator, dialect: 'native' }, path: parsePath('/srv/evil'), sha256 },
    endpointIds: devices.map(({ endpoint }) => endpoint.id),
  });
  const held = await fleet.store.read(({ approvals }) => approvals.byAction(action.id));
  const asked = { principal: administrator, actionId: action.id, digest: held?.digest ?? '' };
  behave(agents, behaviour);
  await approveAction(ports, { ...asked, breakGlass: true, reason: 'a test' });
  return {
    ...{ fleet, devices, agents, action, ports },
    stage: async () => (await fleet.store.read(({ rollouts }) => rollouts.byAction(action.id)))[0]?.at,
    tasks: () => fleet.tasksOf(action),
    [Symbol.asyncDispose]: () => fleet[Symbol.asyncDispose](),
  };
}

/** Agents of which each acts when it has the order, the moment that it is told. */
function behave(agents: readonly TestAgent[], behaviour: Behaviour): void {
  let before = 0;
  for (const agent of agents) {
    void agent.firstOrder().then((order) => behaviour(agent, order, before++));
  }
}

const handed = (agents: readonly TestAgent[]) => agents.filter((agent) => agent.all('order').length > 0).length;

function answer(agent: TestAgent, order: Order, outcome: 'done' | 'agent_error' = 'done'): void {
  const file = { ordinal: 0, outcome, reason: null, message: '', path: null, sha256: null, size: null };
  agent.accept(order.taskId);
  agent.report(order, { files: [{ ...file, vaultObject: null, effect: null, losses: [], details: {} }] });
}

/** The server looks until it has come to a ring that goes no further for now. */
async function lookUntil(rolled: Rolled, isThere: (at: RolloutStage | undefined) => boolean): Promise<void> {
  await until(async () => {
    await advanceRings(rolled.ports, 0);
    return isThere(await rolled.stage());
  });
}

test('A healthy fleet of 200 has the order ring by ring, and never more of it than the ring.', async () => {
  await using rolled = await rollOut((agent, order) => answer(agent, order));
  for (const ring of [2, 3]) {
    await lookUntil(rolled, (at) => at?.stage === 'watched' && at.ring === ring);
    expect(handed(rolled.agents)).toBeLessThanOrEqual(rings.sizes[ring - 1] ?? 0);
  }
  await lookUntil(rolled, (at) => at?.stage === 'out');
  await until(async () => (await rolled.tasks()).every(({ state }) => endedStates.includes(state)));
  expect(handed(rolled.agents)).toBe(machines);
  const sizes = Map.groupBy(await rolled.tasks(), ({ ring }) => ring);
  expect([1, 2, 3, 4].map((ring) => sizes.get(ring)?.length)).toEqual([1, 9, 90, 100]);
}, 60_000);

test('Machines that die after the file is gone halt the order: the other 190 never have it.', async () => {
  await using rolled = await rollOut((agent, order, before) => {
    answer(agent, order);
    if (before > 0) {
      agent.vanish();
    }
  });
  await lookUntil(rolled, (at) => at?.stage === 'watched' && at.ring === 2);
  // Nobody looks before all nine have reported and are gone: with any time to watch, a server would not judge before that either.
  await until(async () => {
    const ended = (await rolled.tasks()).filter(({ state }) => state === 'finished');
    const ids = ended.map(({ endpointId }) => endpointId);
    const there = await rolled.fleet.store.read(({ endpoints }) => endpoints.byIds(ids));
    return ended.length === 10 && there.filter(({ connectedUntil }) => connectedUntil === null).length === 9;
  });
  await lookUntil(rolled, (at) => at?.stage === 'halted');
  const warned = rolled.fleet.logged.filter(({ message }) => message.includes('halted'));
  expect(warned).toHaveLength(1);
  expect(await rolled.stage()).toMatchObject({ ring: 2, halt: { rule: 'silence', of: 9 } });
  await advanceRings(rolled.ports, 0);
  rolled.fleet.ring(rolled.devices);
  await until(async () => (await rolled.tasks()).filter(({ state }) => state === 'held').length === machines - 10);
  expect(handed(rolled.agents)).toBe(10);
}, 60_000);

test('Agents that fail halt the order, and what they have not taken stays with them.', async () => {
  await using rolled = await rollOut((agent, order, before) => {
    answer(agent, order, before > 7 ? 'agent_error' : 'done');
  });
  await lookUntil(rolled, (at) => at?.stage === 'halted');
  expect(await rolled.stage()).toMatchObject({ ring: 2, halt: { rule: 'failures', count: 2, of: 9, limit: 10 } });
  expect(handed(rolled.agents)).toBe(10);
}, 60_000);
