import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls, createServer, type TLSSocket } from 'node:tls';
import { day } from '#core/time.ts';
import { openTestClock } from '#kit/clock.ts';
import { ownCertificate } from '#server/authority.ts';
import { type DataDirectory, dataDirectory } from '#server/data-directory.ts';
import { fileSystem } from '#server/file-system.ts';
import { systemRandom } from '#server/system-random.ts';

let directory: DataDirectory;

beforeEach(async () => {
  directory = dataDirectory(await mkdtemp(join(tmpdir(), 'custody-authority-')));
});

afterEach(() => rm(directory.root, { recursive: true }));

const names = ['localhost', '127.0.0.1', '::1'];
const make = (at = Date.now(), asked: readonly string[] = names) =>
  ownCertificate({ fs: fileSystem, random: systemRandom, clock: openTestClock(at), directory }, asked);
const authority = async () => new TextDecoder().decode(await fileSystem.read(directory.authority));

/** What a client says that trusts `ca` alone and asks for `name`: nothing when it is content. */
async function complaint(pair: { certificatePem: string; keyPem: string }, ca: string, name: string): Promise<string> {
  const server = createServer({ cert: pair.certificatePem, key: pair.keyPem }, (socket) => socket.end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  try {
    return await new Promise((resolve) => {
      const socket: TLSSocket = connectTls({ host: '127.0.0.1', port, ca, servername: name }, () => {
        socket.end();
        resolve('');
      });
      socket.once('error', (error) => resolve(error.message));
    });
  } finally {
    server.close();
  }
}

describe("the server's own certificate", () => {
  test('is accepted by a client that trusts its authority', async () => {
    expect(await complaint(await make(), await authority(), 'localhost')).toBe('');
  });

  test('is refused under a name that is not in it', async () => {
    expect(await complaint(await make(), await authority(), 'elsewhere.example')).not.toBe('');
  });

  test('is refused by a client that trusts another authority', async () => {
    const pair = await make();
    const other = dataDirectory(await mkdtemp(join(tmpdir(), 'custody-authority-')));
    const clock = openTestClock(Date.now());
    await ownCertificate({ fs: fileSystem, random: systemRandom, clock, directory: other }, names);
    const foreign = new TextDecoder().decode(await fileSystem.read(other.authority));
    await rm(other.root, { recursive: true });
    expect(await complaint(pair, foreign, 'localhost')).not.toBe('');
  });

  test('is refused once it has expired', async () => {
    expect(await complaint(await make(Date.now() - 500 * day), await authority(), 'localhost')).not.toBe('');
  });

  test('stays the same over starts, an IPv6 name included', async () => {
    const first = await make();
    expect(await make()).toEqual(first);
  });

  test('is made anew for a new name and before it expires, by the same authority: agents pin it', async () => {
    const first = await make();
    const pinned = await authority();
    const named = await make(Date.now(), [...names, 'api-custody.example']);
    expect(named.certificatePem).not.toBe(first.certificatePem);
    const renewed = await make(Date.now() + 350 * day, [...names, 'api-custody.example']);
    expect(renewed.certificatePem).not.toBe(named.certificatePem);
    expect(await authority()).toBe(pinned);
    expect(await complaint(named, pinned, 'api-custody.example')).toBe('');
  });

  test('is made anew where a clock that was ahead made it: no agent would believe it for a year', async () => {
    await make(Date.now());
    const future = await make(Date.now() + 380 * day);
    const now = await make();
    expect(now.certificatePem).not.toBe(future.certificatePem);
    expect(await complaint(now, await authority(), 'localhost')).toBe('');
  });

  test('has private keys that nobody else can read', async () => {
    await make();
    for (const file of [directory.authorityKey, directory.certificateKey]) {
      expect((await stat(file)).mode & 0o777).toBe(0o600);
    }
  });
});
