import { expect, test } from 'bun:test';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { enrolAgent } from '#agent/enrol.ts';
import { changeTrust } from '#agent/identity/change-trust.ts';
import { MovingAgent, trustOf } from './moving-agent.ts';
import { TinyServer } from './tiny-server.ts';
import { until } from './until.ts';

const taken = 'A change of trust was taken.';
const refused = 'A change of trust was refused.';

const connects = (server: TinyServer) => until(() => server.connected === 1, 'the agent connects');

test('a server that moves to another address, with another authority, takes its agents with it', async () => {
  await using before = await TinyServer.start();
  await using after = await TinyServer.start({ heirOf: before });
  await using agent = await MovingAgent.start(before);
  await connects(before);
  before.send(trustOf(before, { sequence: 1, servers: [after.url], authorities: [before, after] }));
  await agent.saidOf(taken);
  expect(before.connected).toBe(1);
  await before.stop();
  await connects(after);
});

test('an authority is replaced in two steps, and the one that was replaced is then worth nothing', async () => {
  await using first = await TinyServer.start();
  const { port, url } = first;
  await using agent = await MovingAgent.start(first);
  await connects(first);
  await using next = await TinyServer.start({ heirOf: first });
  first.send(trustOf(first, { sequence: 10, servers: [url], authorities: [first, next] }));
  await agent.saidOf(taken);
  await first.stop();
  await next.stop();
  await using both = await TinyServer.start({ heirOf: next, sameAuthority: true, port });
  await connects(both);
  both.send(trustOf(both, { sequence: 11, servers: [url], authorities: [next] }));
  await until(() => agent.logged.filter((line) => line.includes(taken)).length === 2, 'the second step is taken');
  await both.stop();
  const heard = agent.logged.length;
  await using old = await TinyServer.start({ heirOf: first, sameAuthority: true, port });
  await until(() => agent.logged.slice(heard).some((line) => /certificate/.test(line)), 'the agent is turned away');
  expect(old.hellos).toEqual([]);
  await old.stop();
  await using last = await TinyServer.start({ heirOf: next, sameAuthority: true, port });
  await connects(last);
}, 40_000);

test('an older trust that is played again is refused and logged; the newest said again is not worth a word', async () => {
  await using server = await TinyServer.start();
  await using agent = await MovingAgent.start(server);
  await connects(server);
  const [older, newer] = [5, 6].map((sequence) =>
    trustOf(server, { sequence, servers: [server.url, `https://host-${sequence}.example`], authorities: [server] }),
  );
  if (older === undefined || newer === undefined) {
    throw new Error('two were made');
  }
  server.send(newer);
  await agent.saidOf(taken);
  const identity = await agent.identity();
  expect(identity).toMatchObject({ trustSequence: 6, servers: [server.url, 'https://host-6.example'] });
  const heard = agent.logged.length;
  server.send(newer);
  server.send(older);
  expect(await agent.saidOf(refused)).toContain('number 5');
  expect(agent.logged.slice(heard)).toHaveLength(1);
  expect(await agent.identity()).toEqual(identity);
});

test('a trust that the order key has not signed as such, or that holds no certificate, changes nothing', async () => {
  await using server = await TinyServer.start();
  await using stranger = await TinyServer.start();
  await using agent = await MovingAgent.start(server);
  await connects(server);
  const identity = await agent.identity();
  const words = { sequence: 1, servers: [stranger.url], authorities: [stranger] };
  const good = trustOf(server, words);
  writeFileSync(path.join(agent.data, 'no.pem'), 'no certificate');
  const empty = trustOf(server, { ...words, authorities: [{ caFile: path.join(agent.data, 'no.pem') }] });
  const insecure = trustOf(server, { ...words, servers: ['http://custody.example'] });
  const altered = good.trust.slice();
  altered[20] = (altered[20] ?? 0) ^ 1;
  const bad = [trustOf(stranger, words), trustOf(server, words, 'custody-order-v1'), { ...good, trust: altered }];
  for (const message of [...bad, empty, insecure]) {
    server.send(message);
  }
  await until(() => agent.logged.filter((line) => line.includes(refused)).length === 5, 'all five are refused');
  expect(await agent.identity()).toEqual(identity);
  server.send(good);
  await agent.saidOf(taken);
});

