import { expect, test } from 'bun:test';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { durableFiles } from '#agent/platform/durable-files.ts';
import { VaultFeed } from '#agent/vault/listing.ts';
import { canonicalJson } from '#agent/vault/metadata.ts';
import { recordOf, type VaultRecord } from '#agent/vault/record.ts';
import { addToScrubLog } from '#agent/vault/scrub-log.ts';
import type { VaultObjectId } from '#core/file/vault-object-id.ts';
import type { Fs } from '#core/ports/fs.ts';
import { encode } from '#wire/codec.ts';
import { limits } from '#wire/limits.ts';
import { type AgentMessage, agentMessageSchema } from '#wire/messages.ts';
import { metadataOf } from './sealed-object.ts';
import { pathOf, type VaultWorld, vaultWorld } from './vault-world.ts';

type Part = Extract<AgentMessage, { type: 'vault' }>;

/** A server that hears one part at a time and confirms it when it is told to. */
class Hearing {
  readonly parts: Part[] = [];
  readonly errors: unknown[] = [];
  reachable = true;
  private confirmed = 0;
  readonly feed: VaultFeed;

  constructor(world: VaultWorld, files: Pick<Fs, 'list' | 'read'> = durableFiles) {
    this.feed = new VaultFeed({
      vault: world.room.vault,
      fs: files,
      say: (message) => {
        if (this.reachable) {
          this.parts.push(message);
        }
        return this.reachable;
      },
      log: {
        debug: () => undefined,
        info: () => undefined,
        warn: () => undefined,
        error: (_, details) => this.errors.push(details),
      },
    });
  }

  confirm(): void {
    this.confirmed = this.parts.length;
    this.feed.confirmed();
  }

  /** Confirms part after part up to the next `end`. @returns what came since the last one. */
  async untilEnd(): Promise<readonly Part[]> {
    const from = this.confirmed;
    while (this.confirmed === from || this.parts[this.confirmed - 1]?.part !== 'end') {
      await setImmediate();
      if (this.confirmed < this.parts.length) {
        this.confirmed += 1;
        this.feed.confirmed();
      }
    }
    await setImmediate();
    return this.parts.slice(from, this.confirmed);
  }

  async untilParts(count: number): Promise<void> {
    while (this.parts.length < count) {
      await setImmediate();
    }
  }
}

function put(world: VaultWorld, progress: VaultRecord['progress'] = { state: 'held' }, name = '/srv/a'): VaultObjectId {
  const metadata = metadataOf(Buffer.alloc(0), { path: pathOf(name) });
  const file = path.join(world.room.vault, metadata.vaultObject);
  writeFileSync(`${file}.json`, canonicalJson(recordOf(metadata, progress)));
  writeFileSync(`${file}.age`, '');
  return metadata.vaultObject;
}

test('an empty vault is told too, once in an agent’s life', async () => {
  using world = await vaultWorld();
  const server = new Hearing(world);
  server.feed.connected();
  expect(await server.untilEnd()).toEqual([
    { type: 'vault', part: 'begin', held: [], damaged: [] },
    { type: 'vault', part: 'end', held: [], damaged: [] },
  ]);
  server.feed.connected();
  await setImmediate();
  expect(server.parts.length).toBe(2);
});

test('what is held is told and nothing else, with what is damaged of it', async () => {
  using world = await vaultWorld();
  const task = metadataOf(Buffer.alloc(0)).taskId;
  const none = { device: '0', inode: '0' };
  const back = { taskId: task, target: pathOf('/srv/a'), displaced: null, losses: [] };
  const [held, returning] = [put(world), put(world, { state: 'returning', ...back, stage: none, copy: none })];
  put(world, { state: 'taking', stage: none, original: none });
  const left = put(world, { state: 'restored', ...back, at: 1 });
  put(world, { state: 'purged', taskId: task, at: 1 });
  const { vault } = world.room;
  writeFileSync(path.join(vault, `${crypto.randomUUID()}.age`), 'an object without a record');
  writeFileSync(path.join(vault, `${put(world)}.json`), 'no record');
  const lost = metadataOf(Buffer.alloc(0));
  writeFileSync(path.join(vault, `${lost.vaultObject}.json`), canonicalJson(recordOf(lost, { state: 'held' })));
  addToScrubLog(vault, held, { at: 1, damaged: true });
  addToScrubLog(vault, held, { at: 2, damaged: false });
  addToScrubLog(vault, returning, { at: 1, damaged: true });
  addToScrubLog(vault, left, { at: 1, damaged: true });
  const server = new Hearing(world);
  server.feed.connected();
  const parts = await server.untilEnd();
  expect(parts.flatMap((part) => part.held.map((file) => file.vaultObject)).toSorted()).toEqual(
    [held, returning].toSorted(),
  );
  expect(parts.flatMap((part) => part.damaged)).toEqual([returning]);
  expect(server.errors).toEqual([]);
});

