import { expect, test } from 'bun:test';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { encodeFrame } from '#agent/child/frames.ts';
import type { Job } from '#agent/child/job.ts';
import { runJob } from '#agent/child/run-job.ts';
import { Bandwidth } from '#agent/link/bandwidth.ts';
import { childCommand } from '#agent/platform/program.ts';
import { systemClock } from '#agent/platform/system-clock.ts';
import { systemRandom } from '#agent/platform/system-random.ts';
import { performFetch } from '#agent/tasks/fetch.ts';
import { Lane } from '#agent/tasks/lane.ts';
import { performVaultOrder } from '#agent/tasks/perform.ts';
import { TaskGate } from '#agent/tasks/task-gate.ts';
import { actionIdSchema } from '#core/action/action-id.ts';
import type { QuarantineParameters, RestoreParameters } from '#core/action/verb.ts';
import { endpointIdSchema } from '#core/endpoint/endpoint-id.ts';
import { Fault } from '#core/fault.ts';
import type { Log } from '#core/ports/log.ts';
import { newKeyPair, readPrivateKey } from '#wire/signature.ts';
import { newTask, pathOf, sha256Of, type VaultWorld, vaultWorld } from './vault-world.ts';

const quarantineX: QuarantineParameters = {
  ...{ verb: 'quarantine', path: pathOf('/x'), sha256: sha256Of('x'), overrideProtection: false },
};
const restoreX: RestoreParameters = {
  ...{ verb: 'restore', sha256: sha256Of('x'), vaultObject: null, to: null, ifOccupied: 'fail' },
};
const silent: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing };
const never = heed(new AbortController().signal);

function heed(signal: AbortSignal) {
  return { signal, gate: new TaskGate(() => false) };
}

function nothing(): void {
  return undefined;
}

function optionsOf(command: readonly [string, ...string[]], patience = 300) {
  return { command, clock: systemClock, log: silent, patience };
}

function orderOf<Parameters>(parameters: Parameters) {
  const now = Date.now();
  const common = { v: 1, issuedAt: now, notBefore: now, deadline: now + 60_000, taskId: newTask() } as const;
  return {
    ...common,
    endpointId: endpointIdSchema.parse('a'.repeat(32)),
    actionId: actionIdSchema.parse('7'),
    parameters,
  };
}

function workshop(world: VaultWorld, command: readonly [string, ...string[]]) {
  const { vault, keys, own, policy } = world.room;
  return { child: optionsOf(command), vault, keys, own, policy };
}

test('a child that shows no progress is killed at its deadline, and the task ends as interrupted', async () => {
  using world = await vaultWorld();
  const order = orderOf(quarantineX);
  const started = performance.now();
  const files = await performVaultOrder(workshop(world, ['sleep', '100']), order, never);
  expect(files).toMatchObject([{ outcome: 'interrupted', reason: 'mount_dead', ordinal: 0 }]);
  expect(performance.now() - started).toBeLessThan(3_000);
});

test('a killed child that is not gone, for it stands in a call to a dead file system, is not waited for', async () => {
  using world = await vaultWorld();
  const started = performance.now();
  // What a killed child started keeps its pipes open, and so stands for a child that cannot end.
  const undead = ['sh', '-c', 'sleep 5 & wait'] as const;
  const files = await performVaultOrder(workshop(world, undead), orderOf(quarantineX), never);
  expect(files).toMatchObject([{ outcome: 'interrupted', reason: 'mount_dead' }]);
  const stop = new AbortController();
  const work = performVaultOrder(workshop(world, undead), orderOf(restoreX), heed(stop.signal));
  stop.abort();
  await expect(work).rejects.toMatchObject({ name: 'Abandoned' });
  expect(performance.now() - started).toBeLessThan(4_000);
});

test('a child that has answered and does not end is not waited for', async () => {
  using world = await vaultWorld();
  const frame = Buffer.from(encodeFrame({ type: 'tidied', notes: ['one'] })).toString('base64');
  const script = `process.stdout.write(Buffer.from('${frame}', 'base64')); setInterval(() => undefined, 1000);`;
  const { vault, keys, own, policy } = world.room;
  const job: Job = { kind: 'tidy', vault, keys, own: [...own], policy, openTasks: [] };
  const result = await runJob(optionsOf([process.execPath, '-e', script], 60_000), job, new AbortController().signal);
  expect(result).toEqual({ ok: true, answer: { type: 'tidied', notes: ['one'] } });
}, 20_000);

