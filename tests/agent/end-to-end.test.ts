import { expect, test } from 'bun:test';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { enrolAgent } from '#agent/main.ts';
import { toFetch, toQuarantine, toRestore } from './parameters.ts';
import { agentWorld } from './running-agent.ts';
import { TinyServer } from './tiny-server.ts';
import { until } from './until.ts';
import { hashOfFile, pathOf, sha256Of } from './vault-world.ts';

const content = 'to be fetched, quarantined and restored\n';

test('an enrolled agent fetches, quarantines and restores, and its inventory follows', async () => {
  await using world = await agentWorld();
  const { server, files } = world;
  const file = path.join(files, 'a.txt');
  writeFileSync(file, content);
  mkdirSync(path.join(files, 'below'));
  writeFileSync(path.join(files, 'below', 'script.sh'), '#!/bin/sh\n');
  world.start();
  await until(() => server.wholes > 0, 'a whole inventory');
  expect([...server.files]).toEqual(
    expect.arrayContaining([
      [file, sha256Of(content)],
      [path.join(files, 'below', 'script.sh'), sha256Of('#!/bin/sh\n')],
    ]),
  );

  const fetched = await server.run(toFetch(pathOf(file), pathOf(`${file}.no`)));
  expect(fetched.files).toMatchObject([
    { ordinal: 0, outcome: 'done', sha256: sha256Of(content), size: content.length },
    { ordinal: 1, outcome: 'not_found' },
  ]);
  expect(server.evidence.stored.get(sha256Of(content))?.toString()).toBe(content);

  const taken = await server.run(toQuarantine(pathOf(file), sha256Of(content)));
  expect(taken.files).toMatchObject([{ outcome: 'done', sha256: sha256Of(content) }]);
  expect(existsSync(file)).toBe(false);
  await until(() => !server.files.has(file), 'the file is gone from the inventory');
  const held = await server.run(toFetch(pathOf(file)));
  expect(held.files).toMatchObject([
    { outcome: 'done', effect: null, details: { fromVault: taken.files[0]?.vaultObject } },
  ]);

  const restored = await server.run(toRestore(sha256Of(content)));
  expect(restored.files).toMatchObject([{ outcome: 'done', vaultObject: taken.files[0]?.vaultObject }]);
  expect(hashOfFile(file)).toBe(sha256Of(content));
  await until(() => server.files.get(file) === sha256Of(content), 'the file is back in the inventory');
  expect(server.accepted).toHaveLength(4);
  expect(readdirSync(path.join(world.data, 'spool'))).toEqual([]);
}, 60_000);

test('new, changed and removed files reach the server without being asked for', async () => {
  await using world = await agentWorld();
  const { server, files } = world;
  world.start();
  await until(() => server.wholes > 0, 'a whole inventory');
  const file = path.join(files, 'x');
  writeFileSync(file, 'one');
  await until(() => server.files.get(file) === sha256Of('one'), 'the new file');
  writeFileSync(file, 'two!');
  await until(() => server.files.get(file) === sha256Of('two!'), 'the changed file');
  const tree = path.join(files, 'tree');
  mkdirSync(path.join(tree, 'deep'), { recursive: true });
  writeFileSync(path.join(tree, 'deep', 'y'), 'y');
  await until(() => server.files.has(path.join(tree, 'deep', 'y')), 'the deep file');
  rmSync(file);
  rmSync(tree, { recursive: true });
  await until(() => server.files.size === 0, 'nothing is left');
}, 60_000);

test('a large file is uploaded whole; what the server has already is not sent again', async () => {
  await using world = await agentWorld();
  const { server, files } = world;
  const bytes = Buffer.alloc(5_000_000, 'large file ');
  writeFileSync(path.join(files, 'large'), bytes);
  writeFileSync(path.join(files, 'copy'), bytes);
  world.start();
  const first = await server.run(toFetch(pathOf(path.join(files, 'large'))));
  expect(first.files).toMatchObject([{ outcome: 'done', size: bytes.length, sha256: sha256Of(bytes) }]);
  expect(server.evidence.stored.get(sha256Of(bytes))?.equals(bytes)).toBe(true);
  const patches = server.evidence.requests.filter(({ method }) => method === 'PATCH').length;
  await server.run(toFetch(pathOf(path.join(files, 'copy'))));
  expect(server.evidence.requests.filter(({ method }) => method === 'PATCH').length).toBe(patches);
}, 60_000);

