import { expect, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { lockShareOf, type VaultShare, vaultShareOf } from '#agent/operations/vault-share.ts';
import { linux } from '#agent/platform/linux/linux.ts';
import { VaultLane } from '#agent/tasks/vault-lane.ts';
import { type Sha256, sha256Schema } from '#core/file/hash.ts';

const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((letter) => sha256Schema.parse(letter.repeat(64))) as [
  Sha256,
  Sha256,
  Sha256,
  Sha256,
];

/** Hands in work that ends when it is told to; `begun` says which has begun, in order. */
function lane(width: number) {
  const vault = new VaultLane(width);
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const done: Promise<void>[] = [];
  const hand = (name: string, share: VaultShare) => {
    const work = () => {
      begun.push(name);
      const { promise, resolve } = Promise.withResolvers<void>();
      ends.set(name, resolve);
      return promise;
    };
    done.push(vault.run(share, work));
  };
  const end = async (name: string) => {
    ends.get(name)?.();
    await Bun.sleep(0);
  };
  return { hand, end, begun, all: () => Promise.all(done) };
}

test('work that is stuck holds up nothing but work on the same hash', async () => {
  const { hand, end, begun } = lane(3);
  hand('stuck', a);
  hand('same', a);
  hand('other', b);
  hand('third', c);
  hand('fourth', d);
  await Bun.sleep(0);
  expect(begun).toEqual(['stuck', 'other', 'third']);
  await end('other');
  expect(begun).toEqual(['stuck', 'other', 'third', 'fourth']);
  await end('stuck');
  expect(begun.at(-1)).toBe('same');
});

test('what needs the whole vault runs alone, after all before it and before all behind it', async () => {
  const { hand, end, begun, all } = lane(3);
  hand('first', a);
  hand('whole', 'whole');
  hand('behind', b);
  hand('whole again', 'whole');
  await Bun.sleep(0);
  expect(begun).toEqual(['first']);
  await end('first');
  expect(begun).toEqual(['first', 'whole']);
  await end('whole');
  expect(begun).toEqual(['first', 'whole', 'behind']);
  await end('behind');
  await end('whole again');
  await all();
  expect(begun).toEqual(['first', 'whole', 'behind', 'whole again']);
});

test('work that fails makes room', async () => {
  const vault = new VaultLane(1);
  const failing = vault.run(a, () => Promise.reject(new Error('no')));
  const next = vault.run(b, () => Promise.resolve('yes'));
  expect(await failing.catch((thrown: Error) => thrown.message)).toBe('no');
  expect(await next).toBe('yes');
});

test.each([
  ['a quarantine by path', { kind: 'quarantine', quotaBytes: null }, a],
  ['a quarantine under a quota', { kind: 'quarantine', quotaBytes: 5 }, 'whole'],
  ['a quarantine of every copy', { kind: 'copies', quotaBytes: null }, 'whole'],
  ['a restore', { kind: 'restore', ifOccupied: 'fail', quotaBytes: 5 }, a],
  ['a restore beside', { kind: 'restore', ifOccupied: 'keep_both', quotaBytes: null }, a],
  ['a swap', { kind: 'restore', ifOccupied: 'swap', quotaBytes: null }, 'whole'],
  ['a purge', { kind: 'purge', quotaBytes: 5 }, a],
] as const)('%s shares the vault as it must', (_, deed, share) => {
  expect(vaultShareOf({ ...deed, sha256: a })).toBe(share);
});

test('locks of different hashes stand side by side, and none beside the whole', () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'custody-lock-'));
  try {
    const take = (share: VaultShare) =>
      linux.lock(path.join(directory, 'lock'), { wait: false, share: lockShareOf(share) });
    const [first, second] = [take(a), take(b)];
    expect([first, second].map((release) => typeof release)).toEqual(['function', 'function']);
    expect([take(a), take(b), take('whole')]).toEqual([undefined, undefined, undefined]);
    first?.();
    second?.();
    const whole = take('whole');
    expect(whole).toBeFunction();
    expect(take(c)).toBeUndefined();
    whole?.();
    expect(take(c)).toBeFunction();
  } finally {
    rmSync(directory, { recursive: true });
  }
});
