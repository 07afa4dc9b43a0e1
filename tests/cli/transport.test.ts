import { expect, test } from 'bun:test';
import { join } from 'node:path';
import { createKey } from '#core/verbs/create-key.ts';
import { createNativeDialect } from '#dialects/native/index.ts';
import { administrator } from '#kit/fleet.ts';
import { ownCertificate } from '#server/authority.ts';
import { dataDirectory } from '#server/data-directory.ts';
import { fileSystem } from '#server/file-system.ts';
import { systemClock } from '#server/system-clock.ts';
import { systemRandom } from '#server/system-random.ts';
import { openCommands } from './command-world.ts';

test('a running server is reached through the socket in its data directory', async () => {
  await using world = await openCommands();
  const dialect = createNativeDialect(world.ports);
  const unix = join(world.directory, 'admin.sock');
  const connection = { remoteAddress: 'local', local: true };
  const server = Bun.serve({ unix, fetch: (request) => dialect.handle(request, connection) });
  try {
    expect(await world.json(['whoami'])).toMatchObject({ kind: 'local' });
    expect(await world.json(['token', 'create'])).toMatchObject({ usesLeft: 1 });
    expect(world.called).toEqual([]);
  } finally {
    await server.stop(true);
  }
});

test('a socket that a killed server left behind is passed over', async () => {
  await using world = await openCommands();
  await Bun.write(join(world.directory, 'admin.sock'), '');
  expect(await world.json(['whoami'])).toMatchObject({ kind: 'local' });
  expect(world.called.map((call) => call.name)).toEqual(['openLocalServices']);
});

test('another server is reached over TLS, with its authority and a key, and not without', async () => {
  await using world = await openCommands();
  const machine = { clock: systemClock, random: systemRandom, fs: fileSystem };
  const directory = dataDirectory(world.directory);
  const certificate = await ownCertificate({ ...machine, directory }, ['127.0.0.1']);
  const dialect = createNativeDialect(world.ports);
  const connection = { remoteAddress: '127.0.0.1', local: false };
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    tls: { cert: certificate.certificatePem, key: certificate.keyPem },
    fetch: (request) => dialect.handle(request, connection),
  });
  const request = { name: 'soar', role: 'Viewer', level: 'standard', expiresAt: null } as const;
  const { key, secret } = await createKey(world.ports, administrator, request);
  const environment = { CUSTODY_TOKEN: `${key.id}:${secret}` };
  const words = ['whoami', '--json', '--server', `https://127.0.0.1:${server.port}`];
  try {
    const trusted = await world.run([...words, '--ca', directory.authority], { environment });
    expect(JSON.parse(trusted.out)).toMatchObject({ kind: 'key', name: 'soar' });
    const withoutKey = await world.run([...words, '--ca', directory.authority]);
    expect(withoutKey).toMatchObject({ code: 1, out: '' });
    const untrusted = await world.run(words, { environment });
    expect(untrusted).toMatchObject({ code: 1, out: '' });
    expect(untrusted.err).toContain('could not be reached');
  } finally {
    await server.stop(true);
  }
});
