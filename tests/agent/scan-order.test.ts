import { expect, test } from 'bun:test';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { liveInventory } from './live-inventory.ts';
import { agentWorld } from './running-agent.ts';
import { until } from './until.ts';

test('a scan that is asked for finds what nobody told of, at once', async () => {
  using live = await liveInventory({ isWatched: false, isIdle: true });
  await live.start();
  writeFileSync(path.join(live.files, 'new'), 'new');
  expect(await live.rescan()).toMatchObject({ of: 'scan', changed: 1 });
  expect(live.present()).toEqual(['new']);
});

test('one that is asked for while another is under way begins after it', async () => {
  using live = await liveInventory({ isWatched: false, isIdle: true });
  await live.start();
  const both = [live.rescan(), live.rescan()];
  await Promise.all(both);
  const before = live.scans.length;
  const running = live.rescan();
  await until(() => live.scans.length >= before, 'the scan');
  writeFileSync(path.join(live.files, 'late'), 'late');
  await Promise.all([running, live.rescan()]);
  expect(live.present()).toEqual(['late']);
});

test('an agent scans when it is ordered to, has told of what it found, and counts it', async () => {
  await using world = await agentWorld();
  const { server, files } = world;
  writeFileSync(path.join(files, 'old'), 'old');
  world.start();
  await until(() => server.files.has(path.join(files, 'old')), 'the first file');
  const { files: ended } = await server.run({ verb: 'scan' });
  expect(ended).toMatchObject([{ ordinal: 0, outcome: 'done', path: null }]);
  expect(ended[0]?.message).toStartWith('All roots were scanned: ');
});

test('the policy of an endpoint denies scans by the verb', async () => {
  await using world = await agentWorld();
  const policy = path.join(world.base, 'policy.toml');
  writeFileSync(policy, '[[deny]]\nname = "no-scans"\nverbs = ["scan"]\n', { mode: 0o600 });
  world.start('/', policy);
  const { files } = await world.server.run({ verb: 'scan' });
  expect(files).toMatchObject([{ outcome: 'refused', reason: 'denied_by_policy' }]);
});
