import { afterAll, beforeAll, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { connect } from 'node:tls';
import { type Chance, seeded, testSeed } from '#kit/chance.ts';
import { within } from '#kit/until.ts';
import { openWorld, type World } from '#kit/world.ts';

/** How many; each has a connection of its own. */
const requests = Number(process.env['CUSTODY_FUZZ_REQUESTS'] ?? 20_000) / 50;
const seed = testSeed();
const atOnce = 20;
/** RFC 9110, 15.6.6: of a request that names another version of HTTP. */
const versionNotSupported = 505;
/** Longer than the server waits for the rest of anything. */
const patience = 60_000;

let world: World;

beforeAll(async () => {
  world = await openWorld({ agents: 0 });
});

afterAll(() => world[Symbol.asyncDispose]());

const targets = [
  ...['/healthz', '/api/v1/sessions', '/api/v1/openapi.json', '/login.html', '/rest/fetchfile/start', '/agent/v1'],
  ...[
    '/public_api/v1/endpoints/get_endpoints',
    '/agent/v1/enroll',
    '/agent/v1/uploads/x/0',
    '*',
    '//',
    '/%',
    '/\u00ff',
  ],
  ...[
    'https://elsewhere.example/api/v1/me',
    'elsewhere.example:443',
    '/..//../etc/passwd',
    `/${'a'.repeat(9_000)}`,
    '',
  ],
];
const methods = [
  'GET',
  'POST',
  'HEAD',
  'PATCH',
  'OPTIONS',
  'TRACE',
  'CONNECT',
  'PRI',
  'get',
  'G T',
  'X'.repeat(300),
  '',
];
const versions = ['HTTP/1.1', 'HTTP/1.0', 'HTTP/0.9', 'HTTP/9.9', 'HTTP/2.0', 'http/1.1', ''];
const heads = [
  ...['Host: x', 'Host:', 'Host: a b', 'Host: x\r\nHost: y', ' folded: x', 'no colon', ': no name', 'a\u0000b: c'],
  ...['Content-Length: 5', 'Content-Length: -1', 'Content-Length: 1e3', 'Content-Length: 99999999999999999999'],
  ...[
    'Content-Length: 5\r\nContent-Length: 6',
    'Content-Length: 5\r\nTransfer-Encoding: chunked',
    'Content-Length: 0x5',
  ],
  ...['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked, chunked', 'Transfer-Encoding: gzip', 'TE: trailers'],
  ...['Expect: 100-continue', 'Connection: upgrade\r\nUpgrade: websocket', 'Connection: upgrade\r\nUpgrade: h2c'],
  ...['Sec-WebSocket-Key: x', 'Content-Encoding: gzip', 'Range: bytes=0-', `Cookie: ${'a=b;'.repeat(500)}`],
  ...[
    'Authorization: \u00ff\u00fe',
    'X-Request-Id: \u0001',
    `X: ${'y'.repeat(70_000)}`,
    'a: b\r\n'.repeat(300).trimEnd(),
  ],
];
const bodies = [
  ...[
    '',
    '{}',
    '{"a":',
    '[[[[[',
    '\u00ff\u00fe',
    '5\r\nhello\r\n0\r\n\r\n',
    '5\r\nhel',
    'FFFFFFFFFFFFFFFF\r\nx',
    '-1\r\nx\r\n',
  ],
  ...[
    '0\r\nTrailer: x\r\n\r\n',
    '1;ext="\r\n"\r\na\r\n0\r\n\r\n',
    'zz\r\n',
    '{}GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n',
  ],
  ...['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\u0000\u0000', '\u0000'.repeat(5_000), 'x'.repeat(100_000)],
];

function brokenRequest(chance: Chance): Buffer {
  const fields = Array.from({ length: chance.whole(4) }, () => chance.one(heads));
  const line = `${chance.one(methods)} ${chance.one(targets)} ${chance.one(versions)}`;
  const right =
    chance.fraction() < 0.5 ? [`${chance.one(['GET', 'POST', 'PATCH'])} ${chance.one(targets)} HTTP/1.1`] : [];
  const bytes = Buffer.from(
    [...(right.length > 0 ? right : [line]), ...fields, '', chance.one(bodies)].join('\r\n'),
    'latin1',
  );
  const at = chance.whole(Math.max(bytes.length - 1, 0));
  if (chance.fraction() < 0.2 && bytes.length > 0) {
    bytes[at] = chance.whole(255);
  }
  return chance.fraction() < 0.1 ? bytes.subarray(0, at) : bytes;
}

/** Every status that came back on one connection, in whose write end nothing more comes. */
async function statusesOf(bytes: Buffer, ca: Buffer): Promise<readonly number[]> {
  const socket = connect({ host: '127.0.0.1', port: world.server.port, ca });
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.on('error', () => undefined);
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.end(bytes);
  await within(patience, `an end of ${JSON.stringify(bytes.toString('latin1').slice(0, 300))}`, closed);
  const answer = Buffer.concat(chunks).toString('latin1');
  return [...answer.matchAll(/^HTTP\/1\.[01] (\d{3}) /gm)].map(([, status]) => Number(status));
}

test(`${requests} connections that speak broken HTTP end, none with a failure of the server`, async () => {
  const ca = readFileSync(world.server.caFile);
  const chance = seeded(seed);
  const { pid } = world.server.program;
  const seen = new Map<number, number>();
  for (let done = 0; done < requests; done += atOnce) {
    const some = Array.from({ length: atOnce }, () => brokenRequest(chance));
    const answers = await Promise.all(some.map(async (bytes) => ({ bytes, statuses: await statusesOf(bytes, ca) })));
    for (const { bytes, statuses } of answers) {
      const failed = statuses.filter((status) => status >= 500 && status !== versionNotSupported);
      expect([failed, failed.length === 0 ? '' : bytes.toString('latin1').slice(0, 500)]).toEqual([[], '']);
      for (const status of statuses) {
        seen.set(status, (seen.get(status) ?? 0) + 1);
      }
    }
  }
  expect((await world.server.fetch('/healthz')).status).toBe(200);
  expect([world.server.program.pid, world.server.program.isRunning]).toEqual([pid, true]);
  expect(world.server.program.err()).not.toMatch(/"level":[56]0/);
  // Some get as far as the APIs.
  expect([seen.has(400), seen.size >= 4]).toEqual([true, true]);
}, 600_000);
