import { expect, test } from 'bun:test';
import { dataDirectory } from '#agent/identity/data-directory.ts';
import { OrderKeys } from '#agent/identity/order-keys.ts';
import { currentPlatform } from '#agent/platform/current.ts';
import { durableFiles } from '#agent/platform/durable-files.ts';
import type { SignedKeyChange } from '#core/ports/order-signer.ts';
import { encode } from '#wire/codec.ts';
import type { AgentMessage } from '#wire/messages.ts';
import { signKeyChange } from '#wire/order-key.ts';
import { newKeyPair, readPrivateKey, signBytes } from '#wire/signature.ts';
import { MovingAgent } from './moving-agent.ts';
import { toQuarantine } from './parameters.ts';
import { TinyServer } from './tiny-server.ts';
import { until } from './until.ts';
import { pathOf, sha256Of } from './vault-world.ts';

const quiet = () => undefined;
const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };

/** A chain of keys: the first is the one that the agent enrolled with. */
function chain(first: string, count: number) {
  const keys = [first, ...Array.from({ length: count }, () => newKeyPair().privatePem)];
  const changes = keys.slice(1).map((next, index) => {
    const when = { sequence: index + 1, issuedAt: index + 1 };
    return signKeyChange({ former: keys[index] ?? '', next }, when);
  });
  return { keys, changes };
}

const nameOf = (pem: string) => Buffer.from(readPrivateKey(pem).publicKey).toString('base64');

/** An enrolled agent that is not running, and what holds its order key. */
async function enrolled() {
  const server = await TinyServer.start();
  const agent = await MovingAgent.start(server);
  const platform = await currentPlatform();
  const directory = dataDirectory(agent.data);
  const said: Exclude<AgentMessage, { type: 'hello' }>[] = [];
  const open = async () =>
    new OrderKeys({
      ...{ fs: durableFiles, platform, directory, identity: await agent.identity(), log },
      say: (message) => said.push(message) > 0,
    });
  return {
    ...{ server, agent, said, open },
    async [Symbol.asyncDispose]() {
      await agent[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

test('an agent follows a chain of changes, over restarts, and says of nothing that it knows already', async () => {
  await using world = await enrolled();
  const { keys, changes } = chain(world.server.orderPem, 3);
  const first = await world.open();
  for (const change of changes.slice(0, 2)) {
    await first.take(change);
  }
  // Said again, by a server that does not know that it was heard.
  await first.take(changes[1] ?? missing());
  expect(first.name).toBe(nameOf(keys[2] ?? ''));
  const again = await world.open();
  expect(again.name).toBe(nameOf(keys[2] ?? ''));
  await again.take(changes[2] ?? missing());
  expect([again.name, world.said]).toEqual([nameOf(keys[3] ?? ''), []]);
  expect(await world.agent.identity()).toMatchObject({ orderKey: nameOf(keys[3] ?? ''), orderKeySequence: 3 });
});

test('what anybody else has signed, what was altered, replayed, left out or rolled back is refused and told', async () => {
  await using world = await enrolled();
  const { keys, changes } = chain(world.server.orderPem, 3);
  const [first, second, third] = changes;
  if (first === undefined || second === undefined || third === undefined) {
    throw new Error('There are three changes.');
  }
  const holder = await world.open();
  await holder.take(first);
  const at = keys[1] ?? '';
  const thief = newKeyPair().privatePem;
  const next = newKeyPair().privatePem;
  const good = signKeyChange({ former: at, next }, { sequence: 2, issuedAt: 2 });
  const [former, follower] = [thief, next].map((pem) => readPrivateKey(pem).publicKey);
  const astray = encode({ v: 1, sequence: 2, former, next: follower, issuedAt: 2 });
  const altered = good.change.map((byte, index) => (index === good.change.length - 1 ? byte ^ 1 : byte));
  const forged: Readonly<Record<string, SignedKeyChange>> = {
    'signed by somebody else': signKeyChange({ former: thief, next: thief }, { sequence: 9, issuedAt: 9 }),
    'of the key before': signKeyChange({ former: keys[0] ?? '', next: thief }, { sequence: 9, issuedAt: 9 }),
    'one left out': third,
    'without the next key’s word': { ...good, proof: good.signature },
    'signed as something else': {
      ...good,
      signature: signBytes('custody-trust-v1', good.change, readPrivateKey(at).key),
    },
    'about another key': {
      change: astray,
      signature: signBytes('custody-order-key-v1', astray, readPrivateKey(at).key),
      proof: signBytes('custody-order-key-v1', astray, readPrivateKey(next).key),
    },
    altered: { ...good, change: altered },
    'of an older number': signKeyChange({ former: at, next }, { sequence: 1, issuedAt: 1 }),
    'back to the first': signKeyChange({ former: at, next: keys[0] ?? '' }, { sequence: 1, issuedAt: 1 }),
  };
  for (const [words, change] of Object.entries(forged)) {
    await holder.take(change);
    expect([words, holder.name]).toEqual([words, nameOf(at)]);
    expect([words, world.said.splice(0).map(({ type }) => type)]).toEqual([words, ['order_key_refused']]);
  }
  await holder.take(second);
  await holder.take(first);
  expect(holder.name).toBe(nameOf(keys[2] ?? ''));
  expect(world.said.map(({ type }) => type)).toEqual(['order_key_refused']);
});

test('over real frames an order of the next key is done after its change, and one of the former key no longer', async () => {
  await using world = await enrolled();
  const { server } = world;
  await until(() => server.hellos.length > 0, 'the agent connects');
  const { keys, changes } = chain(server.orderPem, 1);
  const parameters = toQuarantine(pathOf('/nowhere/at/all'), sha256Of('x'));
  const next = readPrivateKey(keys[1] ?? '').key;
  const asked = server.makeOrder(parameters);
  const signedNext = { ...asked, signature: signBytes('custody-order-v1', asked.bytes, next) };
  server.send({ type: 'order', order: signedNext.bytes, signature: signedNext.signature });
  await until(() => server.refusals.length === 1, 'it is refused before the change');
  server.send({ type: 'order_key', ...(changes[0] ?? missing()) });
  const later = server.makeOrder(parameters);
  const done = server.give({ ...later, signature: signBytes('custody-order-v1', later.bytes, next) });
  expect((await done).files).toMatchObject([{ outcome: 'not_found' }]);
  const former = server.makeOrder(parameters);
  server.send({ type: 'order', order: former.bytes, signature: former.signature });
  await until(() => server.refusals.length === 2, 'the former key counts no more');
});

function missing(): never {
  throw new Error('There is no such change.');
}
