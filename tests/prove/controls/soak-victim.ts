import fs from 'node:fs';
import path from 'node:path';
import { type Job, jobSchema } from '#agent/child/job.ts';
import { performVaultJob, type VaultJob } from '#agent/child/vault-jobs.ts';
import { currentPlatform } from '#agent/platform/current.ts';
import { systemClock } from '#agent/platform/system-clock.ts';
import { jobOf } from '../world/jobs.ts';
import { newTaskId, sha256Of, type World } from '../world/world.ts';
import { fetchFile, type NaiveJob, quarantine, restore } from './naive-deeds.ts';
import type { SoakOrder, SoakResult } from './soak-order.ts';

/**
 * Does one kind of job again and again in one process, as fast as it goes, while somebody swaps the directory: a child per try
 * would try a hundred times less. Everything but the process is the product's own, from `performVaultJob` on.
 */
const order = JSON.parse(process.argv.at(-1) ?? '') as SoakOrder;
const content = Buffer.from(order.content, 'base64');
const world = { ...order.world, content } as unknown as World;
const platform = await currentPlatform();
/** One lock for the whole run: `performVaultJob` would wait for itself. */
const room = {
  platform: { ...platform, lock: () => () => undefined },
  clock: systemClock,
  progress: () => undefined,
  say: () => undefined,
  mayBegin: async () => 'go' as const,
  requests: (async function* none() {
    yield* [];
  })(),
};
const naiveJobs = { fetch: fetchFile, quarantine, restore } as const;

/** The true directory, wherever the attacker has it at the moment. */
const directory = openTrueDirectory();
const untouched = secretShape();

function openTrueDirectory(): number {
  for (;;) {
    try {
      return fs.openSync(world.directory, fs.constants.O_RDONLY | fs.constants.O_DIRECTORY | fs.constants.O_NOFOLLOW);
    } catch {
      continue;
    }
  }
}

function secretShape(): string {
  const file = path.join(world.secret, 'a');
  const stats = fs.lstatSync(file, { throwIfNoEntry: false });
  return [fs.readdirSync(world.secret), stats?.ino, stats?.size, stats?.mtimeMs].join(' ');
}

function inTrueDirectory(name: string): string {
  return `/proc/self/fd/${directory}/${name}`;
}

function emptyVault(): void {
  for (const name of fs.readdirSync(world.vault).filter((each) => each !== 'lock')) {
    fs.rmSync(path.join(world.vault, name), { recursive: true });
  }
}

function arrange(template: string): void {
  emptyVault();
  if (order.kind === 'restore') {
    fs.rmSync(inTrueDirectory('a'), { force: true });
    for (const name of fs.readdirSync(template)) {
      fs.copyFileSync(path.join(template, name), path.join(world.vault, name));
    }
  } else if (!fs.existsSync(inTrueDirectory('a'))) {
    fs.writeFileSync(inTrueDirectory('a'), content);
  }
}

async function attempt(): Promise<boolean> {
  if (order.naive) {
    const job = { ...jobOf(world, order.kind), naive: { from: path.join(world.vault, 'taken'), to: world.file } };
    naiveJobs[order.kind](job as unknown as NaiveJob);
    return true;
  }
  const job: Job = jobSchema.parse(jobOf(world, order.kind, { taskId: newTaskId() }));
  const said = JSON.stringify(await performVaultJob(room, job as VaultJob));
  return /"done"|"captured"/.test(said);
}

function secretWasFetched(): boolean {
  const file = path.join(world.spool, '0.bytes');
  const isOther =
    order.kind === 'fetch' && fs.existsSync(file) && sha256Of(fs.readFileSync(file)) !== order.world.sha256;
  fs.rmSync(file, { force: true });
  return isOther;
}

/** What the file was is somewhere: at its name, in the staging directory, or in the vault. */
function isLost(): boolean {
  const isThere = fs
    .readdirSync(`/proc/self/fd/${directory}`)
    .some((name) => name === 'a' || name.startsWith('.custody-'));
  return !isThere && !fs.readdirSync(world.vault).some((name) => name.endsWith('.age') || name === 'taken');
}

function repair(): void {
  for (const name of fs.readdirSync(world.secret)) {
    fs.rmSync(path.join(world.secret, name), { recursive: true });
  }
  fs.writeFileSync(path.join(world.secret, 'a'), Buffer.from(order.secret, 'base64'));
}

async function soak(): Promise<SoakResult> {
  const result = { tries: 0, completed: 0, wins: 0, lost: 0 };
  let shape = untouched;
  const end = performance.now() + order.seconds * 1_000;
  while (performance.now() < end) {
    arrange(order.template);
    result.tries += 1;
    result.completed += (await attempt().catch(() => false)) ? 1 : 0;
    const isWon = secretShape() !== shape || secretWasFetched();
    result.wins += isWon ? 1 : 0;
    result.lost += isLost() ? 1 : 0;
    if (isWon) {
      repair();
      shape = secretShape();
    }
  }
  return result;
}

process.stdout.write(JSON.stringify(await soak()));
process.exit(0);
