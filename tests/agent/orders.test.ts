import { expect, test } from 'bun:test';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { verifyOrder } from '#agent/tasks/verify-order.ts';
import { actionIdSchema } from '#core/action/action-id.ts';
import { endpointIdSchema } from '#core/endpoint/endpoint-id.ts';
import { encode } from '#wire/codec.ts';
import type { Order } from '#wire/order.ts';
import { newKeyPair, readPrivateKey, readPublicKey, signBytes } from '#wire/signature.ts';
import { toQuarantine, toRestore, toUndo } from './parameters.ts';
import { agentWorld } from './running-agent.ts';
import { until } from './until.ts';
import { newTask, pathOf, sha256Of } from './vault-world.ts';

const own = endpointIdSchema.parse('a'.repeat(32));
const keys = newKeyPair();
const [privateKey, publicKey] = [readPrivateKey(keys.privatePem).key, readPublicKey(keys.publicKey)];
const forger = readPrivateKey(newKeyPair().privatePem).key;
const order: Order = {
  v: 1,
  endpointId: own,
  actionId: actionIdSchema.parse('1234'),
  taskId: newTask(),
  parameters: toQuarantine(pathOf('/tmp/x'), sha256Of('x')),
  issuedAt: 1,
  notBefore: 1,
  deadline: 2,
};

function signed(value: unknown, key = privateKey) {
  const bytes = encode(value);
  return { bytes, signature: signBytes('custody-order-v1', bytes, key) };
}

test('an order with the right signature, addressee and form is genuine', () => {
  expect(verifyOrder(signed(order), publicKey, own)).toMatchObject({ genuine: true, order: { taskId: order.taskId } });
});

test('no mutation of the bytes or the signature of an order is ever genuine', () => {
  const good = signed(order);
  const flip = fc.record({
    inBytes: fc.boolean(),
    at: fc.nat(10_000),
    bit: fc.integer({ min: 1, max: 255 }),
    cut: fc.boolean(),
  });
  fc.assert(
    fc.property(flip, ({ inBytes, at, bit, cut }) => {
      const source = inBytes ? good.bytes : good.signature;
      const place = at % source.length;
      const changed = cut ? source.slice(0, place) : source.map((byte, index) => (index === place ? byte ^ bit : byte));
      const forged = inBytes ? { ...good, bytes: changed } : { ...good, signature: changed };
      expect(verifyOrder(forged, publicKey, own).genuine).toBe(false);
    }),
    { numRuns: 1_000 },
  );
});

test('no change of any field, signed by another key or not signed anew, is ever genuine', () => {
  const good = signed(order);
  const change = fc.oneof(
    fc.record({ deadline: fc.nat() }),
    fc.record({ notBefore: fc.nat() }),
    fc.record({ taskId: fc.constant(null).map(() => newTask()) }),
    fc.record({ endpointId: fc.constantFrom('b'.repeat(32), 'c'.repeat(32)) }),
    fc.record({ parameters: fc.constant(toRestore(sha256Of('y'))) }),
    fc.record({ extra: fc.anything({ maxDepth: 1 }) }),
  );
  fc.assert(
    fc.property(change, fc.boolean(), (fields, reuseSignature) => {
      const forged = signed({ ...order, ...fields }, forger);
      const attempt = reuseSignature ? { bytes: forged.bytes, signature: good.signature } : forged;
      const same = Buffer.compare(forged.bytes, good.bytes) === 0 && reuseSignature;
      expect(verifyOrder(attempt, publicKey, own).genuine).toBe(same);
    }),
    { numRuns: 500 },
  );
});

test('an order of our server to another endpoint, or of another form, is not genuine', () => {
  const other = { ...order, endpointId: 'b'.repeat(32) };
  expect(verifyOrder(signed(other), publicKey, own)).toMatchObject({ genuine: false, taskId: order.taskId });
  expect(verifyOrder(signed({ ...order, v: 2 }), publicKey, own)).toMatchObject({ genuine: false });
  expect(verifyOrder(signed({ ...order, parameters: { verb: 'erase' } }), publicKey, own)).toMatchObject({
    genuine: false,
  });
  expect(verifyOrder(signed('nonsense'), publicKey, own)).toMatchObject({ genuine: false, taskId: undefined });
  const asReport = { bytes: encode(order), signature: signBytes('custody-report-v1', encode(order), privateKey) };
  expect(verifyOrder(asReport, publicKey, own)).toMatchObject({ genuine: false });
});

