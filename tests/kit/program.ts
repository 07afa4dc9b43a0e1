import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { until, within } from './until.ts';

/** The checkout that is tested. */
export const checkout = join(import.meta.dirname, '..', '..');
/** The executable as people call it. */
export const custody = join(checkout, 'bin', 'custody');

const endPatience = 20_000;
/** Less than a test may take, so that what hangs is named and ended by its own test. */
const runPatience = 25_000;

export interface ProgramOptions {
  /** Default: `/`. */
  readonly cwd?: string;
  /** Added to a clean environment that holds a search path only. */
  readonly environment?: Readonly<Record<string, string>>;
  /** What it reads; undefined leaves its input empty. */
  readonly input?: string;
  /** In a process group of its own, as a shell starts it: Ctrl-C reaches all of the group. */
  readonly ownGroup?: boolean;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Finished extends Ended {
  readonly out: string;
  readonly err: string;
  /** The bytes of standard output. */
  readonly bytes: Buffer;
}

/** A child process that the test started. Disposing of it kills it, if it runs still: no failed test leaves one behind. */
export interface Program extends AsyncDisposable {
  readonly pid: number;
  /** Everything printed so far. */
  out(): string;
  err(): string;
  readonly isRunning: boolean;
  /** Sends a signal, and waits until it is gone. */
  end(signal: NodeJS.Signals): Promise<Ended>;
  /** Waits until it has ended by itself. */
  finished(limit?: number): Promise<Finished>;
}

export function startProgram(words: readonly [string, ...string[]], options: ProgramOptions = {}): Program {
  const [command, ...rest] = words;
  const child = spawn(command, rest, {
    cwd: options.cwd ?? '/',
    env: { PATH: process.env['PATH'], HOME: '/', ...options.environment },
    stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    detached: options.ownGroup ?? false,
  });
  child.stdin?.end(options.input);
  const printed = { out: [] as Buffer[], err: [] as Buffer[] };
  child.stdout?.on('data', (chunk: Buffer) => printed.out.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => printed.err.push(chunk));
  let isRunning = true;
  child.once('exit', () => {
    isRunning = false;
  });
  const [exited, closed] = [endOf(child, 'exit'), endOf(child, 'close')];
  const { pid } = child;
  if (pid === undefined) {
    throw new Error(`${command} could not be started.`);
  }
  const text = (chunks: readonly Buffer[]) => Buffer.concat(chunks).toString();
  return {
    pid,
    out: () => text(printed.out),
    err: () => text(printed.err),
    get isRunning() {
      return isRunning;
    },
    async end(signal) {
      child.kill(signal);
      return within(endPatience, `${words.join(' ')} ends after ${signal}\n${text(printed.err)}`, exited);
    },
    async finished(limit = endPatience) {
      const ended = await within(limit, `${words.join(' ')} ends\n${text(printed.err)}`, closed);
      return { ...ended, out: text(printed.out), err: text(printed.err), bytes: Buffer.concat(printed.out) };
    },
    async [Symbol.asyncDispose]() {
      if (isRunning) {
        child.kill('SIGKILL');
        await exited;
      }
    },
  };
}

/** Runs a program to its end. */
export async function runProgram(
  words: readonly [string, ...string[]],
  options: ProgramOptions = {},
): Promise<Finished> {
  await using program = startProgram(words, options);
  return await program.finished(runPatience);
}

/** `close` comes after `exit`, once nobody can print any more: its children may share its output. */
function endOf(child: ChildProcess, event: 'exit' | 'close'): Promise<Ended> {
  return new Promise((resolve) => child.once(event, (code, signal) => resolve({ code, signal })));
}

/** One process at one time: a number may be used again, with another start time. */
export interface ProcessMark {
  readonly pid: number;
  readonly started: string;
}

/** A process's children, their children, and so on. */
export function descendants(pid: number): readonly ProcessMark[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => statOf(Number(name)) ?? []);
  const below = (parent: number): readonly ProcessMark[] =>
    all.filter((each) => each.parent === parent).flatMap((each) => [each, ...below(each.pid)]);
  return below(pid);
}

/** Kills those of them that are still there, and nobody who came after them. */
export function killAll(marks: readonly ProcessMark[]): void {
  for (const { pid, started } of marks) {
    if (statOf(pid)?.started === started) {
      process.kill(pid, 'SIGKILL');
    }
  }
}

/** Waits until every one of these processes is gone. */
export async function allGone(marks: readonly ProcessMark[]): Promise<void> {
  const left = () => marks.filter(({ pid, started }) => statOf(pid)?.started === started);
  await until(`the processes ${marks.map(({ pid }) => pid)} are gone`, () => left().length === 0);
}

function statOf(pid: number): (ProcessMark & { readonly parent: number }) | undefined {
  const text = readProcessFile(pid, 'stat');
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ');
  if (fields === undefined || fields[0] === 'Z') {
    return undefined;
  }
  return { pid, parent: Number(fields[1]), started: fields[19] ?? '' };
}

/** Undefined for a process that is gone. */
export function readProcessFile(pid: number, name: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    return undefined;
  }
}
