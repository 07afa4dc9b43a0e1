import { afterAll, beforeAll, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { freePort } from '#kit/free-port.ts';
import { startAgent } from '#kit/real-agent.ts';
import { until } from '#kit/until.ts';
import { openWorld, type World } from '#kit/world.ts';

const mostOfAddress = 4;
let agentPort: number;
let world: World;

beforeAll(async () => {
  agentPort = await freePort();
  const settings = {
    CUSTODY_AGENT_LISTEN: `127.0.0.1:${agentPort}`,
    CUSTODY_ADDRESS_REQUESTS: String(mostOfAddress),
  };
  world = await openWorld({ agents: 0, settings });
});

afterAll(() => world[Symbol.asyncDispose]());

const agentUrl = () => `https://127.0.0.1:${agentPort}`;

async function statusAt(url: string, path: string): Promise<readonly [status: number, words: string]> {
  const answer = await fetch(`${url}${path}`, { tls: { ca: readFileSync(world.server.caFile, 'utf8') } });
  return [answer.status, await answer.text()];
}

/** Of the server's log. */
function linesWith(words: string): readonly string[] {
  return world.server.program
    .err()
    .split('\n')
    .filter((line) => line.includes(words));
}

test('an agent enrols, connects and uploads at the port for agents', async () => {
  const { server, client, directory } = world;
  const agent = await startAgent({ ...server, url: agentUrl() }, { directory: join(directory, 'agent') });
  try {
    await agent.connect();
    const guid = await world.known(agent, agent.put('a.txt', 'hello'));
    const { action } = await client.startFetch({ guids: [guid] });
    const done = await until('the file is fetched', async () => {
      const { status, tasks } = await client.readAction(action.id);
      return status === 'completed_successfully' ? tasks : undefined;
    });
    const { body } = await client.downloadFile({ actionId: action.id, taskId: done[0]?.id ?? '', ordinal: 0 });
    expect(await new Response(body).text()).toBe('hello');
  } finally {
    await agent.end('SIGTERM');
  }
});

test('the port for agents serves nobody else, and probes', async () => {
  const refused = [404, 'Only agents are served on this port. People and programs have another one.\n'] as const;
  for (const path of ['/', '/api/v1/server', '/public_api/v1/healthcheck', '/login.html', '/agent/v2', '/agent/v10']) {
    expect([path, await statusAt(agentUrl(), path)]).toEqual([path, refused]);
  }
  expect(linesWith('only agents are served here')).toHaveLength(1);
  expect((await statusAt(agentUrl(), '/healthz'))[0]).toBe(200);
  expect((await statusAt(agentUrl(), '/readyz'))[0]).toBe(200);
  expect((await statusAt(agentUrl(), '/agent/v1'))[1]).toBe((await statusAt(world.server.url, '/agent/v1'))[1]);
});

test('whatever fills the port for agents leaves people in (P69)', async () => {
  const sockets = Array.from({ length: mostOfAddress }, halfARequest);
  try {
    await until('the port for agents is full', async () => (await statusAt(agentUrl(), '/healthz'))[0] === 429);
    expect((await statusAt(world.server.url, '/healthz'))[0]).toBe(200);
    expect(linesWith('too many requests under way')).toEqual([expect.stringContaining('"127.0.0.1"')]);
  } finally {
    for (const socket of sockets) {
      socket.destroy();
    }
  }
});

/** Its body never comes, as of one that floods. */
function halfARequest(): TLSSocket {
  const socket = connect({ host: '127.0.0.1', port: agentPort, ca: readFileSync(world.server.caFile) });
  socket.on('error', () => undefined);
  socket.write('POST /agent/v1/nothing HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n\r\n');
  return socket;
}
