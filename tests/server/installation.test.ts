import { afterEach, beforeEach, expect, test } from 'bun:test';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openTestClock } from '#kit/clock.ts';
import { ownCertificate } from '#server/authority.ts';
import { loadConfig } from '#server/config.ts';
import { type DataDirectory, dataDirectory } from '#server/data-directory.ts';
import { fileSystem } from '#server/file-system.ts';
import { installationOf } from '#server/installation.ts';
import { systemRandom } from '#server/system-random.ts';

let root = '';

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'custody-installation-'));
});

afterEach(() => rm(root, { recursive: true }));

/** The data directory of a server that made an authority. */
async function makeDirectory(name: string): Promise<DataDirectory> {
  const directory = dataDirectory(join(root, name));
  await fileSystem.makeDirectory(directory.root);
  const clock = openTestClock(Date.now());
  await ownCertificate({ fs: fileSystem, random: systemRandom, clock, directory }, ['localhost']);
  return directory;
}

async function authorityTold(directory: DataDirectory, flags: Record<string, string>): Promise<string | undefined> {
  const config = await loadConfig(fileSystem, { flags: { data: directory.root, ...flags }, environment: {} });
  const sources = { config, given: new Map(), publicUrl: 'https://custody.example.org', certificatePem: undefined };
  return (await installationOf(fileSystem, directory, sources)).authorityPem;
}

test('Of a file with certificates, words and the private key nothing is told but the certificates, each once.', async () => {
  const [own, other] = [await makeDirectory('own'), await makeDirectory('other')];
  const read = (file: string) => readFile(file, 'utf8');
  const [ownPem, certificate, key] = await Promise.all([own.authority, other.authority, other.authorityKey].map(read));
  const whole = join(root, 'whole.pem');
  await writeFile(whole, `Bag Attributes\n${key}subject=CN\n${certificate}${ownPem}`);
  const told = await authorityTold(own, { 'agent-urls': 'https://a.example', 'agent-authorities': whole });
  expect(told).toBe(`${ownPem}${certificate}`);
});

test('Who gave the server its certificate, and names no authority, is told of none.', async () => {
  const own = await makeDirectory('own');
  const { authority, certificate, certificateKey } = own;
  const given = { 'tls-cert': certificate, 'tls-key': certificateKey };
  expect(await authorityTold(own, given)).toBeUndefined();
  await rm(authority);
  expect(await authorityTold(own, {})).toBeUndefined();
});
