import { expect, test } from 'bun:test';
import { setTimeout as wait } from 'node:timers/promises';
import { sha256Schema } from '#core/file/hash.ts';
import { quarantineOf } from '#kit/parameters.ts';
import { readKeyChange } from '#wire/order-key.ts';
import { isSignatureValid, newKeyPair, readPublicKey } from '#wire/signature.ts';
import type { Device } from './device.ts';
import { Fleet } from './fleet.ts';
import type { TestAgent } from './test-agent.ts';
import { until } from './until.ts';

const quarantine = quarantineOf('/srv/evil', sha256Schema.parse('ab'.repeat(32)));
const nameOf = (key: Uint8Array) => Buffer.from(key).toString('base64');

/** An agent of this version, which says the key that it trusts. */
async function joinTrusting(fleet: Fleet, device: Device, key: Uint8Array): Promise<TestAgent> {
  const agent = fleet.connect(device);
  agent.hello({ version: 3, orderKey: nameOf(key) });
  await agent.next('welcome');
  return agent;
}

/** Follows what the agent was told, as an agent does. */
function follow(agent: TestAgent, from: Uint8Array): Uint8Array {
  return agent.all('order_key').reduce((trusted, change) => readKeyChange(change, trusted).next, from);
}

test('Connected agents are led to the next key before the first order that it signs.', async () => {
  await using fleet = await Fleet.open();
  const device = await fleet.enrol();
  const first = fleet.signer.publicKey;
  const agent = await joinTrusting(fleet, device, first);
  fleet.signer.rotate(Date.now());
  await fleet.order([device], quarantine);
  fleet.ring([device]);
  const { order: bytes, signature } = await agent.next('order');
  const trusted = follow(agent, first);
  expect(trusted).toEqual(fleet.signer.publicKey);
  expect(isSignatureValid('custody-order-v1', { bytes, signature }, readPublicKey(trusted))).toBe(true);
  const types = agent.heard.map(({ type }) => type);
  expect(types.indexOf('order_key')).toBeLessThan(types.indexOf('order'));
});

test('An agent that was away during several changes is told each of them, and one that knows the key is told none.', async () => {
  await using fleet = await Fleet.open();
  const [device, other] = [await fleet.enrol(), await fleet.enrol('host-b')];
  const first = fleet.signer.publicKey;
  for (const at of [1, 2, 3]) {
    fleet.signer.rotate(at);
  }
  const agent = await joinTrusting(fleet, device, first);
  expect(agent.all('order_key')).toHaveLength(3);
  expect(follow(agent, first)).toEqual(fleet.signer.publicKey);
  expect((await joinTrusting(fleet, other, fleet.signer.publicKey)).all('order_key')).toEqual([]);
});

test('An agent of an older version is told nothing that it does not know; what it could not verify waits for it.', async () => {
  await using fleet = await Fleet.open();
  const device = await fleet.enrol();
  const agent = await fleet.join(device);
  await wait(5);
  fleet.signer.rotate(Date.now());
  const action = await fleet.order([device], quarantine);
  fleet.ring([device]);
  await wait(100);
  expect(agent.all('order_key')).toEqual([]);
  expect(agent.all('order')).toEqual([]);
  expect((await fleet.tasksOf(action))[0]?.state).toBe('pending');
  const said = fleet.logged.filter(({ message }) => message.includes('trusts another order key'));
  expect(said.map(({ message }) => message.endsWith('orders for it wait. Update its agent.'))).toEqual([true]);
  agent.vanish();
  const again = await fleet.join(device);
  await wait(100);
  expect([...again.all('order_key'), ...again.all('order')]).toEqual([]);
  again.vanish();
  // Whoever enrolled since has the present key.
  await wait(5);
  const late = await fleet.enrol('host-b');
  const second = await fleet.join(late);
  await fleet.order([late], quarantine);
  fleet.ring([late]);
  expect((await second.nextOrder()).endpointId).toBe(late.endpoint.id);
  // Once it is updated it is led there, and what waited leaves.
  const first = await joinTrusting(fleet, device, readKeyChangeFormer(fleet));
  expect((await first.nextOrder()).actionId).toBe(action.id);
});

