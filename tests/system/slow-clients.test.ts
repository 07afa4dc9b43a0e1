import { afterAll, beforeAll, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { connect } from 'node:tls';
import { openSlowSocket, slownesses } from '#kit/slow-sockets.ts';
import { within } from '#kit/until.ts';
import { openWorld, type World } from '#kit/world.ts';

/** What a server may hold open in the same moment, whatever the limits of the machine. */
const ofEach = 40;
/** The bench says how soon it is; this is for a machine that has much else to do. */
const patience = 60_000;
const mebibyte = 1024 * 1024;

let world: World;

beforeAll(async () => {
  world = await openWorld({ agents: 0 });
});

afterAll(() => world[Symbol.asyncDispose]());

test('clients that are slow in any way are closed, and others are answered meanwhile', async () => {
  const sockets = slownesses.flatMap((each) =>
    Array.from({ length: ofEach }, () => openSlowSocket(world.server, each)),
  );
  await Promise.all(sockets.map(({ opened }) => opened));
  let areOpen = true;
  const all = Promise.all(sockets.map(({ closed }) => closed)).then((times) => {
    areOpen = false;
    return times;
  });
  let answered = 0;
  while (areOpen && answered < 500) {
    expect((await world.server.fetch('/healthz')).status).toBe(200);
    answered += 1;
  }
  const times = await within(patience, 'every slow client is closed', all);
  expect([answered > 0, times.length]).toEqual([true, slownesses.length * ofEach]);
}, 120_000);

test('bodies that are too large are refused in the words of each API, many at once, with nothing of them parsed', async () => {
  const large = new Uint8Array(33 * mebibyte).fill(0x5b);
  const { id, secret } = await world.client.createKey({ role: 'Viewer', level: 'standard' });
  const key = { 'x-xdr-auth-id': String(id), authorization: secret };
  const send = async (path: string, headers: Record<string, string>) => {
    const answer = await world.server.fetch(path, { method: 'POST', headers, body: large });
    return [answer.status, await answer.text()] as const;
  };
  const answers = await Promise.all(
    Array.from({ length: 4 }, () => [
      send('/api/v1/sessions', {}),
      send('/public_api/v1/endpoints/get_endpoints/', key),
      send('/login.html', {}),
    ]).flat(),
  );
  const native = expect.stringContaining('"code":"too_large"');
  const cortex = expect.stringContaining('"err_code": 413');
  const cybereason = expect.stringContaining('"status":"FAILURE"');
  const round = [
    [413, native],
    [413, cortex],
    [413, cybereason],
  ];
  expect(answers).toEqual([...round, ...round, ...round, ...round] as never);
}, 120_000);

test('a head that says how large the body is is answered before the body has come', async () => {
  const head = 'POST /login.html HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n';
  const socket = connect({ host: '127.0.0.1', port: world.server.port, ca: readFileSync(world.server.caFile) });
  const first = new Promise<string>((resolve) => socket.once('data', (bytes: Buffer) => resolve(bytes.toString())));
  socket.write(head);
  expect(await within(patience, 'the refusal', first)).toStartWith('HTTP/1.1 413');
  socket.destroy();
});
