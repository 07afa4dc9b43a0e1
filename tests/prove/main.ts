import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { buildProgram } from './child/program.ts';
import { isGood, type Proof, type ProofRow, Tally } from './proof.ts';
import { proofs } from './proofs.ts';
import { tableOf } from './table.ts';

const { values: options } = parseArgs({
  options: {
    sample: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true, default: [] },
    seed: { type: 'string' },
    kills: { type: 'string' },
  },
});

/** Set in the process that has mounts of its own, which vanish with it. */
const ownMounts = 'CUSTODY_PROVE_OWN_MOUNTS';

function chosen(): readonly Proof[] {
  const isWanted = ({ name, promises }: Proof) => options.only.some((only) => name === only || promises.includes(only));
  const isInTime = ({ tooLongForSample }: Proof) => !(options.sample && tooLongForSample === true);
  const found = proofs.filter((proof) => isInTime(proof) && (options.only.length === 0 || isWanted(proof)));
  if (found.length === 0) {
    throw new Error(
      `No proof is named ${options.only.join(', ')}. There are: ${proofs.map(({ name }) => name).join(', ')}.`,
    );
  }
  return found;
}

/** Worlds have owners, mounts and stopped processes: none of that is to be had by others. */
const isRootOnLinux = process.platform === 'linux' && process.getuid?.() === 0;

function skipped({ name, promises }: Proof, seed: number, say: (line: string) => void): ProofRow {
  const tally = new Tally({ seed, say }, promises.join(', '), name);
  tally.skip(1, 'needs root on Linux');
  return tally.row();
}

async function prove(): Promise<readonly ProofRow[]> {
  const seed = Number(options.seed ?? Date.now() % 2 ** 31);
  const kills = options.kills === undefined ? undefined : Number(options.kills);
  const scratch = mkdtempSync(path.join(tmpdir(), 'custody-prove-'));
  const say = (line: string) => void process.stderr.write(`${line}\n`);
  say(`seed ${seed}`);
  try {
    chmodSync(scratch, 0o755);
    const child = buildProgram('src/agent/child/entry.ts', path.join(scratch, 'child'));
    const control = buildProgram('tests/prove/controls/naive.ts', path.join(scratch, 'control'));
    const rows: ProofRow[] = [];
    for (const proof of chosen()) {
      if (!isRootOnLinux) {
        rows.push(skipped(proof, seed, say));
        continue;
      }
      const started = performance.now();
      rows.push(...(await proof.run({ sample: options.sample, seed, kills, child, control, scratch, say })));
      say(`${proof.name} took ${((performance.now() - started) / 1_000).toFixed(1)} s`);
    }
    return rows;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** As root everything runs in a mount namespace of its own: whatever is mounted is gone with it, however it ends. */
function runWithOwnMounts(): number {
  const words = [...process.execArgv, import.meta.filename, ...process.argv.slice(2)];
  const { status } = spawnSync('unshare', ['--mount', '--propagation', 'private', process.execPath, ...words], {
    stdio: 'inherit',
    env: { ...process.env, [ownMounts]: '1' },
  });
  return status ?? 1;
}

if (isRootOnLinux && process.env[ownMounts] === undefined) {
  process.exitCode = runWithOwnMounts();
} else {
  const rows = await prove();
  process.stdout.write(`${options.json ? JSON.stringify(rows) : tableOf(rows)}\n`);
  process.exitCode = rows.every(isGood) ? 0 : 1;
}