test('the second server takes the place of the first, at the enrolment and later', async () => {
  await using first = await TinyServer.start();
  await using second = await TinyServer.start({ heirOf: first, sameAuthority: true });
  const { port } = first;
  await first.stop();
  await using agent = await MovingAgent.start(first, [second.url]);
  await connects(second);
  expect((await agent.identity()).servers).toEqual([first.url, second.url]);
  await using back = await TinyServer.start({ heirOf: first, sameAuthority: true, port });
  second.disconnect();
  await connects(back);
});

test('a list of addresses that nobody answers at strands no agent: it comes back to the ones before', async () => {
  await using server = await TinyServer.start();
  await using agent = await MovingAgent.start(server);
  await connects(server);
  server.send(trustOf(server, { sequence: 1, servers: ['https://127.0.0.1:1'], authorities: [server] }));
  await agent.saidOf(taken);
  server.disconnect();
  await until(() => server.hellos.length === 2 && server.connected === 1, 'the agent comes back');
});

test('one command tells a running agent of another server, authority and proxy, and what it does not name stays', async () => {
  await using before = await TinyServer.start();
  await using after = await TinyServer.start({ heirOf: before });
  await using agent = await MovingAgent.start(before);
  await connects(before);
  const { data: dataDirectory } = agent;
  const caFile = path.join(dataDirectory, 'both.pem');
  writeFileSync(caFile, [after, before].map((each) => readFileSync(each.caFile, 'utf8')).join(''));
  await changeTrust({ dataDirectory, servers: [after.url, before.url], caFile });
  await before.stop();
  await connects(after);
  const proxied = await changeTrust({
    dataDirectory,
    proxy: 'http://me:secret@proxy.example:3128',
    noProxy: '10.0.0.0/8',
  });
  expect(proxied).toMatchObject({
    servers: [after.url, before.url],
    authorities: 2,
    proxy: 'http://proxy.example:3128',
  });
  await changeTrust({ dataDirectory, noProxy: '127.0.0.1' });
  expect((await agent.identity()).proxy).toMatchObject({
    url: 'http://me:secret@proxy.example:3128/',
    except: ['127.0.0.1'],
  });
  expect((await changeTrust({ dataDirectory, proxy: 'none' })).proxy).toBeNull();
  await expect(changeTrust({ dataDirectory, servers: ['http://custody.example'] })).rejects.toMatchObject({
    code: 'invalid_request',
  });
  const elsewhere = changeTrust({ dataDirectory: path.join(dataDirectory, 'none') });
  await expect(elsewhere).rejects.toMatchObject({ code: 'not_found' });
});

test('an identity of the first version is read as one with one server and one authority', async () => {
  await using server = await TinyServer.start();
  await using agent = await MovingAgent.start(server);
  await connects(server);
  const file = path.join(agent.data, 'identity.json');
  const { servers, formerServers, authorities, trustSequence, proxy, ...kept } = await agent.identity();
  writeFileSync(file, JSON.stringify({ ...kept, v: 1, server: servers[0], authority: authorities[0] }));
  expect(await agent.identity()).toEqual({ ...kept, servers, formerServers, authorities, trustSequence, proxy });
  await changeTrust({ dataDirectory: agent.data, proxy: 'none' });
  expect(JSON.parse(readFileSync(file, 'utf8')).v).toBe(2);
});

test('an enrolment whose answer was lost is asked for again with the same key, and the keys do not lie about after it', async () => {
  await using server = await TinyServer.start();
  const data = mkdtempSync(path.join(tmpdir(), 'custody-enrol-'));
  const given = { server: server.url, caFile: server.caFile, token: server.token, dataDirectory: data, roots: [] };
  server.losesAnswers = true;
  await expect(enrolAgent(given)).rejects.toMatchObject({ code: 'unavailable' });
  const { endpointId } = server;
  expect(statSync(path.join(data, 'enrolment.json')).mode & 0o777).toBe(0o600);
  server.losesAnswers = false;
  expect((await enrolAgent(given)).endpointId).toBe(endpointId);
  expect(existsSync(path.join(data, 'enrolment.json'))).toBe(false);
  expect((await enrolAgent(given)).endpointId).toBe(endpointId);
  rmSync(data, { recursive: true });
});
