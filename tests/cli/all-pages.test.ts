import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { Command } from 'commander';
import { finishCommands, leavesOf } from '#cli/command-tree.ts';
import { adders } from '#cli/commands/all.ts';
import type { Context } from '#cli/context.ts';
import { startAgent, type TestAgent } from '#kit/agent.ts';
import { enrolMachine, fileFacts, inventory, sha256Of } from '#kit/fleet.ts';
import { guard } from '#kit/ports.ts';
import { letterOf, webhookOf } from '../conformance/store/feeds.ts';
import { type CommandWorld, openCommands } from './command-world.ts';

/** What each takes beside its options, where it takes something. */
const argumentsOf: Readonly<Record<string, readonly (readonly string[])[]>> = {
  'endpoints history': [[], ['--', 'NUMBER']],
  'restore review': [['PLAN']],
  'webhooks letters': [['WEBHOOK']],
};

let world: CommandWorld;
/** What the words in capitals stand for. */
const named = new Map<string, string>();

const same = contentOf('the', 'same');

/** Of everything that there are lists of, two at least. */
beforeAll(async () => {
  world = await openCommands({ policy: { guard: { ...guard, mostEndpoints: 1 } } });
  const ids: string[] = [];
  const agents: TestAgent[] = [];
  for (const hostName of ['web-1', 'web-2']) {
    const endpoint = await enrolMachine(world.ports, { hostName });
    const own = ['fetched', 'taken'].map((name) => [`/srv/${name}`, contentOf(hostName, name)] as const);
    const files = Object.fromEntries([...own, ['/srv/same', same]]);
    await inventory(
      world.ports,
      endpoint,
      Object.entries(files).map(([path, bytes]) => fileFacts(path, bytes)),
    );
    const agent = startAgent(world.ports, endpoint, files);
    await world.json(['fetch', '--endpoint', endpoint.id, '--path', '/srv/fetched']);
    await world.json(['quarantine', '--endpoint', endpoint.id, '--path', '/srv/taken']);
    await world.json(['quarantine', '--endpoint', endpoint.id, '--path', '/srv/same']);
    await agent.work();
    agents.push(agent);
    await world.json(['incidents', 'create', '--name', hostName, '--process', `${endpoint.id}:/srv/fetched`]);
    const alert = ['--name', hostName, '--severity', 'high', '--source', 'Acme', '--host', hostName];
    await world.json(['alerts', 'report', ...alert]);
    ids.push(endpoint.id);
  }
  for (const round of [1, 2]) {
    const sha256 = sha256Of(contentOf('nobody', String(round)));
    await world.json(['hashes', 'block', sha256]);
    await world.json(['quarantine', '--endpoint', ...ids, '--path', '/srv/wide', '--sha256', sha256]);
    await world.json(['endpoints', 'archive', ...ids]);
  }
  const { items } = (await world.json(['endpoints', 'history'])) as { items: { batchNumber: number }[] };
  named.set('NUMBER', String(items[0]?.batchNumber));
  await world.json(['endpoints', 'unarchive', ...ids]);
  const plan = (await world.json(['restore', 'plan', '--sha256', sha256Of(same)])) as { actionId: string };
  await Promise.all(agents.map((agent) => agent.work()));
  named.set('PLAN', plan.actionId);
  await world.ports.store.transact(async ({ feeds }) => {
    await feeds.insertWebhook(webhookOf(1));
    await feeds.putDeadLetter(letterOf(1), 10);
    await feeds.putDeadLetter(letterOf(2), 10);
  });
  named.set('WEBHOOK', webhookOf(1).id);
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

describe('--all-pages lists everything, one line of JSON for each, in', () => {
  const cases = listing().flatMap((name) => (argumentsOf[name] ?? [[]]).map((more) => [name, more] as const));

  test.each(cases)('%s %p', async (name, more) => {
    const options = ['--all-pages', '--limit', '1', '--json', '--data', world.directory];
    const words = more.map((word) => named.get(word) ?? word);
    const { code, out, err } = await world.run([...name.split(' '), ...options, ...words]);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const items = out.trimEnd().split('\n');
    expect(items.length).toBeGreaterThanOrEqual(2);
    for (const item of items) {
      expect(JSON.parse(item)).not.toHaveProperty('items');
    }
  });
});

/** The commands that have the option. */
function listing(): readonly string[] {
  const program = new Command('custody');
  for (const add of adders) {
    add(program, {} as Context);
  }
  finishCommands(program);
  return leavesOf(program)
    .filter(({ command }) => command.options.some(({ long }) => long === '--all-pages'))
    .map(({ words }) => words.join(' '));
}

function contentOf(...parts: readonly string[]): Uint8Array {
  return new TextEncoder().encode(parts.join(' '));
}
