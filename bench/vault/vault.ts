import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { median } from '../statistics.ts';

export interface VaultOptions {
  /** MiB in one round. */
  readonly size: number;
  readonly rounds: number;
  /** MiB of the large file. */
  readonly large: number;
}

const seconds = z.array(z.number().positive());
const speedSchema = z.object({ cipher: seconds, hash: seconds, seal: seconds, open: seconds });
const memorySchema = z.object({ idle: z.number(), peak: z.number(), sealed: z.number(), verified: z.number() });
const run = promisify(execFile);
const small = 64;

/** Each figure in a process of its own, which the kernel keeps on one core with all of its threads. */
export async function vault({ size, rounds, large }: VaultOptions): Promise<string> {
  const measured = await inDirectory((directory) => onOneCore('speed.ts', size, rounds, directory));
  const { cipher, hash, seal, open } = speedSchema.parse(measured);
  const bare = cipher.map((each, index) => each + (hash[index] ?? 0));
  const line = (name: string, times: readonly number[]) => `  ${name.padEnd(28)}${rates(size, times)}`;
  const ratio = (times: readonly number[]) => (median(bare) / median(times)).toFixed(2);
  return [
    `one core, ${rounds} rounds of ${size} MiB, by its processor time, median (range)`,
    line('bare ChaCha20-Poly1305', cipher),
    line('bare SHA-256', hash),
    line('bare, one after the other', bare),
    `${line('hash and encrypt to age', seal)}, ratio to bare ${ratio(seal)}`,
    `${line('decrypt from age and hash', open)}, ratio to bare ${ratio(open)}`,
    'a process on one core that seals and verifies one object in a file',
    await memory(small),
    await memory(large),
  ].join('\n');
}

function rates(size: number, times: readonly number[]): string {
  const each = times.map((time) => size / time);
  return `${median(each).toFixed(0)} MiB/s (${Math.min(...each).toFixed(0)}-${Math.max(...each).toFixed(0)})`;
}

async function memory(size: number): Promise<string> {
  const measured = await inDirectory((directory) => onOneCore('memory.ts', size, directory));
  const { idle, peak, sealed, verified } = memorySchema.parse(measured);
  const speeds = `sealed and fsynced at ${(size / sealed).toFixed(0)} MiB/s, verified at ${(size / verified).toFixed(0)} MiB/s`;
  return `  ${size} MiB: peak ${megabytes(peak)} MB, ${megabytes(idle)} MB at its start; ${speeds}`;
}

async function inDirectory<Result>(work: (directory: string) => Promise<Result>): Promise<Result> {
  const directory = await mkdtemp(path.join(tmpdir(), 'custody-bench-'));
  try {
    return await work(directory);
  } finally {
    await rm(directory, { recursive: true });
  }
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}

async function onOneCore(script: string, ...words: readonly (string | number)[]): Promise<unknown> {
  const program = [process.execPath, path.join(import.meta.dirname, script), ...words.map(String)];
  const { stdout } = await run('taskset', ['--cpu-list', '0', ...program]);
  return JSON.parse(stdout);
}
