import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

const root = new URL('..', import.meta.url).pathname;

/** A process of the bench that is spoken to in lines. */
export interface LineProcess {
  readonly pid: number;
  readonly ended: Promise<void>;
  say(line: string): void;
  /** The next line that it prints. */
  next(): Promise<string>;
  stop(): Promise<void>;
}

/** Starts one of the project's own scripts under the same runtime as this. */
export function startScript(script: string, words: readonly string[] = []): LineProcess {
  return start(process.execPath, [`${root}${script}`, ...words]);
}

/** Starts the product as a user does. */
export function startCustody(words: readonly string[]): LineProcess {
  return start(`${root}bin/custody`, words);
}

function start(program: string, words: readonly string[]): LineProcess {
  const child: ChildProcessByStdio<Writable, Readable, null> = spawn(program, words, {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return {
    pid: child.pid ?? 0,
    ended,
    say: (line) => void child.stdin.write(`${line}\n`),
    async next() {
      const { value, done } = await lines.next();
      if (done === true) {
        throw new Error(`${words.join(' ')} ended before it answered.`);
      }
      return value;
    },
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
