import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { Fault } from '#core/fault.ts';
import { createKey } from '#core/verbs/create-key.ts';
import { administrator } from '#kit/fleet.ts';
import { freePort } from '#kit/free-port.ts';
import { until } from '#kit/until.ts';
import { openLocalServices } from '#server/local-services.ts';
import { type RunningServer, startServer } from '#server/start-server.ts';

let data = '';

beforeEach(async () => {
  data = join(await mkdtemp(join(tmpdir(), 'custody-server-')), 'data');
});

afterEach(() => rm(join(data, '..'), { recursive: true }));

function start(flags: Record<string, string> = {}): Promise<RunningServer> {
  const sources = { flags: { data, listen: '127.0.0.1:0', log: 'error', ...flags }, environment: {} };
  return startServer(sources);
}

async function refusal(work: Promise<unknown>): Promise<Fault> {
  try {
    await work;
  } catch (error) {
    if (error instanceof Fault) {
      return error;
    }
    throw error;
  }
  throw new Error('Nothing was refused.');
}

/** Asks over TLS, trusting the server's own authority. */
async function ask(server: RunningServer, path: string, init: RequestInit = {}): Promise<Response> {
  const ca = await readFile(server.directory.authority, 'utf8');
  return fetch(`https://127.0.0.1:${server.port}${path}`, { ...init, redirect: 'manual', tls: { ca } });
}

describe('a server', () => {
  test('answers probes, each dialect in its own words, and unknown paths in the native ones', async () => {
    const server = await start();
    try {
      expect(await (await ask(server, '/healthz')).text()).toBe('ok\n');
      expect((await ask(server, '/readyz')).status).toBe(200);
      expect((await ask(server, '/rest/anything')).headers.get('location')).toBe('/login.html');
      const cortex = await ask(server, '/public_api/v1/endpoints/restore', { method: 'POST', body: '{}' });
      expect(await cortex.text()).toStartWith('{"reply": {"err_code": 401');
      const unknown = await ask(server, '/nowhere');
      expect(unknown.headers.get('content-type')).toBe('application/problem+json');
      expect(unknown.status).toBe(404);
    } finally {
      await server.close();
    }
  });

  test('says that it closes a connection when it was asked to', async () => {
    const server = await start();
    try {
      const reply = await ask(server, '/healthz', { headers: { connection: 'close' } });
      expect(reply.headers.get('connection')).toBe('close');
    } finally {
      await server.close();
    }
  });

  test('makes its first user once, and links with the port that it really has', async () => {
    const first = await start({ 'admin-email': 'Ana@Example.org' });
    expect(first.administrator?.email.toLowerCase()).toBe('ana@example.org');
    expect(first.administrator?.generatedPassword?.length).toBeGreaterThanOrEqual(20);
    expect(first.publicUrl).toBe(`https://127.0.0.1:${first.port}`);
    await first.close();
    const second = await start();
    expect(second.administrator).toBeUndefined();
    await second.close();
  });

  test('keeps everything it makes from other users', async () => {
    const server = await start();
    expect((await stat(data)).mode & 0o777).toBe(0o700);
    expect((await stat(server.directory.adminSocket)).mode & 0o777).toBe(0o600);
    expect((await stat(server.directory.store)).mode & 0o777).toBe(0o600);
    await server.close();
  });

  test('does not start on a directory that another process uses, nor on a port that is taken', async () => {
    const server = await start();
    try {
      expect((await refusal(start())).message).toContain('CUSTODY_DATA');
      const other = { data: join(data, '..', 'other'), listen: `127.0.0.1:${server.port}` };
      expect((await refusal(start(other))).message).toContain('CUSTODY_LISTEN');
      const again = await start({ data: join(data, '..', 'other') });
      await again.close();
    } finally {
      await server.close();
    }
  });

  test('leaves no port open when it cannot start', async () => {
    const server = await start();
    await server.close();
    await mkdir(server.directory.adminSocket);
    const ports = [await freePort(), await freePort()];
    const [main, agents] = ports.map((port) => `127.0.0.1:${port}`);
    const refused = await refusal(start({ listen: `${main}`, 'agent-listen': `${agents}` }));
    expect(refused.message).toContain(`The admin socket ${server.directory.adminSocket} cannot be used.`);
    for (const port of ports) {
      const occupant = createServer().listen(port, '127.0.0.1');
      await once(occupant, 'listening');
      occupant.close();
      await once(occupant, 'close');
    }
  });

  test('can be administered without running, but not beside itself', async () => {
    const server = await start();
    const sources = { flags: { data }, environment: {} };
    expect((await refusal(openLocalServices(sources))).code).toBe('conflict');
    await server.close();
    const services = await openLocalServices(sources);
    const reply = await services.send({ method: 'GET', path: '/api/v1/users', headers: {}, body: undefined });
    expect(reply.status).toBe(200);
    await services.close();
    const none = { flags: { data: join(data, '..', 'none') }, environment: {} };
    expect((await refusal(openLocalServices(none))).code).toBe('not_found');
  });
});

