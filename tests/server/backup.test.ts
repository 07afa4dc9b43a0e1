import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Fault } from '#core/fault.ts';
import { sha256Schema } from '#core/file/hash.ts';
import type { UploadId } from '#core/ports/blobs.ts';
import { createKey } from '#core/verbs/create-key.ts';
import { administrator, enrolMachine, fileFacts, inventory } from '#kit/fleet.ts';
import { backUp, restoreBackup } from '#server/backup-commands.ts';
import { type RunningServer, startServer } from '#server/start-server.ts';

let root = '';
const evidence = randomBytes(300_000);
const hash = sha256Schema.parse(createHash('sha256').update(evidence).digest('hex'));

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'custody-backup-'));
});

afterEach(() => rm(root, { recursive: true }));

const sources = (name: string) => ({
  flags: { data: join(root, name), listen: '127.0.0.1:0', log: 'error' },
  environment: {},
});

/** A server with something of everything that a backup keeps. */
async function filledServer(): Promise<RunningServer> {
  const server = await startServer(sources('first'));
  const { ports } = server.composed;
  const endpoint = await enrolMachine(ports);
  await inventory(ports, endpoint, [fileFacts('/srv/\\xff', new Uint8Array([1]))]);
  await createKey(ports, administrator, { name: 'soar', role: 'Responder', level: 'advanced', expiresAt: null });
  const upload = 'a'.repeat(64) as UploadId;
  await ports.blobs?.append(upload, { offset: 0, body: new Blob([evidence]).stream(), limit: evidence.length });
  await ports.blobs?.commit(upload, hash);
  return server;
}

async function facts(server: RunningServer) {
  return server.composed.ports.store.read(async (reader) => ({
    endpoints: await reader.endpoints.list({}, { by: 'id', direction: 'ascending' }, { offset: 0, limit: 100 }),
    files: await reader.files.list({ conditions: [], states: ['present'] }, { offset: 0, limit: 100 }),
    users: await reader.credentials.users(),
    keys: await reader.credentials.keys(),
    events: (await reader.events.list({}, 0, 1_000)).filter(({ type }) => !type.startsWith('backup_')),
  }));
}

async function refusal(work: Promise<unknown>): Promise<Fault> {
  const error = await work.catch((thrown: unknown) => thrown);
  if (error instanceof Fault) {
    return error;
  }
  throw new Error('Nothing was refused.', { cause: error });
}

describe('a backup', () => {
  test('is made while the server runs, and brings back everything that it was', async () => {
    const server = await filledServer();
    const before = await facts(server);
    const file = join(root, 'backup');
    await backUp({ sources: sources('first'), file });
    await server.close();
    const keys = await readFile(server.directory.orderKey, 'utf8');
    const authority = await readFile(server.directory.authority, 'utf8');
    await rm(server.directory.root, { recursive: true });

    await restoreBackup({ sources: sources('second'), file });
    const again = await startServer(sources('second'));
    expect(again.administrator).toBeUndefined();
    // Start-up ends every lease on being connected; nothing else may differ.
    const disconnected = before.endpoints.items.map((endpoint) => ({ ...endpoint, connectedUntil: null }));
    const after = await facts(again);
    expect(after).toEqual({ ...before, endpoints: { ...before.endpoints, items: disconnected } });
    expect(await readFile(again.directory.orderKey, 'utf8')).toBe(keys);
    expect(await readFile(again.directory.authority, 'utf8')).toBe(authority);
    const stored = await again.composed.ports.blobs?.read(hash);
    expect(Buffer.from(await new Response(stored).arrayBuffer()).equals(evidence)).toBe(true);
    const sealed = after.keys[0]?.sealedSecret ?? new Uint8Array();
    expect(again.composed.ports.secrets.open(sealed).length).toBe(128);
    await again.close();
  });

  test('can be read by nobody else, leaves nothing behind, and holds no recovery identity', async () => {
    const server = await filledServer();
    const file = join(root, 'backup');
    await backUp({ sources: sources('first'), file });
    await server.close();
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await readdir(root)).toSorted()).toEqual(['backup', 'first']);
    const plain = Bun.gunzipSync(new Uint8Array(await readFile(file)));
    const recovery = await readFile(server.directory.recoveryIdentity, 'utf8');
    expect(Buffer.from(plain).includes(recovery.split('\n').find((line) => line.startsWith('AGE-')) ?? '')).toBe(false);
    expect(Buffer.from(plain).includes('keys/order-key.pem')).toBe(true);
  });

  test('keeps a list of the evidence where the bytes are kept elsewhere', async () => {
    const server = await filledServer();
    const file = join(root, 'backup');
    const kept = await backUp({ sources: sources('first'), file, withEvidence: false });
    await server.close();
    expect(kept['evidenceIncluded']).toBe(false);
    expect(kept['evidenceFiles']).toBe(1);
    expect((await stat(file)).size).toBeLessThan(evidence.length / 2);
  });

  test('that does not fit on the disk says so, and leaves nothing behind', async () => {
    await (await filledServer()).close();
    await symlink('/dev/full', join(root, 'backup.new'));
    const failed = backUp({ sources: sources('first'), file: join(root, 'backup') });
    await expect(failed).rejects.toMatchObject({ code: 'ENOSPC' });
    expect(await readdir(root)).toEqual(['first']);
  });

  test('that is cut off, damaged or no backup at all is refused, and nothing is made of it', async () => {
    const server = await filledServer();
    const file = join(root, 'backup');
    await backUp({ sources: sources('first'), file });
    await server.close();
    const whole = await readFile(file);
    const flipped = Buffer.from(whole);
    const middle = Math.floor(whole.length / 2);
    flipped.fill(0xff, middle, middle + 64);
    for (const [name, bytes] of Object.entries({ cut: whole.subarray(0, -2_000), flipped, other: Buffer.from('no') })) {
      await writeFile(join(root, name), bytes);
      const fault = await refusal(restoreBackup({ sources: sources(`from-${name}`), file: join(root, name) }));
      expect(fault.code).toBe('invalid_request');
      expect(await stat(join(root, `from-${name}`, 'keys')).catch(() => undefined)).toBeUndefined();
    }
  });

  test('never takes the place of another file, nor of a server', async () => {
    const server = await filledServer();
    const file = join(root, 'backup');
    await backUp({ sources: sources('first'), file });
    await server.close();
    expect((await refusal(backUp({ sources: sources('first'), file }))).code).toBe('conflict');
    expect((await refusal(restoreBackup({ sources: sources('first'), file }))).code).toBe('conflict');
    expect((await refusal(backUp({ sources: sources('none'), file: join(root, 'b') }))).code).toBe('not_found');
  });
});
