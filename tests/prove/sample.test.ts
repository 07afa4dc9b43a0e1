import { expect, test } from 'bun:test';
import { spawn } from 'node:child_process';
import path from 'node:path';
import { isGood, type ProofRow } from './proof.ts';
import { proofs } from './proofs.ts';

const isRoot = process.getuid?.() === 0 && process.platform === 'linux';
const main = path.join(import.meta.dirname, 'main.ts');
/** A new one each time, printed with what it finds; `npm run prove -- --sample --only NAME --seed SEED` tries it again. */
const seed = String(Date.now() % 2 ** 31);

/** In a process of its own, which has its own mounts. */
async function proveSample(name: string): Promise<{ readonly rows: readonly ProofRow[]; readonly said: string }> {
  const words = [...process.execArgv, main, '--sample', '--json', '--only', name, '--seed', seed];
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'pipe'] });
  const [printed, said] = [textOf(child.stdout), textOf(child.stderr)];
  await new Promise((resolve) => child.once('close', resolve));
  const text = await printed;
  return { rows: text === '' ? [] : (JSON.parse(text) as ProofRow[]), said: await said };
}

async function textOf(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of stream) {
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
}

test.skipIf(!isRoot).each(proofs.filter(({ tooLongForSample }) => tooLongForSample !== true))(
  'a sample of $name holds [needs root on Linux]',
  async ({ name }) => {
    const { rows, said } = await proveSample(name);
    process.stdout.write(`${rows.map((row) => `${row.promise}: ${row.what}: ${row.points} points`).join('\n')}\n`);
    const bad = rows.filter((row) => !isGood(row) || row.skipped > 0);
    expect([bad, rows.length > 0 && bad.length === 0 ? '' : said]).toEqual([[], '']);
  },
  1_800_000,
);
