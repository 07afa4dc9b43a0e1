import { expect, test } from 'bun:test';
import { randomUUID } from 'node:crypto';
import { displayPath, parsePath } from '#core/file/file-path.ts';
import { vaultObjectIdSchema } from '#core/file/vault-object-id.ts';
import { quarantineStatus } from '#core/verbs/quarantine-status.ts';
import { heldRecord } from '#core/verbs/vault-effects.ts';
import { enrolMachine, sha256Of } from '#kit/fleet.ts';
import { openPorts } from '#kit/ports.ts';

const sha256 = sha256Of(new Uint8Array(1));

test('a Windows path is the same in any case; elsewhere case counts', async () => {
  await using ports = await openPorts();
  const endpoint = await enrolMachine(ports);
  const record = (path: string) => {
    const vaultObject = vaultObjectIdSchema.parse(randomUUID());
    const facts = { sha256, size: 1, actionId: null, quarantinedAt: 1, takenAt: 1 };
    return heldRecord({ endpoint, path: parsePath(path), vaultObject }, facts);
  };
  const [windows, posix] = ['C:\\Temp\\Bad.exe', '/srv/Bad'];
  await ports.store.transact(({ quarantine }) => quarantine.insert([record(windows), record(posix)]));
  const ask = (...paths: readonly string[]) =>
    quarantineStatus(
      ports,
      paths.map((path) => ({ endpointId: endpoint.id, sha256, displayPath: displayPath(parsePath(path)) })),
    );
  expect(await ask('c:\\temp\\BAD.EXE', windows, 'C:\\Temp')).toEqual([true, true, false]);
  expect(await ask('/srv/bad', posix)).toEqual([false, true]);
  expect(await ask()).toEqual([]);
});
