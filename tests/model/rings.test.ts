import { expect, test } from 'bun:test';
import fc from 'fast-check';
import type { Action } from '#core/action/action.ts';
import { endedStates } from '#core/action/task-state.ts';
import type { EndpointId } from '#core/endpoint/endpoint-id.ts';
import { type Outcome, outcomes } from '#core/outcome.ts';
import { day, minute, second } from '#core/time.ts';
import { advanceRings } from '#core/verbs/advance-rings.ts';
import { cancelAction } from '#core/verbs/cancel-action.ts';
import { expireOverdue } from '#core/verbs/expire-overdue.ts';
import { resumeRings } from '#core/verbs/resume-rings.ts';
import { administrator } from '#kit/fleet.ts';
import { openRingWorld, type RingWorld } from '../core/ring-world.ts';

const sizes = [1, 3, 6] as const;
const machines = 9;

interface Model {
  readonly world: RingWorld;
  readonly action: Action;
  /** Endpoints that an agent ever was handed the order on. */
  readonly delivered: Set<EndpointId>;
  /** How often a person let it go on. */
  resumed: number;
}

type Happening = (model: Model, choice: number) => Promise<void>;

const reporting: (outcome: (choice: number) => Outcome) => Happening = (outcome) => async (model, choice) => {
  const { world, action, delivered } = model;
  const open = (await world.tasks(action)).filter(({ state, endpointId }) => {
    return delivered.has(endpointId) && !endedStates.includes(state);
  });
  const chosen = open[choice % Math.max(open.length, 1)];
  if (chosen !== undefined) {
    await world.report(action, world.machinesOf([chosen.endpointId]), outcome(choice));
  }
};

const happenings = {
  deliver: async ({ world, delivered }) => {
    for (const { id } of await world.deliver()) {
      delivered.add(id);
    }
  },
  reportDone: reporting(() => 'done'),
  reportAny: reporting((choice) => outcomes[choice % outcomes.length] ?? 'done'),
  look: ({ world }) => world.look(),
  lookLater: ({ world }, choice) => world.look((choice % 150) * second),
  /** Two servers, of which one has just begun. */
  lookTwice: async ({ world }) => {
    const { ports } = world;
    await Promise.all([advanceRings(ports, 0), advanceRings(ports, ports.clock.now())]);
  },
  leave: ({ world }, choice) => world.disconnect(world.machines.slice(choice % machines, (choice % machines) + 1)),
  comeBack: ({ world }, choice) => world.connect(world.machines.slice(choice % machines)),
  resume: async (model) => {
    const { world, action } = model;
    const stage = (await stageOf(model))?.stage;
    if (stage !== 'halted') {
      return;
    }
    const heldBack = (await world.tasks(action)).filter(({ state }) => state === 'held').length;
    const resumed = await isResumed(world, action);
    expect(resumed).toBe(heldBack > 0);
    model.resumed += Number(resumed);
  },
  cancel: async ({ world, action }, choice) => {
    if (choice % 7 === 0) {
      await cancelAction(world.ports, administrator, action.id);
    }
  },
} satisfies Record<string, Happening>;

/** What was cancelled while it was halted has nothing left to go on with. */
async function isResumed({ ports, bob }: RingWorld, { id }: Action): Promise<boolean> {
  try {
    await resumeRings(ports, { principal: bob, actionId: id, reason: 'go on' });
    return true;
  } catch (fault) {
    expect(fault).toMatchObject({ code: 'conflict' });
    return false;
  }
}

async function stageOf({ world, action }: Model) {
  return (await world.ports.store.read(({ rollouts }) => rollouts.byAction(action.id)))[0]?.at;
}

/**
 * Before a ring was judged well, or a person let the order go on, no more endpoints than its size have it; and a ring that went out is told
 * of once.
 */
async function holds(model: Model): Promise<void> {
  const { world, action, delivered } = model;
  const at = await stageOf(model);
  const ring = at === undefined || at.stage === 'planned' ? 0 : at.ring;
  const most = at?.stage === 'out' && ring > sizes.length ? machines : (sizes[Math.max(ring, 1) - 1] ?? machines);
  expect(delivered.size).toBeLessThanOrEqual(most);
  const tasks = await world.tasks(action);
  const out = tasks.filter((task) => task.ring !== null && task.ring !== 'later');
  expect(out.length - out.filter(({ state }) => state === 'cancelled').length).toBeLessThanOrEqual(most);
  for (const task of tasks) {
    expect(task.state === 'held').toBe(task.ring === 'later' && !endedStates.includes(task.state));
  }
  const released = await world.events(action, 'ring_released');
  const halts = await world.events(action, 'rings_halted');
  expect(released.length).toBe(new Set(out.map((task) => task.ring)).size);
  expect(halts.length).toBe(model.resumed + (at?.stage === 'halted' ? 1 : 0));
}

const names = Object.keys(happenings).filter((name): name is keyof typeof happenings => name in happenings);
const usual = ['deliver', 'reportDone', 'lookLater', 'lookLater', 'deliver', 'reportDone'] as const;
const story = fc.array(fc.tuple(fc.constantFrom(...names, ...usual, ...usual), fc.nat(10_000)), {
  ...{ minLength: 10, maxLength: 60, size: 'max' as const },
});
const runs = Number(process.env['CUSTODY_TEST_RUNS'] ?? 20);
const seed = Number(process.env['CUSTODY_TEST_SEED'] ?? Date.now() % 2 ** 31);

test('Whatever agents do and whoever looks, no more endpoints have a wide order than its ring has, and all of it ends.', async () => {
  await fc.assert(
    fc.asyncProperty(story, async (steps) => {
      await using world = await openRingWorld(machines, { sizes, watch: minute });
      const model: Model = { world, action: await world.letOut(), delivered: new Set(), resumed: 0 };
      for (const [name, choice] of steps) {
        await happenings[name](model, choice);
        await holds(model);
      }
      world.ports.clock.advance(20 * day);
      await expireOverdue(world.ports);
      await world.look();
      await holds(model);
      const states = (await world.tasks(model.action)).map(({ state }) => state);
      expect(states.filter((state) => !endedStates.includes(state))).toEqual([]);
    }),
    { numRuns: runs, seed },
  );
}, 240_000);