test('a running agent executes no forged, retargeted, expired, cancelled or replayed order', async () => {
  await using world = await agentWorld();
  const { server } = world;
  const file = path.join(world.files, 'a');
  writeFileSync(file, 'bytes');
  const parameters = toQuarantine(pathOf(file), sha256Of('bytes'));
  world.start();
  await until(() => server.hellos.length > 0, 'the agent connects');

  const forged = server.makeOrder(parameters);
  server.send({ type: 'order', order: forged.bytes, signature: signBytes('custody-order-v1', forged.bytes, forger) });
  const retargeted = server.makeOrder(parameters, { endpointId: own });
  server.send({ type: 'order', order: retargeted.bytes, signature: retargeted.signature });
  await until(() => server.refusals.length === 2, 'both are refused');
  expect(server.refusals.map(({ taskId }) => taskId)).toEqual([forged.order.taskId, retargeted.order.taskId]);

  const expired = await server.run(parameters, { deadline: Date.now() - 1 });
  expect(expired.files).toMatchObject([{ outcome: 'expired', reason: 'deadline_passed' }]);
  const later = server.makeOrder(parameters, { notBefore: Date.now() + 30_000 });
  const cancelled = server.give(later);
  await until(() => server.accepted.includes(later.order.taskId), 'the order for later is accepted');
  server.send({ type: 'cancel', taskId: later.order.taskId });
  expect((await cancelled).files).toMatchObject([{ outcome: 'cancelled', reason: 'withdrawn' }]);
  expect(readFileSync(file, 'utf8')).toBe('bytes');

  const late = server.makeOrder(parameters);
  server.send({ type: 'cancel', taskId: late.order.taskId });
  expect((await server.give(late)).files).toMatchObject([{ outcome: 'cancelled', reason: 'withdrawn' }]);
  expect(server.accepted).not.toContain(late.order.taskId);
  expect(readFileSync(file, 'utf8')).toBe('bytes');

  const real = server.makeOrder(parameters);
  expect((await server.give(real)).files).toMatchObject([{ outcome: 'done' }]);
  writeFileSync(file, 'bytes');
  for (const again of [1, 2]) {
    server.send({ type: 'order', order: real.bytes, signature: real.signature });
    await until(() => server.deliveries.get(real.order.taskId) === 1 + again, 'the stored report again');
    expect(existsSync(file)).toBe(true);
  }
  await world.kill();
  rmSync(path.join(world.data, 'vault'), { recursive: true });
  world.start();
  await until(() => server.hellos.length > 1, 'the agent is back');
  server.send({ type: 'order', order: real.bytes, signature: real.signature });
  await until(() => server.deliveries.get(real.order.taskId) === 4, 'the stored report after a restart');
  expect(readFileSync(file, 'utf8')).toBe('bytes');
}, 60_000);

test('a report is sent again with every connection until it is confirmed, and the effect is not repeated', async () => {
  await using world = await agentWorld();
  const { server } = world;
  const file = path.join(world.files, 'a');
  writeFileSync(file, 'bytes');
  world.start();
  server.confirms = false;
  const signedOrder = server.makeOrder(toQuarantine(pathOf(file), sha256Of('bytes')));
  const first = await server.give(signedOrder);
  writeFileSync(file, 'bytes');
  await world.kill();
  server.reports.clear();
  world.start();
  expect(await server.reportOf(signedOrder)).toEqual(first);
  server.confirms = true;
  server.disconnect();
  await until(() => server.hellos.length > 2, 'the agent connects again');
  await Bun.sleep(300);
  const delivered = server.deliveries.get(signedOrder.order.taskId);
  server.disconnect();
  await until(() => server.hellos.length > 3, 'the agent connects once more');
  await Bun.sleep(300);
  expect(server.deliveries.get(signedOrder.order.taskId)).toBe(delivered);
  expect(readFileSync(file, 'utf8')).toBe('bytes');
}, 60_000);

test('an agent gives back what a task took, and never begins a quarantine that was undone before its order came', async () => {
  await using world = await agentWorld();
  world.start();
  await until(() => world.server.hellos.length > 0, 'the agent connects');
  const file = path.join(world.files, 'a');
  writeFileSync(file, 'bytes');
  const taken = await world.server.run(toQuarantine(pathOf(file), sha256Of('bytes')));
  expect(existsSync(file)).toBe(false);
  expect((await world.server.run(toUndo(taken))).files).toMatchObject([{ outcome: 'done', effect: 'returned' }]);
  expect(readFileSync(file, 'utf8')).toBe('bytes');

  const late = world.server.makeOrder(toQuarantine(pathOf(file), sha256Of('bytes')));
  expect((await world.server.run(toUndo(late.order))).files).toMatchObject([{ outcome: 'not_found', path: null }]);
  expect((await world.server.reportOf(late)).files).toMatchObject([{ outcome: 'cancelled', reason: 'superseded' }]);
  await world.kill();
  const before = world.server.hellos.length;
  world.start();
  await until(() => world.server.hellos.length > before, 'the agent is back');
  await world.server.give(late);
  await world.server.run(toRestore(sha256Of('nothing')));
  expect(readFileSync(file, 'utf8')).toBe('bytes');
});