test('a server shows its metrics to who may read actions, without a name or a value that somebody sent', async () => {
  const server = await start();
  try {
    const { ports } = server.composed;
    const created = await createKey(ports, administrator, {
      ...{ name: 'scraper', role: 'Viewer', level: 'standard', expiresAt: null },
    } as const);
    const authorization = `Custody-Key ${created.key.id}:${created.secret}`;
    expect((await ask(server, '/metrics')).status).toBe(401);
    expect((await ask(server, '/metrics', { headers: { authorization: 'Custody-Key 1:canary' } })).status).toBe(401);
    await ask(server, '/rest/canary?canary=canary', { method: 'CANARY', headers: { 'x-canary': 'canary' } });
    await ask(server, '/nowhere');
    for (const path of ['/metrics', '/api/v1/metrics']) {
      const answer = await ask(server, path, { headers: { authorization } });
      expect([answer.status, answer.headers.get('content-type')]).toEqual([
        200,
        'text/plain; version=0.0.4; charset=utf-8',
      ]);
      const text = await answer.text();
      expect(text).toContain('custody_http_requests_total{api="native",method="GET",status="404"} 1\n');
      expect(text).toMatch(/custody_http_requests_total\{api="cybereason",method="(?:GET|other)",status="\d+"\} 1\n/);
      expect(text).toMatch(/custody_http_request_duration_seconds_count\{api="probe"\} \d+\n/);
      expect(text).toContain('custody_agents_connected 0\n');
      expect(text).toContain('custody_approvals_waiting 0\n');
      expect(text).toContain('custody_rings_halted 0\n');
      expect(text).toContain('custody_glass_broken_total 0\n');
      expect(text).toContain('custody_emergency_stop 0\n');
      expect(text).toContain('custody_agents_not_haltable 0\n');
      expect(text).toContain('custody_evidence_bytes 0\n');
      expect(text).toMatch(/process_resident_memory_bytes \d{7,}\n/);
      expect(text).toMatch(/# TYPE process_cpu_seconds_total counter\nprocess_cpu_seconds_total \d+\.\d+\n/);
      expect(text).toContain('custody_build_info{version="');
      expect(text.toLowerCase()).not.toContain('canary');
      expect(text).not.toContain(created.secret);
    }
  } finally {
    await server.close();
  }
});

describe('its port', () => {
  test('offers HTTP/2 unless that is switched off', async () => {
    const protocolOf = async (flags: Record<string, string>) => {
      const server = await start(flags);
      try {
        const ca = await readFile(server.directory.authority);
        const socket = connect({ host: '127.0.0.1', port: server.port, ca, ALPNProtocols: ['h2', 'http/1.1'] });
        await once(socket, 'secureConnect');
        socket.destroy();
        return socket.alpnProtocol;
      } finally {
        await server.close();
      }
    };
    expect(await protocolOf({})).toBe('h2');
    expect(await protocolOf({ http2: 'off' })).not.toBe('h2');
  });

  test('answers an address that has as many requests under way as it may with 429, and takes it again afterwards', async () => {
    const server = await start({ 'address-requests': '1' });
    try {
      const ca = await readFile(server.directory.authority);
      const socket = connect({ host: '127.0.0.1', port: server.port, ca });
      socket.write('POST /login.html HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nuser');
      const refused = await until('the request is under way', async () => {
        const answer = await ask(server, '/healthz');
        return answer.status === 429 && answer;
      });
      expect([refused.headers.get('retry-after'), await refused.text()]).toEqual([
        '1',
        expect.stringContaining('too many requests'),
      ]);
      socket.write('name=x');
      await once(socket, 'data');
      await until('it is taken again', async () => (await ask(server, '/healthz')).status === 200);
      socket.destroy();
    } finally {
      await server.close();
    }
  });
});
