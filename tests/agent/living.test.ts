import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { scrubWeekly } from '#agent/chores/scrub-weekly.ts';
import { unchangedMappings } from '#agent/platform/linux/own-code.ts';
import { childCommand } from '#agent/platform/program.ts';
import { systemClock } from '#agent/platform/system-clock.ts';
import { systemRandom } from '#agent/platform/system-random.ts';
import { openPolicy } from '#agent/policy/policy.ts';
import { readStatusFile, StatusFile } from '#agent/service/status-file.ts';
import { unitText } from '#agent/service/unit.ts';
import { day, minute, second } from '#core/time.ts';
import { until } from './until.ts';
import { VirtualClock } from './virtual-clock.ts';

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

let directory: string;
let clock: VirtualClock;

beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'custody-living-'));
  clock = new VirtualClock();
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

describe('The status file of a running agent', () => {
  test('says at once what changes, and every minute that nothing has', async () => {
    const file = path.join(directory, 'status.json');
    const status = new StatusFile(file, { clock, log: silent, limitations: () => ['a limitation'] });
    status.start();
    expect(readStatusFile(file)).toMatchObject({ connected: false, lastContact: null, pid: process.pid });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    status.welcomed();
    const contact = readStatusFile(file)?.lastContact ?? 0;
    expect(readStatusFile(file)).toMatchObject({ connected: true, trouble: null, limitations: ['a limitation'] });
    await clock.pass(minute);
    expect(readStatusFile(file)?.lastContact).toBe(contact + minute);
    await clock.pass(second);
    status.lost('the network is gone');
    await clock.pass(5 * minute);
    const lost = readStatusFile(file);
    expect(lost).toMatchObject({
      connected: false,
      trouble: 'the network is gone',
      lastContact: contact + minute + second,
    });
    expect(lost?.writtenAt).toBeGreaterThan(contact + 5 * minute);
    status.stop();
    rmSync(file);
    await clock.pass(5 * minute);
    expect(existsSync(file)).toBe(false);
  });

  test('that another version wrote, or nobody, is none', () => {
    const file = path.join(directory, 'status.json');
    expect(readStatusFile(file)).toBeUndefined();
    writeFileSync(file, '{"v":2}');
    expect(readStatusFile(file)).toBeUndefined();
  });
});

describe('The weekly look through the vault (P21)', () => {
  const shop = () => ({
    ...{
      child: { command: childCommand(), clock: systemClock, log: silent, patience: minute },
      vault: path.join(directory, 'vault'),
    },
    ...{ keys: { identity: '', recipient: '', recoveryRecipient: '' }, own: [], policy: openPolicy },
  });

  async function life(note: string, lives: (scrubs: number[]) => Promise<void>): Promise<void> {
    const ending = new AbortController();
    const scrubs: number[] = [];
    const tools = { workshop: shop, clock, random: systemRandom, log: silent, note };
    const running = scrubWeekly({ ...tools, scrubbed: () => void scrubs.push(clock.now()) }, ending.signal);
    await lives(scrubs);
    ending.abort();
    await running;
  }

  test('comes within a day of the first start, then every week, and no earlier because the agent was restarted', async () => {
    mkdirSync(path.join(directory, 'vault'), { mode: 0o700 });
    const note = path.join(directory, 'scrubbed.json');
    const next = () => (JSON.parse(readFileSync(note, 'utf8')) as { readonly next: number }).next;
    await life(note, async (scrubs) => {
      await until(() => existsSync(note), 'the note is written');
      expect(next() - clock.now()).toBeLessThanOrEqual(day);
      await clock.pass(day);
      await until(() => scrubs.length === 1, 'the first');
      await until(() => next() > clock.now(), 'the next is noted');
      expect(next() - clock.now()).toBeGreaterThan(6 * day);
      expect(next() - clock.now()).toBeLessThanOrEqual(7 * day);
    });
    const due = next();
    await life(note, async (scrubs) => {
      await clock.pass(6 * day);
      await Promise.resolve();
      expect([scrubs.length, next()]).toEqual([0, due]);
      await clock.pass(day);
      await until(() => scrubs.length === 1, 'the second');
    });
  }, 30_000);

  test('is not put off for years by a clock that was wrong', async () => {
    const note = path.join(directory, 'scrubbed.json');
    writeFileSync(note, JSON.stringify({ next: clock.now() + 5_000 * day }));
    mkdirSync(path.join(directory, 'vault'), { mode: 0o700 });
    await life(note, async (scrubs) => {
      await clock.pass(7 * day);
      await until(() => scrubs.length === 1, 'it comes all the same');
    });
  }, 30_000);
});

test('an idle agent lets go of its own code alone, where nothing in it was changed', () => {
  const smaps = [
    '00200000-01a39000 r--p 00000000 fe:00 53                            /opt/custody\nRss: 7 kB\nAnonymous:             0 kB',
    '01a40000-0684a000 r-xp 01838000 fe:00 53                            /opt/custody\nRss: 9 kB\nAnonymous:             0 kB',
    '06850000-06867000 r--p 06648000 fe:00 53                            /opt/custody\nRss: 9 kB\nAnonymous:            92 kB',
    '06867000-06d28000 rw-p 0665e000 fe:00 53                            /opt/custody\nRss: 9 kB\nAnonymous:             0 kB',
    '7f7fbaa000-7f7fd00000 r-xp 00026000 fe:00 32                        /usr/lib/libc.so.6\nRss: 9 kB\nAnonymous:             0 kB',
  ].join('\n');
  expect(unchangedMappings(smaps, '/opt/custody')).toEqual([
    { start: 0x200000n, length: 0x1839000n },
    { start: 0x1a40000n, length: 0x4e0a000n },
  ]);
});

test('a unit file is not made of paths that would mean something else in it', () => {
  for (const odd of ['/opt/a b/custody', '/opt/%h/custody', '/opt/$HOME/custody', '/opt/"a"', '/opt/a\nb']) {
    expect(() => unitText({ program: odd, data: '/var/lib/custody-agent' })).toThrow('cannot stand in a unit file');
  }
});