test.each([
  ['many files', 1_010, '/srv/'],
  ['the longest paths', 500, `/${'ü/'.repeat(1_350)}`],
] as const)(
  'a vault with %s goes in parts that the protocol allows, the next only after the one before was confirmed',
  async (_, count, directory) => {
    using world = await vaultWorld();
    const ids = Array.from({ length: count }, (__, index) => put(world, { state: 'held' }, `${directory}${index}`));
    for (const id of ids.slice(0, -5)) {
      addToScrubLog(world.room.vault, id, { at: 1, damaged: true });
    }
    const server = new Hearing(world);
    server.feed.connected();
    await server.untilParts(1);
    for (let turn = 0; turn < 50; turn += 1) {
      await setImmediate();
    }
    expect(server.parts.length).toBe(1);
    await server.untilEnd();
    expect(server.parts.map(({ part }) => part).join(' ')).toMatch(/^begin( more){3,} end$/);
    const held = server.parts.flatMap((part) => part.held.map(({ vaultObject }) => vaultObject));
    expect(held.toSorted()).toEqual(ids.toSorted());
    expect(server.parts.flatMap(({ damaged }) => damaged).toSorted()).toEqual(ids.slice(0, -5).toSorted());
    for (const part of server.parts) {
      expect(agentMessageSchema.safeParse(part).success).toBe(true);
      expect(encode(part).length).toBeLessThan(limits.frameBytes / 1.5);
    }
  },
  30_000,
);

test('everything else goes on while the records are read', async () => {
  using world = await vaultWorld();
  for (let count = 0; count < 320; count += 1) {
    put(world);
  }
  const server = new Hearing(world);
  let turns = 0;
  let listening = true;
  const others = (async () => {
    while (listening) {
      await setImmediate();
      turns += 1;
    }
  })();
  server.feed.connected();
  await server.untilParts(1);
  turns = 0;
  server.confirm();
  await server.untilParts(2);
  listening = false;
  await others;
  // The records were read 16 at a time.
  expect(turns).toBeGreaterThan(320 / 16 / 2);
});

test('a connection that is lost in the middle has the whole list told again over the next, and no more than once', async () => {
  using world = await vaultWorld();
  const id = put(world);
  const server = new Hearing(world);
  server.feed.connected();
  await server.untilParts(1);
  server.confirm();
  await server.untilParts(2);
  server.feed.lost();
  server.confirm();
  server.feed.connected();
  const parts = await server.untilEnd();
  expect(parts.map(({ part }) => part)).toEqual(['begin', 'more', 'end']);
  expect(parts[1]?.held[0]?.vaultObject).toBe(id);
  for (let turn = 0; turn < 50; turn += 1) {
    await setImmediate();
  }
  expect(server.parts.length).toBe(5);
  expect(server.errors).toEqual([]);
});

test('what was still being read for a connection that is gone is not said over the next', async () => {
  using world = await vaultWorld();
  put(world);
  const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let lists = 0;
  const server = new Hearing(world, {
    read: durableFiles.read,
    list: async (directory) => {
      lists += 1;
      await gates[lists - 1]?.promise;
      return durableFiles.list(directory);
    },
  });
  server.feed.connected();
  server.confirm();
  while (lists < 1) {
    await setImmediate();
  }
  server.feed.connected();
  server.confirm();
  while (lists < 2) {
    await setImmediate();
  }
  gates[0]?.resolve();
  for (let turn = 0; turn < 50; turn += 1) {
    await setImmediate();
  }
  gates[1]?.resolve();
  await server.untilEnd();
  expect(server.parts.map(({ part }) => part)).toEqual(['begin', 'begin', 'more', 'end']);
  expect(server.errors).toEqual([]);
});

test('after a scrub it is told again: at once, after the list that is on its way, or with the next connection', async () => {
  using world = await vaultWorld();
  const id = put(world);
  const server = new Hearing(world);
  server.feed.connected();
  await server.untilEnd();
  addToScrubLog(world.room.vault, id, { at: 1, damaged: true });
  server.feed.scrubbed();
  const again = await server.untilEnd();
  expect(again.map(({ part }) => part)).toEqual(['begin', 'more', 'more', 'end']);
  expect(again[2]?.damaged).toEqual([id]);

  server.feed.scrubbed();
  await server.untilParts(8);
  server.feed.scrubbed();
  expect((await server.untilEnd()).length).toBe(4);
  expect((await server.untilEnd()).length).toBe(4);
  expect(server.parts.filter(({ part }) => part === 'end').length).toBe(4);

  server.feed.lost();
  server.feed.scrubbed();
  await setImmediate();
  const before = server.parts.length;
  server.feed.connected();
  await server.untilEnd();
  expect(server.parts.length).toBe(before + 4);
});

test('a part that nobody hears is no error: the list is told over the next connection', async () => {
  using world = await vaultWorld();
  const server = new Hearing(world);
  server.reachable = false;
  server.feed.connected();
  await setImmediate();
  server.reachable = true;
  server.feed.connected();
  expect((await server.untilEnd()).length).toBe(2);
  expect(server.errors).toEqual([]);
});
