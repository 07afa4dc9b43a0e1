import { expect, test } from 'bun:test';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { openIndex } from '#agent/inventory/index-file.ts';
import { Reconciler, usualPace } from '#agent/inventory/reconciler.ts';
import { second } from '#core/time.ts';
import { until } from './until.ts';
import { pathOf, vaultWorld } from './vault-world.ts';
import { VirtualClock } from './virtual-clock.ts';

/** A child that says of its first request that it failed, and then stays, as one does that waits for the next. */
const failing = `
  require('node:fs').writeFileSync(process.argv[2] + '/' + process.pid, '');
  const body = Buffer.from('82a474797065a66661696c6564a76d657373616765a3626164', 'hex');
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  process.stdout.write(Buffer.concat([length, body]));
  setInterval(() => {}, 1000);
`;

test('a child whose scan failed is ended at once, and another one tries again ten seconds later', async () => {
  using world = await vaultWorld();
  const script = path.join(world.base, 'child.cjs');
  writeFileSync(script, failing);
  const index = openIndex(path.join(world.base, 'inventory.sqlite'));
  const clock = new VirtualClock();
  const told: string[] = [];
  const words = (message: string) => void told.push(message);
  const log = { debug: words, info: words, warn: words, error: words };
  const command = [process.execPath, script, world.files] as const;
  const job = { kind: 'inventory' as const, database: '', roots: [pathOf(world.files)], skip: [] };
  const reconciler = new Reconciler({ command, clock, log, patience: 60 * second }, job, {
    ...{ pace: usualPace, index, watch: undefined },
    scanned: () => undefined,
  });
  const children = () => readdirSync(world.files);
  const isAlive = (pid: string | undefined) => existsSync(`/proc/${pid}/stat`);
  try {
    reconciler.start();
    await clock.pass(0);
    await until(() => told.includes('A scan of the inventory failed.'), 'the failure is told');
    const [first] = children();
    await until(() => !isAlive(first), 'the first child is gone');
    await clock.pass(9 * second);
    expect(children()).toHaveLength(1);
    await clock.pass(2 * second);
    await until(() => children().length === 2, 'a second child has started');
    const failures = (count: number) =>
      until(
        () => told.filter((line) => line === 'A scan of the inventory failed.').length === count,
        `${count} failures`,
      );
    await failures(2);
    const asked = reconciler.rescan().catch(String);
    await clock.pass(0);
    await failures(3);
    await clock.pass(11 * second);
    await failures(4);
    expect(await asked).toContain('broke off');
  } finally {
    reconciler.stop();
    index.close();
  }
});