test('a child that says what is no frame ends its task, and not the agent', async () => {
  using world = await vaultWorld();
  const files = await performVaultOrder(workshop(world, ['echo', 'no frame at all']), orderOf(restoreX), never);
  expect(files).toMatchObject([{ outcome: 'interrupted', reason: 'agent_restarted' }]);
});

test('a child that cannot run or crashes each time ends the task as interrupted', async () => {
  using world = await vaultWorld();
  const order = orderOf(restoreX);
  for (const command of [['false'], ['/nowhere']] as const) {
    const files = await performVaultOrder(workshop(world, command), order, never);
    expect(files).toMatchObject([{ outcome: 'interrupted', reason: 'agent_restarted' }]);
  }
});

test('work that is stopped with the agent is abandoned, not reported', async () => {
  using world = await vaultWorld();
  const order = orderOf(restoreX);
  const stop = new AbortController();
  const work = performVaultOrder(workshop(world, ['sleep', '100']), order, heed(stop.signal));
  stop.abort();
  await expect(work).rejects.toMatchObject({ name: 'Abandoned' });
});

test('a fetch captures every kind of file truly, names as bytes, and leaves each in its place', async () => {
  using world = await vaultWorld();
  const odd = Buffer.concat([Buffer.from(`${world.files}/`), Buffer.from([0xff, 0x0a, 0x2d])]);
  writeFileSync(odd, 'odd');
  writeFileSync(path.join(world.files, 'empty'), '');
  Bun.spawnSync(['mkfifo', path.join(world.files, 'fifo')]);
  const paths = [
    odd,
    `${world.files}/empty`,
    `${world.files}/fifo`,
    `${world.files}/none`,
    '/proc/self/environ',
    '/dev/zero',
  ];
  const parameters = {
    verb: 'fetch',
    files: paths.map((each) => ({ path: pathOf(each), vaultObject: null, indexedSha256: null })),
  } as const;
  const spool = path.join(world.base, 'spool');
  mkdirSync(spool);
  const offered: string[] = [];
  const net = {
    connect: () => {
      throw new Fault('unavailable', 'not in this test');
    },
    request: async ({ headers }: { headers: Readonly<Record<string, string>> }) => {
      offered.push(headers['custody-sha256'] ?? '');
      return { status: 204, headers: {}, body: new Uint8Array() };
    },
  };
  const deviceKey = readPrivateKey(newKeyPair().privatePem).key;
  const bandwidth = new Bandwidth(systemClock, () => null);
  const uploads = { net, clock: systemClock, random: systemRandom, log: silent, deviceKey, bandwidth };
  const lanes = { captures: new Lane(2), transfers: new Lane(2) };
  const child = optionsOf(childCommand(), 20_000);
  const ends = await performFetch(
    { ...workshop(world, childCommand()), child, uploads, spool, ...lanes },
    orderOf({ ...parameters, files: [...parameters.files] }),
    never,
  );
  expect(ends.map(({ outcome, reason }) => [outcome, reason])).toEqual([
    ['done', null],
    ['done', null],
    ['unsupported', 'special_file'],
    ['not_found', null],
    ['unsupported', 'special_file'],
    ['unsupported', 'special_file'],
  ]);
  expect(offered.toSorted()).toEqual([sha256Of('odd'), sha256Of('')].toSorted());
  expect(readFileSync(odd, 'utf8')).toBe('odd');
  expect(readdirSync(world.files)).toHaveLength(3);
});

test('at most so many pieces of work run in a lane at once, in order', async () => {
  const lane = new Lane(2);
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const all = [0, 1, 2, 3].map((each) =>
    lane.run(() => {
      begun.push(each);
      return new Promise<void>((resolve) => ends.push(resolve));
    }),
  );
  await Bun.sleep(1);
  expect(begun).toEqual([0, 1]);
  ends[1]?.();
  await Bun.sleep(1);
  expect(begun).toEqual([0, 1, 2]);
  ends[0]?.();
  ends[2]?.();
  await Bun.sleep(1);
  ends[3]?.();
  await Promise.all(all);
  expect(begun).toEqual([0, 1, 2, 3]);
});
