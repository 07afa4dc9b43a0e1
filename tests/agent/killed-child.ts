import { spawn, spawnSync } from 'node:child_process';
import path from 'node:path';
import { encodeFrame, FrameReader } from '#agent/child/frames.ts';
import { type ChildMessage, childMessageSchema, type Job } from '#agent/child/job.ts';

/** One system call of a child's main thread: the `ordinal`-th of its kind, from 1. */
export interface KillPoint {
  readonly call: string;
  readonly ordinal: number;
}

export const hasStrace = spawnSync('strace', ['-V']).status === 0;

/** The calls that change something on disk, or make a change durable. */
const changingCalls = [
  ...['fsync', 'rename', 'renameat', 'renameat2', 'link', 'linkat', 'unlink', 'unlinkat', 'rmdir', 'mkdir', 'mkdirat'],
  ...['ftruncate', 'fchmod', 'fchown', 'utimensat', 'pwrite64', 'write'],
];

const entry = path.join(import.meta.dirname, '..', '..', 'src', 'agent', 'child', 'entry.ts');
const command = [process.execPath, '--config=/dev/null', '--no-env-file', entry] as const;

/**
 * Runs a job in a real child that is killed as it enters the given system call, as kill -9 or a power cut would end it.
 * @returns what it still said, and whether the kill struck.
 */
export async function runKilled(job: Job, point: KillPoint): Promise<{ killed: boolean; said: ChildMessage[] }> {
  const { call, ordinal } = point;
  const { messages, signal } = await runTraced(job, [
    `-einject=${call}:signal=KILL:when=${ordinal}`,
    `-etrace=${call}`,
  ]);
  return { killed: signal === 'SIGKILL', said: messages };
}

/** Runs a job once, to its end, and counts the calls at which it could have been killed. */
export async function killPoints(job: Job): Promise<readonly KillPoint[]> {
  const { trace } = await runTraced(job, [`-etrace=${changingCalls.join(',')}`]);
  const counts = new Map<string, number>();
  for (const [, call] of trace.matchAll(/^(\w+)\(/gm)) {
    counts.set(call ?? '', (counts.get(call ?? '') ?? 0) + 1);
  }
  return [...counts].flatMap(([call, count]) =>
    Array.from({ length: count }, (_, index) => ({ call, ordinal: index + 1 })),
  );
}

interface Traced {
  readonly messages: ChildMessage[];
  readonly trace: string;
  readonly signal: NodeJS.Signals | null;
}

async function runTraced(job: Job, options: readonly string[]): Promise<Traced> {
  const child = spawn('strace', ['-qq', ...options, ...command], { cwd: '/', env: {}, stdio: 'pipe' });
  const reader = new FrameReader();
  const messages: ChildMessage[] = [];
  let trace = '';
  child.stdout.on('data', (chunk: Uint8Array) => {
    messages.push(...reader.push(chunk).map((value) => childMessageSchema.parse(value)));
  });
  child.stderr.on('data', (chunk: Uint8Array) => {
    trace += Buffer.from(chunk).toString();
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end(encodeFrame({ parent: child.pid, job }));
  const signal = await new Promise<NodeJS.Signals | null>((resolve) => child.once('close', (_, how) => resolve(how)));
  return { messages, trace, signal };
}
