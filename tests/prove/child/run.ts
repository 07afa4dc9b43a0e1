import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { encodeFrame, FrameReader } from '#agent/child/frames.ts';
import { type ChildMessage, childMessageSchema } from '#agent/child/job.ts';

/** What a child is given; checked by the child itself. */
export type JobFrame = Readonly<Record<string, unknown>>;

export interface RunOptions {
  /** What stands before the program, as in `['strace', '-qq', ...]`. */
  readonly under?: readonly string[];
  /** Called while strace holds the child stopped at a call; the child goes on when it returns. */
  readonly whenStopped?: (call: string) => void;
  /** Called once, when the child has its process id. */
  readonly started?: (pid: number) => void;
  /** Milliseconds after which it is killed; default 60,000. */
  readonly patience?: number;
}

export interface Ran {
  readonly messages: readonly ChildMessage[];
  /** What strace wrote, and the child's own standard error. */
  readonly trace: string;
  /** Whether it was killed; strace, as the first process of a namespace, cannot kill itself likewise and says 128 + 9. */
  readonly isKilled: boolean;
  readonly code: number | null;
  readonly milliseconds: number;
}

export type Command = readonly [string, ...string[]];

/** Runs a program as the agent runs its children: in `/`, with an empty environment and the job on standard input. */
export async function runChild(program: Command, job: JobFrame, options: RunOptions = {}): Promise<Ran> {
  const isTraced = options.under !== undefined;
  const [first = '', ...rest] = [...(isTraced ? alone : []), ...(options.under ?? []), ...program];
  const started = performance.now();
  const child = spawn(first, rest, { cwd: '/', env: {}, stdio: ['pipe', 'pipe', 'pipe'] });
  const messages = readMessages(child);
  const trace = readTrace(child, options);
  child.stdin.on('error', () => undefined);
  child.stdin.end(encodeFrame({ parent: isTraced ? 1 : process.pid, job }));
  if (child.pid !== undefined) {
    options.started?.(child.pid);
  }
  const overdue = setTimeout(() => killWithChildren(child), options.patience ?? 60_000);
  const ended = await new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  clearTimeout(overdue);
  const isKilled = ended.signal === 'SIGKILL' || ended.code === 137;
  return { messages, trace: trace.text, isKilled, code: ended.code, milliseconds: performance.now() - started };
}

/**
 * Under strace with processes of its own: a child that looks through all of /proc makes the same calls each time. There strace is
 * process 1.
 */
const alone = ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc'];

/** The process that strace holds: the child of the child of `unshare`. */
function tracees(child: ChildProcess): readonly number[] {
  return child.pid === undefined ? [] : childrenOf(child.pid).flatMap(childrenOf);
}

function childrenOf(pid: number): readonly number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

function killWithChildren(child: ChildProcess): void {
  for (const pid of tracees(child)) {
    process.kill(pid, 'SIGKILL');
  }
  child.kill('SIGKILL');
}

function readMessages(child: ChildProcess): readonly ChildMessage[] {
  const reader = new FrameReader();
  const messages: ChildMessage[] = [];
  child.stdout?.on('data', (chunk: Uint8Array) => {
    messages.push(...reader.push(chunk).map((value) => childMessageSchema.parse(value)));
  });
  return messages;
}

function readTrace(child: ChildProcess, { whenStopped }: RunOptions): { readonly text: string } {
  const trace = { text: '' };
  let seen = 0;
  child.stderr?.on('data', (chunk: Uint8Array) => {
    trace.text += Buffer.from(chunk).toString('latin1');
    const stopped = trace.text.indexOf('--- stopped by SIGSTOP ---', seen);
    if (stopped !== -1 && child.pid !== undefined) {
      seen = stopped + 1;
      whenStopped?.(lastCall(trace.text.slice(0, stopped)));
      for (const pid of tracees(child)) {
        process.kill(pid, 'SIGCONT');
      }
    }
  });
  return trace;
}

function lastCall(trace: string): string {
  return trace.split('\n').findLast((line) => /^\w+\(/.test(line)) ?? '';
}
