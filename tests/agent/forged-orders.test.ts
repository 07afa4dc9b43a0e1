import { expect, test } from 'bun:test';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { Agent, type AgentParts } from '#agent/agent.ts';
import { Journal } from '#agent/journal/journal.ts';
import { durableFiles } from '#agent/platform/durable-files.ts';
import { Lane } from '#agent/tasks/lane.ts';
import { TaskRunner } from '#agent/tasks/runner.ts';
import { ServerClock } from '#agent/tasks/server-clock.ts';
import { endpointIdSchema } from '#core/endpoint/endpoint-id.ts';
import type { Log } from '#core/ports/log.ts';
import { day, hour } from '#core/time.ts';
import type { AgentMessage } from '#wire/messages.ts';
import { newKeyPair, readPrivateKey, readPublicKey } from '#wire/signature.ts';
import { forgeries, type Stolen, untimely } from './forgeries.ts';
import { VirtualClock } from './virtual-clock.ts';

const quiet = () => undefined;
const log: Log = { debug: quiet, info: quiet, warn: quiet, error: quiet };
const orderKeys = newKeyPair();
const deviceKey = readPrivateKey(newKeyPair().privatePem).key;
const own = endpointIdSchema.parse('a'.repeat(32));

/** An agent with its own door, journal and runner; what it would do is only noted. */
async function openDoor() {
  const directory = mkdtempSync(path.join(tmpdir(), 'custody-forged-'));
  const { journal } = await Journal.open(durableFiles, directory, log);
  const clock = new VirtualClock();
  await clock.pass(1_000 * day);
  const said: Exclude<AgentMessage, { type: 'hello' }>[] = [];
  const performed: unknown[] = [];
  const lane = new Lane(1);
  const serverClock = new ServerClock(clock);
  // Orders come from a server that has said what time it is.
  serverClock.heard(clock.now());
  const runner = new TaskRunner({
    ...{ journal, clock: serverClock, log, deviceKey, signal: new AbortController().signal },
    halt: { isHalted: () => false, changed: new AbortController().signal },
    laneOf: () => lane,
    async perform(order) {
      performed.push(order);
      return [];
    },
    reported: quiet,
  });
  const parts = {
    ...{ identity: { endpointId: own }, orderKeys: { current: readPublicKey(orderKeys.publicKey) } },
    ...{ journal, runner, clock, log },
    say: (message: Exclude<AgentMessage, { type: 'hello' }>) => said.push(message) > 0,
    reconnect: quiet,
  } as unknown as AgentParts;
  const stolen: Stolen = {
    own,
    other: endpointIdSchema.parse('b'.repeat(32)),
    orderKey: readPrivateKey(orderKeys.privatePem).key,
    now: clock.now(),
  };
  return {
    ...{ agent: new Agent(parts), clock, runner, journal, said, performed, stolen },
    kept: () => readdirSync(directory, { recursive: true, withFileTypes: true }).filter((each) => each.isFile()),
    [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }),
  };
}

const total = 100_000;
/** So that not all of them are in memory at a time. */
const batches = 20;

test(`of ${total} forged, altered, retargeted and misdirected orders none is taken, and each that names a task is told of (P30, P31)`, async () => {
  using door = await openDoor();
  const perKind = new Map<string, number>();
  let named = 0;
  for (let batch = 0; batch < batches; batch += 1) {
    for (const { kind, signed } of fc.sample(forgeries(door.stolen), { numRuns: total / batches, seed: batch })) {
      perKind.set(kind, (perKind.get(kind) ?? 0) + 1);
      await door.agent.heard({ type: 'order', order: signed.bytes, signature: signed.signature });
      const answers = door.said.splice(0);
      named += answers.length;
      // Whatever names no task has nobody to be told to; it is in the agent's log.
      if (answers.length > 1 || answers.some(({ type }) => type !== 'order_refused')) {
        const bytes = Buffer.from(signed.bytes).toString('hex');
        throw new Error(`An order was not refused, ${kind}: ${bytes}; ${JSON.stringify(answers)}`);
      }
    }
  }
  expect([...perKind.values()].reduce((sum, count) => sum + count, 0)).toBe(total);
  expect(Math.min(...perKind.values())).toBeGreaterThan(total / perKind.size / 2);
  expect(named).toBeGreaterThan(total / 2);
  expect(door.performed).toEqual([]);
  expect(door.kept()).toEqual([]);
}, 240_000);

test('of truly signed orders whose time is over, or has not come, none is done', async () => {
  using door = await openDoor();
  const orders = Array.from({ length: 400 }, (_, seed) =>
    untimely(door.stolen, seed % 2 === 0 ? 'expired' : 'early', seed),
  );
  for (const { bytes, signature } of orders) {
    await door.agent.heard({ type: 'order', order: bytes, signature });
  }
  const states = () => Map.groupBy(orders, ({ order }) => door.journal.stateOf(order.taskId));
  while (states().get('reported')?.length !== 200) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(states().get('received')).toHaveLength(200);
  expect(door.performed).toEqual([]);
  await door.clock.pass(hour / 2);
  expect(door.performed).toEqual([]);
}, 60_000);

test('a true order is done once however often it is sent', async () => {
  using door = await openDoor();
  const { bytes, signature, order } = untimely({ ...door.stolen, now: door.stolen.now - hour }, 'early', 0);
  for (let round = 0; round < 1_000; round += 1) {
    await door.agent.heard({ type: 'order', order: bytes, signature });
  }
  await door.runner.idle();
  await door.agent.heard({ type: 'order', order: bytes, signature });
  expect(door.performed).toEqual([order]);
});