test('an upload that is broken off goes on from where the server is, also after the agent was killed', async () => {
  await using world = await agentWorld();
  const { server, files } = world;
  const bytes = Buffer.alloc(8_000_000, 'a file that travels in pieces ');
  writeFileSync(path.join(files, 'large'), bytes);
  server.evidence.breaks = 2;
  world.start();
  const fetched = server.give(server.makeOrder(toFetch(pathOf(path.join(files, 'large')))));
  await until(
    () => server.evidence.requests.some(({ method, offset }) => method === 'PATCH' && offset > 0),
    'it goes on',
  );
  server.evidence.breaks = 1;
  await world.kill();
  rmSync(path.join(files, 'large'));
  world.start();
  expect((await fetched).files).toMatchObject([{ outcome: 'done', sha256: sha256Of(bytes), size: bytes.length }]);
  expect(server.evidence.stored.get(sha256Of(bytes))?.equals(bytes)).toBe(true);
}, 60_000);

test('while the server takes no evidence the upload is tried again, and given up at the deadline', async () => {
  await using world = await agentWorld();
  const { server, files } = world;
  writeFileSync(path.join(files, 'a'), content);
  world.start();
  server.evidence.status = 507;
  const fetching = toFetch(pathOf(path.join(files, 'a')));
  const failed = await server.run(fetching, { deadline: Date.now() + 6_000 });
  expect(failed.files).toMatchObject([{ outcome: 'interrupted', reason: 'upload_failed', sha256: sha256Of(content) }]);
  expect(failed.files[0]?.message).toContain('no room');
  const { order, bytes, signature } = server.makeOrder(fetching);
  server.send({ type: 'order', order: bytes, signature });
  await until(() => server.accepted.includes(order.taskId), 'the order is accepted');
  await Bun.sleep(300);
  server.evidence.status = undefined;
  const report = await until(() => server.reports.get(order.taskId), 'the report');
  expect(report.files).toMatchObject([{ outcome: 'done' }]);
}, 60_000);

test('enrolling again keeps key, id and number; a wrong token and a wrong authority are said clearly', async () => {
  await using world = await agentWorld();
  const { server } = world;
  const identity = () => JSON.parse(readFileSync(path.join(world.data, 'identity.json'), 'utf8'));
  const before = identity();
  expect(statSync(path.join(world.data, 'identity.json')).mode & 0o777).toBe(0o600);
  expect(statSync(world.data).mode & 0o777).toBe(0o700);
  const enrolment = {
    server: server.url,
    caFile: server.caFile,
    token: server.token,
    dataDirectory: world.data,
  };
  const again = await enrolAgent(enrolment);
  expect(again).toMatchObject({ endpointId: before.endpointId, roots: before.roots, missingRoots: [] });
  expect(before.roots).not.toEqual([]);
  expect(identity()).toMatchObject({
    devicePrivateKey: before.devicePrivateKey,
    endpointNumber: before.endpointNumber,
  });
  const elsewhere = await enrolAgent({ ...enrolment, roots: ['/nowhere', world.data] });
  expect(elsewhere).toMatchObject({ roots: ['/nowhere', world.data], missingRoots: ['/nowhere'] });
  await expect(enrolAgent({ ...enrolment, token: 'wrong' })).rejects.toMatchObject({ code: 'unauthenticated' });
  await using other = await TinyServer.start();
  await expect(enrolAgent({ ...enrolment, caFile: other.caFile })).rejects.toMatchObject({ code: 'unavailable' });
  await expect(enrolAgent({ ...enrolment, caFile: '/nowhere' })).rejects.toMatchObject({ code: 'invalid_request' });
  await expect(enrolAgent({ ...enrolment, server: 'http://127.0.0.1' })).rejects.toMatchObject({
    code: 'invalid_request',
  });
});

test('a server with a certificate of another authority is never spoken to', async () => {
  await using world = await agentWorld();
  await using other = await TinyServer.start();
  const file = path.join(world.data, 'identity.json');
  const identity = JSON.parse(readFileSync(file, 'utf8'));
  writeFileSync(file, JSON.stringify({ ...identity, servers: [other.url] }));
  world.start();
  await until(() => world.log().includes('tried again'), 'the agent fails to connect');
  await Bun.sleep(500);
  expect(other.hellos).toEqual([]);
}, 30_000);

test('two agents cannot run on one data directory, and a terminated one leaves at once', async () => {
  await using world = await agentWorld();
  const first = world.start();
  await until(() => world.server.hellos.length > 0, 'the first connects');
  const second = world.start();
  const code = await new Promise((resolve) => second.once('exit', resolve));
  expect(code).toBe(1);
  const started = performance.now();
  const gone = new Promise((resolve) => first.once('exit', resolve));
  first.kill('SIGTERM');
  expect(await gone).toBe(0);
  expect(performance.now() - started).toBeLessThan(3_000);
}, 30_000);
