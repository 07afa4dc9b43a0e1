import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { connect } from 'node:http2';
import { EventStream } from '#kit/event-stream.ts';
import { custody, startProgram } from '#kit/program.ts';
import { until } from '#kit/until.ts';
import { openWorld, type World } from '#kit/world.ts';

const path = '/api/v1/events/stream';

let world: World;

beforeAll(async () => {
  world = await openWorld({ agents: 1 });
});

afterAll(() => world[Symbol.asyncDispose]());

async function newKey() {
  const { id, secret } = await world.client.createKey({ role: 'Instance Administrator', level: 'standard' });
  return { id, authorization: `Custody-Key ${id}:${secret}` };
}

/** Something happens, and is an event of its own. */
async function happen(name: string): Promise<void> {
  await world.client.createRole({ name, permissions: ['files.read'] });
}

describe('A stream of events comes through', () => {
  test('fetch over TLS, and ends when its key is deleted', async () => {
    const { id, authorization } = await newKey();
    const answer = await world.server.fetch(path, { headers: { authorization } });
    await using stream = new EventStream(answer);
    await stream.next();
    await happen('fetched');
    expect(await stream.data()).toMatchObject({ event: 'role_created', data: expect.stringContaining('"fetched"') });
    await world.client.deleteKey(id);
    const rest = (await stream.rest()).filter(({ data }) => data !== undefined);
    expect(rest.at(-1)).toMatchObject({ event: 'stream_ended', data: expect.stringContaining('"unauthenticated"') });
  });

  test('HTTP/2, event by event', async () => {
    const { authorization } = await newKey();
    const session = connect(world.server.url, { ca: readFileSync(world.server.caFile) });
    try {
      const request = session.request({ ':path': path, authorization });
      let text = '';
      request.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      await until('the stream begins', () => text.includes('retry: 3000'));
      await happen('over HTTP2');
      await until('the event has come', () => text.includes('"over HTTP2"'));
      request.close();
    } finally {
      session.destroy();
    }
  });

  test('curl, as the document says it', async () => {
    const { authorization } = await newKey();
    const words = ['curl', '-sN', '--cacert', world.server.caFile, '-H', `Authorization: ${authorization}`] as const;
    await using curl = startProgram([...words, `${world.server.url}${path}?type=role_created`]);
    await until('the stream begins', () => curl.out().includes('retry: 3000'));
    await happen('by curl');
    await until('the event has come', () => curl.out().includes('"by curl"'));
  });

  test('the command line, which goes on after a restart of the server and ends by Ctrl-C', async () => {
    await using follow = startProgram(
      [custody, 'events', 'follow', '--type', 'role_created', '--after', '0', '--json', '--data', world.server.data],
      { ownGroup: true },
    );
    await happen('before');
    await until('the event has come', () => follow.out().includes('"before"'));
    await world.server.end('SIGTERM');
    await world.server.start();
    await happen('after');
    await until('the next one has come', () => follow.out().includes('"after"'));
    const names = follow
      .out()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).facts.name);
    expect(names).toEqual([...new Set(names)]);
    expect(await follow.end('SIGINT')).toEqual({ code: null, signal: 'SIGINT' });
  });
});

test('Waiting for an action, and following it, end with the action', async () => {
  const agent = world.agent(0);
  const file = agent.put('streamed.txt', 'to be taken');
  const guid = await world.known(agent, file);
  const { action } = await world.client.startFetch({ guids: [guid] });
  const statuses: string[] = [];
  for await (const { status } of world.client.followAction(action.id)) {
    statuses.push(status);
  }
  expect(statuses.at(-1)).toBe('completed_successfully');
  expect((await world.client.waitForAction(action.id)).status).toBe('completed_successfully');
});

test('A server that stops ends its streams at once', async () => {
  const { authorization } = await newKey();
  await using stream = new EventStream(await world.server.fetch(path, { headers: { authorization } }));
  await stream.next();
  await using _unread = new EventStream(await world.server.fetch(path, { headers: { authorization } }));
  const rest = stream.rest();
  const { code } = await world.server.end('SIGTERM');
  expect(code).toBe(0);
  expect((await rest).at(-1)).toMatchObject({ event: 'stream_ended' });
  await world.server.start();
});
