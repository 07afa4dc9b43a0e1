import { expect, test } from 'bun:test';
import { parsePath } from '#core/file/file-path.ts';
import { sha256Schema } from '#core/file/hash.ts';
import { vaultObjectIdSchema } from '#core/file/vault-object-id.ts';
import { quarantineOf } from '#kit/parameters.ts';
import type { AgentMessage, HeldFile } from '#wire/messages.ts';
import { Fleet } from './fleet.ts';
import type { TestAgent } from './test-agent.ts';

type VaultMessage = Extract<AgentMessage, { type: 'vault' }>;

const sha256 = sha256Schema.parse('ab'.repeat(32));

function held(number: number): HeldFile {
  const vaultObject = vaultObjectIdSchema.parse(`00000000-0000-4000-8000-${String(number).padStart(12, '0')}`);
  const taskId = 'e'.repeat(32) as HeldFile['taskId'];
  return { vaultObject, taskId, path: parsePath(`/srv/${number}`), sha256, size: 3, takenAt: 1 };
}

function part(name: VaultMessage['part'], files: readonly HeldFile[] = []): VaultMessage {
  return { type: 'vault', part: name, held: [...files], damaged: [] };
}

async function tell(agent: TestAgent, ...parts: readonly VaultMessage[]): Promise<void> {
  for (const each of parts) {
    agent.say(each);
    await agent.next('vault_recorded');
  }
}

async function states(fleet: Fleet): Promise<Readonly<Record<string, string>>> {
  const { items } = await fleet.store.read(({ quarantine }) => quarantine.list({}, { offset: 0, limit: 100 }));
  return Object.fromEntries(items.map(({ displayPath, state }) => [displayPath, state]));
}

test('A vault is told part by part, each confirmed, and what a later list lacks is lost.', async () => {
  await using fleet = await Fleet.open();
  const agent = await fleet.join(await fleet.enrol());
  await tell(agent, part('begin'), part('more', [held(1), held(2)]), part('more', [held(3)]), part('end'));
  expect(await states(fleet)).toEqual({ '/srv/1': 'held', '/srv/2': 'held', '/srv/3': 'held' });
  await Bun.sleep(2);
  await tell(agent, part('begin', [held(1)]), part('end', [held(3)]));
  expect(await states(fleet)).toEqual({ '/srv/1': 'held', '/srv/2': 'lost', '/srv/3': 'held' });
});

test('A file whose quarantine is reported while the list is on its way stays held.', async () => {
  await using fleet = await Fleet.open();
  const device = await fleet.enrol();
  const agent = await fleet.join(device);
  await fleet.order([device], quarantineOf('/srv/evil', sha256));
  fleet.ring([device]);
  const order = await agent.nextOrder();
  await tell(agent, part('begin'));
  const { vaultObject } = held(9);
  const facts = { reason: null, message: '', path: parsePath('/srv/evil'), sha256, size: 3, losses: [], details: {} };
  agent.report(order, { files: [{ ...facts, ordinal: 0, outcome: 'done', vaultObject, effect: 'taken' }] });
  await agent.next('recorded');
  await tell(agent, part('end'));
  expect(await states(fleet)).toEqual({ '/srv/evil': 'held' });
});

test('A list that a broken connection cut short makes nothing lost.', async () => {
  await using fleet = await Fleet.open();
  const device = await fleet.enrol();
  const agent = await fleet.join(device);
  await tell(agent, part('begin'), part('more', [held(1)]), part('end'));
  await Bun.sleep(2);
  await tell(agent, part('begin'));
  agent.vanish();
  const again = await fleet.join(device);
  again.say(part('end'));
  expect((await again.next('refused')).why).toContain('without its beginning');
  expect(await states(fleet)).toEqual({ '/srv/1': 'held' });
});

test('An agent that does not wait for the confirmation of a part is refused.', async () => {
  await using fleet = await Fleet.open();
  const agent = await fleet.join(await fleet.enrol());
  agent.say(part('begin', [held(1)]));
  agent.say(part('end'));
  expect((await agent.next('refused')).why).toContain('after the one before was confirmed');
});

test('While the store is away the agent is told to come again, and sends its list anew.', async () => {
  await using fleet = await Fleet.open();
  const device = await fleet.enrol();
  const agent = await fleet.join(device);
  const transact = fleet.store.transact.bind(fleet.store);
  fleet.store.transact = () => Promise.reject(new Error('away'));
  agent.say(part('begin', [held(1)]));
  expect((await agent.next('refused')).final).toBe(false);
  fleet.store.transact = transact;
  const again = await fleet.join(device);
  await tell(again, part('begin', [held(1)]), part('end'));
  expect(await states(fleet)).toEqual({ '/srv/1': 'held' });
});