function readKeyChangeFormer(fleet: Fleet): Uint8Array {
  const [change] = fleet.signer.changes;
  if (change === undefined) {
    throw new Error('The key was changed.');
  }
  return change.former;
}

test('Orders that were signed before a change and would arrive after it are signed anew.', async () => {
  await using fleet = await Fleet.open();
  const device = await fleet.enrol();
  const first = fleet.signer.publicKey;
  const agent = await joinTrusting(fleet, device, first);
  fleet.signer.afterSigning = () => {
    fleet.signer.afterSigning = () => undefined;
    fleet.signer.rotate(Date.now());
  };
  await fleet.order([device], quarantine);
  fleet.ring([device]);
  const { order: bytes, signature } = await agent.next('order');
  expect(isSignatureValid('custody-order-v1', { bytes, signature }, readPublicKey(follow(agent, first)))).toBe(true);
  await wait(100);
  expect(agent.all('order')).toHaveLength(1);
});

test('An agent that does not follow, or trusts a key that is none of this server, is recorded and sent no orders.', async () => {
  await using fleet = await Fleet.open();
  const [device, other] = [await fleet.enrol(), await fleet.enrol('host-b')];
  const agent = await joinTrusting(fleet, device, fleet.signer.publicKey);
  agent.say({ type: 'order_key_refused', why: 'It is signed by somebody else.' });
  const events = () => fleet.store.read((reader) => reader.events.list({ types: ['order_key_refused'] }, 0, 10));
  await until(async () => (await events()).length === 1);
  expect((await events())[0]).toMatchObject({
    endpointId: device.endpoint.id,
    facts: { why: 'It is signed by somebody else.' },
  });
  const stranger = await joinTrusting(fleet, other, new Uint8Array(32).fill(7));
  const action = await fleet.order([device, other], quarantine);
  fleet.ring([device, other]);
  await wait(100);
  expect([...agent.all('order'), ...stranger.all('order')]).toEqual([]);
  expect((await fleet.tasksOf(action)).map(({ state }) => state)).toEqual(['pending', 'pending']);
});

test('An agent that another server has led on already is sent orders as soon as this server learns of the key, over the same connection.', async () => {
  await using fleet = await Fleet.open();
  const [device, other] = [await fleet.enrol(), await fleet.enrol('host-b')];
  const next = newKeyPair();
  const agent = await joinTrusting(fleet, device, next.publicKey);
  const refusing = await joinTrusting(fleet, other, fleet.signer.publicKey);
  refusing.say({ type: 'order_key_refused', why: 'It is signed by somebody else.' });
  await fleet.order([device, other], quarantine);
  fleet.ring([device, other]);
  await wait(100);
  fleet.signer.rotate(1);
  expect(agent.all('order')).toEqual([]);
  fleet.signer.rotate(2, next.privatePem);
  const { order: bytes, signature } = await agent.next('order');
  expect(isSignatureValid('custody-order-v1', { bytes, signature }, readPublicKey(next.publicKey))).toBe(true);
  expect(agent.all('order_key')).toEqual([]);
  // Whoever said that it does not follow is not asked again, nor sent what it would take for a forgery.
  await wait(100);
  expect([...refusing.all('order'), ...refusing.all('order_key')]).toEqual([]);
});

test('An agent that does not follow the order key is told all the same what of its running tasks is called off.', async () => {
  await using fleet = await Fleet.open();
  const device = await fleet.enrol();
  const agent = await joinTrusting(fleet, device, fleet.signer.publicKey);
  const action = await fleet.order([device], quarantine);
  fleet.ring([device]);
  const { taskId } = await agent.nextOrder();
  agent.accept(taskId);
  await until(async () => (await fleet.tasksOf(action))[0]?.state === 'running');
  agent.vanish();
  const stranger = await joinTrusting(fleet, device, new Uint8Array(32).fill(7));
  await fleet.store.transact(({ tasks }) => tasks.transition([taskId], 'cancel'));
  fleet.ring([device]);
  expect((await stranger.next('cancel')).taskId).toBe(taskId);
  expect(stranger.all('order')).toEqual([]);
});
