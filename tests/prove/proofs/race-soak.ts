import { type ChildProcess, spawn } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { buildProgram } from '../child/program.ts';
import { runChild } from '../child/run.ts';
import type { SoakOrder, SoakResult } from '../controls/soak-order.ts';
import { type Proof, type ProofContext, type ProofRow, Tally } from '../proof.ts';
import { lacking, makeImage } from '../world/images.ts';
import { jobOf } from '../world/jobs.ts';
import { makeWorld, type World } from '../world/world.ts';

const seconds = { product: 60, control: 30 } as const;

interface Programs {
  readonly victim: string;
  readonly attacker: string;
}

/** P1 once more, by chance: an unprivileged process swaps as fast as it can, for a minute each. */
export const raceSoak: Proof = {
  name: 'race-soak',
  promises: ['P1'],
  tooLongForSample: true,
  run: async (context) => {
    const programs = {
      victim: path.join(context.scratch, 'soak-victim'),
      attacker: path.join(context.scratch, 'attacker'),
    };
    buildProgram('tests/prove/controls/soak-victim.ts', programs.victim);
    buildProgram('tests/prove/controls/attacker.ts', programs.attacker);
    const rows: ProofRow[] = [];
    for (const kind of ['fetch', 'quarantine', 'restore'] as const) {
      rows.push(await soak(context, kind, programs));
    }
    return rows;
  },
};

async function soak(context: ProofContext, kind: SoakOrder['kind'], programs: Programs): Promise<ProofRow> {
  const tally = new Tally(
    context,
    'P1',
    `random race soak, ${kind}, ${seconds.product} s against an unprivileged user`,
  );
  const reason = lacking('tmpfs');
  if (reason !== undefined) {
    tally.skip(1, reason);
    return tally.row();
  }
  const product = await fight(context, { kind, naive: false, seconds: seconds.product }, programs);
  tally.many(product.tries, product.wins + product.lost, JSON.stringify(product));
  const control = await fight(context, { kind, naive: true, seconds: seconds.control }, programs);
  tally.controls(control.wins);
  context.say(`P1 soak ${kind}: product ${JSON.stringify(product)}, control ${JSON.stringify(control)}`);
  return tally.row();
}

async function fight(
  context: ProofContext,
  order: Pick<SoakOrder, 'kind' | 'naive' | 'seconds'>,
  { victim, attacker }: Programs,
): Promise<SoakResult> {
  using image = makeImage(context.scratch, 'tmpfs', 300);
  using world = await makeWorld(image.mountPoint);
  if (order.kind === 'fetch') {
    writeFileSync(path.join(world.secret, 'a'), 'root’s secret\n');
  }
  const template = await templateOf(context, world, order);
  const swapping = spawn(attacker, [world.directory, world.secret], { stdio: 'ignore', cwd: '/' });
  try {
    const { content, ...rest } = world;
    const secret = readFileSync(path.join(world.secret, 'a')).toString('base64');
    const told: SoakOrder = {
      ...order,
      world: rest,
      content: Buffer.from(content).toString('base64'),
      secret,
      template,
    };
    return JSON.parse(await outputOf(victim, JSON.stringify(told))) as SoakResult;
  } finally {
    await end(swapping);
  }
}

/** What the vault holds when the file is in it; the naive vault holds the plain file. */
async function templateOf(
  context: ProofContext,
  world: World,
  { kind, naive }: Pick<SoakOrder, 'kind' | 'naive'>,
): Promise<string> {
  const template = path.join(world.base, 'template');
  mkdirSync(template, { mode: 0o700 });
  if (kind === 'restore' && naive) {
    copyFileSync(world.file, path.join(template, 'taken'));
    rmSync(world.file);
  } else if (kind === 'restore') {
    await runChild(context.child, jobOf(world, 'quarantine'));
    cpSync(world.vault, template, { recursive: true });
  }
  return template;
}

async function outputOf(program: string, word: string): Promise<string> {
  const child = spawn(program, [word], { stdio: ['ignore', 'pipe', 'inherit'], cwd: '/', env: {} });
  let printed = '';
  child.stdout.on('data', (chunk: Uint8Array) => {
    printed += Buffer.from(chunk).toString();
  });
  await new Promise((resolve) => child.once('close', resolve));
  return printed;
}

async function end(child: ChildProcess): Promise<void> {
  const closed = new Promise((resolve) => child.once('close', resolve));
  if (child.exitCode === null && child.signalCode === null) {
    child.kill('SIGKILL');
    await closed;
  }
}
