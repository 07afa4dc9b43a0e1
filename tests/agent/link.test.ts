import { expect, test } from 'bun:test';
import { hostFacts } from '#agent/host-facts.ts';
import { backoff } from '#agent/link/backoff.ts';
import { Link } from '#agent/link/link.ts';
import type { ServerChoice } from '#agent/link/servers.ts';
import { systemRandom } from '#agent/platform/system-random.ts';
import { endpointIdSchema } from '#core/endpoint/endpoint-id.ts';
import { Fault } from '#core/fault.ts';
import type { Log } from '#core/ports/log.ts';
import type { FrameHandlers, Net } from '#core/ports/net.ts';
import type { Random } from '#core/ports/random.ts';
import { minute, second } from '#core/time.ts';
import { decode, encode } from '#wire/codec.ts';
import { reconnect } from '#wire/limits.ts';
import { type AgentMessage, agentMessageSchema, type ServerMessage } from '#wire/messages.ts';
import { isSignatureValid, newKeyPair, readPrivateKey, readPublicKey } from '#wire/signature.ts';
import { newTask } from './vault-world.ts';
import { VirtualClock } from './virtual-clock.ts';

const quiet = () => undefined;
const log: Log = { debug: quiet, info: quiet, warn: quiet, error: quiet };
const keys = newKeyPair();
const endpointId = endpointIdSchema.parse('a'.repeat(32));

const oneServer: ServerChoice = {
  isFirst: true,
  ended: () => true,
  refresh: () => Promise.resolve(),
  firstAnswers: () => Promise.resolve(true),
};

/** A link over a net that the test plays, in time that the test lets pass. */
function linkWorld(fraction = 0.5, servers: ServerChoice = oneServer) {
  const clock = new VirtualClock();
  const connections: FrameHandlers[] = [];
  const said: AgentMessage[] = [];
  const events: string[] = [];
  const net: Net = {
    connect(handlers) {
      connections.push(handlers);
      return {
        send: (frame) => void said.push(decode(frame, agentMessageSchema)),
        close: (why) => handlers.closed(why),
      };
    },
    request: () => Promise.reject(new Fault('unavailable', 'not in this test')),
  };
  const random: Random = { ...systemRandom, fraction: () => fraction };
  const deviceKey = readPrivateKey(keys.privatePem).key;
  const facts = () => hostFacts(['/srv']);
  const link = new Link(
    {
      ...{ net, clock, random, log, endpointId, deviceKey, vaultRecipient: 'age1', facts, servers },
      orderKey: () => Buffer.alloc(32).toString('base64'),
    },
    {
      welcomed: () => void events.push('welcomed'),
      heard: (statement) => void events.push(statement.type),
      lost: () => void events.push('lost'),
    },
  );
  const stop = new AbortController();
  const end = link.run(stop.signal);
  const tell = (message: ServerMessage) => connections.at(-1)?.frame(encode(message));
  const nonce = new Uint8Array(32).fill(7);
  const welcome = () => {
    tell({ type: 'challenge', nonce, versions: [1], time: 1 });
    tell({ type: 'welcome', version: 1, time: 1, heartbeatInterval: 30 * second });
  };
  return { clock, connections, said, events, link, stop, end, tell, nonce, welcome };
}

test('a challenge is answered with a hello that signs its nonce; before the welcome nothing else is said', () => {
  const { said, tell, nonce, link, events } = linkWorld();
  tell({ type: 'challenge', nonce, versions: [9, 1], time: 1 });
  const hello = said[0];
  expect(hello).toMatchObject({ type: 'hello', version: 1, endpointId });
  const signature = hello?.type === 'hello' ? hello.signature : new Uint8Array();
  expect(isSignatureValid('custody-hello-v1', { bytes: nonce, signature }, readPublicKey(keys.publicKey))).toBe(true);
  expect(link.say({ type: 'heartbeat' })).toBe(false);
  tell({ type: 'recorded', taskId: newTask() });
  tell({ type: 'welcome', version: 1, time: 1, heartbeatInterval: 30 * second });
  expect([link.say({ type: 'heartbeat' }), said.length, events]).toEqual([true, 2, ['welcomed']]);
});

test('a server that speaks none of our versions, or is silent at the greeting, is left and tried again', async () => {
  const { clock, connections, tell, nonce } = linkWorld();
  tell({ type: 'challenge', nonce, versions: [9], time: 1 });
  await clock.pass(second);
  expect(connections).toHaveLength(2);
  await clock.pass(31 * second);
  expect(connections.length).toBeGreaterThan(2);
});

test('heartbeats go out, and a server that falls silent is given up', async () => {
  const { clock, connections, said, welcome, tell } = linkWorld();
  welcome();
  for (let beat = 0; beat < 4; beat += 1) {
    await clock.pass(30 * second);
    tell({ type: 'heartbeat', time: 1 });
  }
  expect(said.filter(({ type }) => type === 'heartbeat').length).toBeGreaterThanOrEqual(4);
  expect(connections).toHaveLength(1);
  await clock.pass(2 * minute);
  expect(connections.length).toBeGreaterThan(1);
});

test('a frame that is no message ends the connection, and the next one begins anew', async () => {
  const { clock, connections, events, welcome } = linkWorld();
  welcome();
  connections[0]?.frame(new Uint8Array([0xc1]));
  await clock.pass(second);
  expect(events).toEqual(['welcomed', 'lost']);
  expect(connections).toHaveLength(2);
});

test('a refusal’s hint is waited out, and a final refusal ends the link', async () => {
  const { clock, connections, tell, end } = linkWorld();
  tell({ type: 'refused', why: 'busy', retryAfter: 10 * minute, final: false });
  await clock.pass(10 * minute - 1);
  expect(connections).toHaveLength(1);
  await clock.pass(second);
  expect(connections).toHaveLength(2);
  tell({ type: 'refused', why: 'revoked', retryAfter: 0, final: true });
  await expect(end).rejects.toMatchObject({ code: 'permission_denied' });
});

test('the signal ends the link wherever it is', async () => {
  const { stop, end, connections, clock } = linkWorld();
  connections[0]?.closed('refused');
  await clock.pass(0);
  stop.abort();
  expect(await end).toBeUndefined();
});

test('what still arrives on a connection that the agent has closed moves nothing, and leaves nothing waiting', async () => {
  const { clock, stop, end, tell, nonce, welcome, said, events } = linkWorld();
  tell({ type: 'challenge', nonce, versions: [1], time: 1 });
  stop.abort();
  expect(await end).toBeUndefined();
  const before = said.length;
  welcome();
  tell({ type: 'recorded', taskId: newTask() });
  expect([said.length - before, events, clock.waiting]).toEqual([0, [], 0]);
});

test.each([
  [1, 1, reconnect.first],
  [2, 1, 2 * second],
  [9, 1, 256 * second],
  [10, 1, reconnect.longest],
  [1_000, 1, reconnect.longest],
  [5, 0, 0],
  [5, 0.5, 8 * second],
])('after %d failures with chance %d the pause is %d ms', (failures, fraction, delay) => {
  expect(backoff(failures, { ...systemRandom, fraction: () => fraction })).toBe(delay);
  expect(backoff(failures, { ...systemRandom, fraction: () => fraction }, 7_000)).toBe(delay + 7_000);
});
