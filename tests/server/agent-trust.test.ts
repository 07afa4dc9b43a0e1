import { afterEach, beforeEach, expect, test } from 'bun:test';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openTestClock } from '#kit/clock.ts';
import { freePort } from '#kit/free-port.ts';
import { type RealServer, type ServerOptions, startServer } from '#kit/real-server.ts';
import { agentTrust } from '#server/agent-trust.ts';
import { ownCertificate } from '#server/authority.ts';
import { loadConfig } from '#server/config.ts';
import { type DataDirectory, dataDirectory } from '#server/data-directory.ts';
import { fileSystem } from '#server/file-system.ts';
import { systemRandom } from '#server/system-random.ts';
import { decode } from '#wire/codec.ts';
import { type Trust, trustSchema } from '#wire/trust.ts';
import { MovingAgent } from '../agent/moving-agent.ts';
import { until } from '../agent/until.ts';

const quiet = () => undefined;
const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };

let root = '';
let clock = openTestClock(1_000_000);

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'custody-trust-'));
  clock = openTestClock(Date.now());
});

afterEach(() => rm(root, { recursive: true }));

/** An authority with a certificate of its own, in a directory as a server has it. */
async function makeServer(
  name: string,
): Promise<{ readonly directory: DataDirectory; readonly certificatePem: string }> {
  const directory = dataDirectory(join(root, name));
  await fileSystem.makeDirectory(directory.root);
  const ports = { fs: fileSystem, random: systemRandom, clock, directory };
  const { certificatePem } = await ownCertificate(ports, ['127.0.0.1', 'localhost']);
  return { directory, certificatePem };
}

type Made = Awaited<ReturnType<typeof makeServer>>;

async function announce(
  { directory, certificatePem }: Made,
  flags: Record<string, string>,
): Promise<Trust | undefined> {
  const config = await loadConfig(fileSystem, { flags: { data: directory.root, ...flags }, environment: {} });
  const made = await agentTrust({ fs: fileSystem, clock, log, directory }, { config, certificatePem });
  return made === undefined ? undefined : decode(made, trustSchema);
}

const urls = { 'agent-urls': 'https://a.example, https://b.example:8443/' };

test('Agents are told nothing that no administrator has said.', async () => {
  expect(await announce(await makeServer('a'), {})).toBeUndefined();
});

test('What is announced has the own authority in it, and its number grows only when it changes.', async () => {
  const made = await makeServer('a');
  const first = await announce(made, urls);
  expect(first).toMatchObject({ servers: ['https://a.example', 'https://b.example:8443'] });
  expect(first?.authorities).toHaveLength(1);
  clock.advance(5_000);
  expect(await announce(made, urls)).toEqual(first);
  clock.advance(-60_000);
  const second = await announce(made, { 'agent-urls': 'https://b.example:8443' });
  expect(second?.sequence).toBeGreaterThan(first?.sequence ?? 0);
});

test('A server that has forgotten what it announced is not taken for older than itself.', async () => {
  const made = await makeServer('a');
  const first = await announce(made, urls);
  await rm(made.directory.agentTrust);
  clock.advance(1);
  expect((await announce(made, urls))?.sequence).toBeGreaterThan(first?.sequence ?? 0);
});

test('An announcement that would lock the fleet out is refused at the start.', async () => {
  const [one, other] = [await makeServer('a'), await makeServer('b')];
  const { certificate, certificateKey, authority } = other.directory;
  const foreign = { 'tls-cert': certificate, 'tls-key': certificateKey };
  const shown = { ...one, certificatePem: other.certificatePem };
  await expect(announce(shown, { ...urls, ...foreign })).rejects.toThrow('names no authority');
  const wrong = { ...urls, ...foreign, 'agent-authorities': one.directory.authority };
  await expect(announce(shown, wrong)).rejects.toThrow('no longer trust the certificate');
  expect((await announce(shown, { ...wrong, 'agent-authorities': authority }))?.authorities).toHaveLength(1);
  const both = await announce(one, { ...urls, 'agent-authorities': authority });
  expect(both?.authorities).toHaveLength(2);
  await expect(announce(one, { 'agent-authorities': authority })).rejects.toThrow('needs CUSTODY_AGENT_URLS');
  const notes = { ...urls, 'agent-authorities': certificateKey };
  await expect(announce(one, notes)).rejects.toThrow('holds no certificate');
});

test('A real server moves to another port, and then to another authority, and its agent goes with it both times.', async () => {
  const [before, after] = [await freePort(), await freePort()];
  const data = join(root, 'server');
  const address = (port: number) => `https://127.0.0.1:${port}`;
  await using first = await runServer({ data, port: before });
  const { token } = await first.client.createEnrolmentToken({});
  await using agent = await MovingAgent.start({ url: address(before), caFile: first.caFile, token: String(token) });
  const taken = (count: number) =>
    until(() => agent.logged.filter((line) => line.includes('was taken')).length === count, `trust ${count} is taken`);
  await first.end('SIGKILL');
  await first.start({ CUSTODY_AGENT_URLS: address(after) });
  await taken(1);
  await first.end('SIGKILL');

  const next = await makeServer('next');
  const { authority, certificate, certificateKey } = next.directory;
  const told = { CUSTODY_AGENT_URLS: address(after), CUSTODY_AGENT_AUTHORITIES: authority };
  await using second = await runServer({ data, port: after, settings: told });
  await taken(2);
  await second.end('SIGKILL');
  await second.start({ ...told, CUSTODY_TLS_CERT: certificate, CUSTODY_TLS_KEY: certificateKey });
  await taken(3);
  const { servers, authorities } = await agent.identity();
  expect(servers).toEqual([address(after)]);
  expect(authorities).toEqual([await readFile(authority, 'utf8')]);
}, 60_000);

/** The real program; it is ended with the test. */
async function runServer(options: ServerOptions): Promise<RealServer & AsyncDisposable> {
  const server = await startServer(options);
  return Object.assign(server, { [Symbol.asyncDispose]: () => server.program[Symbol.asyncDispose]() });
}
