import { expect, test } from 'bun:test';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { newKey } from '#kit/cortex.ts';
import { newUser } from '#kit/cybereason.ts';
import { readProcessFile } from '#kit/program.ts';
import { openWorld } from '#kit/world.ts';

/** Ways to write an address that a server must not be talked into asking. */
function addresses(port: number): readonly string[] {
  return [
    ...[
      `http://127.0.0.1:${port}/`,
      `https://127.0.0.1:${port}/`,
      `//127.0.0.1:${port}/`,
      `http://2130706433:${port}/`,
    ],
    ...[
      `http://[::ffff:127.0.0.1]:${port}/`,
      `http://0x7f.1:${port}/`,
      `http://localhost:${port}/`,
      `file:///etc/passwd`,
    ],
    ...['http://169.254.169.254/latest/meta-data/', `\\\\127.0.0.1@${port}\\share`, `gopher://127.0.0.1:${port}/_x`],
  ];
}

/** The far ends of the TCP connections that a process has open, as the kernel writes them. */
function farEnds(pid: number, port: number): readonly string[] {
  const own = port.toString(16).toUpperCase().padStart(4, '0');
  return ['net/tcp', 'net/tcp6']
    .flatMap((name) => (readProcessFile(pid, name) ?? '').split('\n').slice(1))
    .map((line) => line.trim().split(/\s+/)[2] ?? '')
    .filter((far) => far.endsWith(`:${own}`));
}

test('the server asks no address that a client or an agent names, in whatever field of whichever API', async () => {
  const visitors: string[] = [];
  const trap = createServer((socket) => {
    visitors.push(String(socket.remoteAddress));
    socket.destroy();
  });
  trap.listen(0, '127.0.0.1');
  await once(trap, 'listening');
  const address = trap.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  await using world = await openWorld({ agents: 1 });
  const { server } = world;
  const endpointIds = [world.agent(0).id];
  const cortex = await newKey(server, 'Instance Administrator');
  const ana = await newUser(server, 'ana@example.com', 'Instance Administrator');
  const native = { authorization: `Custody-Key ${cortex.keyId}:${cortex.secret}`, 'content-type': 'application/json' };
  let asked = 0;
  for (const url of addresses(port)) {
    const text = { name: url, description: url, text: url, comment: url, email: url, alias: url, reason: url };
    const bodies = [
      text,
      { ...text, role: 'Viewer', level: 'standard' },
      { ...text, endpointIds, path: url, tags: [url] },
    ];
    const headers = { host: new URL(url, 'http://x').host || 'x', referer: url, origin: url, 'x-forwarded-host': url };
    const posts = [
      'sessions',
      'users',
      'keys',
      'incidents',
      'endpoints/rename',
      'actions/quarantine',
      'actions/retrieve',
    ];
    const answers = await Promise.all([
      ...posts.flatMap((call) =>
        bodies.map((body) =>
          server.fetch(`/api/v1/${call}`, {
            ...{ method: 'POST', body: JSON.stringify(body) },
            headers: { ...native, referer: url, 'x-forwarded-host': url },
          }),
        ),
      ),
      server.fetch(`/api/v1/endpoints?hostName=${encodeURIComponent(url)}`, { headers: native }),
      server.fetch('/login.html', {
        method: 'POST',
        headers,
        body: new URLSearchParams({ username: url, password: url }),
      }),
      server.fetch('/agent/v1/enroll', {
        method: 'POST',
        body: JSON.stringify({ token: url, server: url, facts: text }),
      }),
      ana.post('/rest/fetchfile/start', { elementGuids: [url], initiatorUserName: url }),
      ana.post('/rest/classification/update', [{ keys: [url], maliciousType: url, remove: false, prevent: false }]),
    ]);
    asked += answers.length;
    const alert = { product: url, vendor: url, local_ip: '127.0.0.1', local_port: port, remote_ip: '127.0.0.1', url };
    await cortex.call('alerts/insert_parsed_alerts', { alerts: [{ ...alert, alert_name: url, event_timestamp: 1 }] });
    await cortex.call('endpoints/update_agent_name', {
      filters: [{ field: 'endpoint_id_list', operator: 'in', value: endpointIds }],
      alias: url,
    });
    await cortex.call('endpoints/file_retrieval', {
      filters: [{ field: 'endpoint_id_list', operator: 'in', value: endpointIds }],
      files: { linux: [url, `/${url}`] },
    });
  }
  expect(asked).toBeGreaterThan(200);
  expect([visitors, farEnds(server.program.pid, port)]).toEqual([[], []]);
  trap.close();
}, 120_000);
