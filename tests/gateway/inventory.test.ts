import { expect, test } from 'bun:test';
import { parsePath } from '#core/file/file-path.ts';
import { md5Schema, sha1Schema, sha256Schema } from '#core/file/hash.ts';
import type { AgentMessage, InventoriedFile } from '#wire/messages.ts';
import { Fleet } from './fleet.ts';

type Part = Extract<AgentMessage, { type: 'inventory' }>['part'];

function file(path: string): InventoriedFile {
  return {
    path: parsePath(path),
    size: 3,
    sha256: sha256Schema.parse('ab'.repeat(32)),
    sha1: sha1Schema.parse('ab'.repeat(20)),
    md5: md5Schema.parse('ab'.repeat(16)),
    modifiedNs: '1700000000123456789',
    changedNs: '1700000000123456789',
    createdNs: null,
    package: null,
    mode: 0o644,
    uid: 0,
    gid: 0,
    owner: 'root',
    kind: 'other',
  };
}

function batch(number: number, part: Part, paths: readonly string[]): AgentMessage {
  return { type: 'inventory', batch: number, part, files: paths.map(file), gone: [] };
}

function removal(number: number, paths: readonly string[]): AgentMessage {
  return { type: 'inventory', batch: number, part: 'delta', files: [], gone: paths.map(parsePath) };
}

async function present(fleet: Fleet): Promise<readonly string[]> {
  const page = { offset: 0, limit: 100 };
  const found = await fleet.store.read(({ files }) => files.list({ conditions: [], states: ['present'] }, page));
  return found.items.map(({ displayPath }) => displayPath).toSorted();
}

test('What an agent sees is recorded, batch by batch, each confirmed.', async () => {
  await using fleet = await Fleet.open();
  const agent = await fleet.join(await fleet.enrol());
  agent.say(batch(1, 'delta', ['/srv/a', '/srv/b']));
  expect((await agent.next('inventory_recorded')).batch).toBe(1);
  expect(await present(fleet)).toEqual(['/srv/a', '/srv/b']);
  agent.say(removal(2, ['/srv/a']));
  expect((await agent.next('inventory_recorded')).batch).toBe(2);
  expect(await present(fleet)).toEqual(['/srv/b']);
});

test('Batches that come without waiting are recorded in their order.', async () => {
  await using fleet = await Fleet.open();
  const agent = await fleet.join(await fleet.enrol());
  agent.say(batch(1, 'delta', ['/srv/a']));
  agent.say(removal(2, ['/srv/a']));
  agent.say(batch(3, 'delta', ['/srv/b']));
  for (const expected of [1, 2, 3]) {
    expect((await agent.next('inventory_recorded')).batch).toBe(expected);
  }
  expect(await present(fleet)).toEqual(['/srv/b']);
});

test('After a whole list, what it did not name is gone.', async () => {
  await using fleet = await Fleet.open();
  const [agent, other] = [await fleet.join(await fleet.enrol()), await fleet.join(await fleet.enrol('host-b'))];
  agent.say(batch(1, 'delta', ['/srv/old', '/srv/kept']));
  other.say(batch(1, 'delta', ['/srv/other']));
  await Promise.all([agent.next('inventory_recorded'), other.next('inventory_recorded')]);
  agent.say(batch(2, 'whole_begin', ['/srv/kept']));
  agent.say(batch(3, 'whole', ['/srv/new']));
  await agent.next('inventory_recorded');
  await agent.next('inventory_recorded');
  expect(await present(fleet)).toContain('/srv/old');
  agent.say(batch(4, 'whole_end', ['/srv/last']));
  await agent.next('inventory_recorded');
  expect(await present(fleet)).toEqual(['/srv/kept', '/srv/last', '/srv/new', '/srv/other']);
});

test('A whole list that breaks off with its connection takes nothing away.', async () => {
  await using fleet = await Fleet.open();
  const device = await fleet.enrol();
  const agent = await fleet.join(device);
  agent.say(batch(1, 'delta', ['/srv/a']));
  agent.say(batch(2, 'whole_begin', []));
  await agent.next('inventory_recorded');
  await agent.next('inventory_recorded');
  agent.vanish();
  const again = await fleet.join(device);
  again.say(batch(1, 'whole_end', []));
  expect(await again.next('refused')).toMatchObject({ final: false });
  expect(await present(fleet)).toEqual(['/srv/a']);
});

test.each([
  ['a number that was there already', [batch(1, 'delta', ['/srv/a']), batch(1, 'delta', ['/srv/b'])]],
  ['the end of a list that never began', [batch(1, 'whole_end', ['/srv/a'])]],
  ['ever more without waiting', Array.from({ length: 20 }, (_, index) => batch(index + 1, 'delta', ['/srv/a']))],
])('An inventory with %s ends the session.', async (_name, batches) => {
  await using fleet = await Fleet.open();
  const agent = await fleet.join(await fleet.enrol());
  for (const each of batches) {
    agent.say(each);
  }
  expect(await agent.next('refused')).toMatchObject({ final: false });
});
