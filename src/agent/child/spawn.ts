import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { Clock } from '#core/ports/clock.ts';
import type { Log } from '#core/ports/log.ts';
import type { Milliseconds } from '#core/time.ts';
import type { MayBegin } from '../operations/may-begin.ts';
import { encodeFrame, FrameReader } from './frames.ts';
import { type ChildMessage, childMessageSchema, type Job, type ScanRequest } from './job.ts';

/** How a child ended without an answer. */
export type ChildEnd = 'stalled' | 'crashed' | 'stopped';

export interface ChildOptions {
  readonly command: readonly [string, ...string[]];
  readonly clock: Clock;
  readonly log: Log;
  /** A child that shows no progress for this long is killed. */
  readonly patience: Milliseconds;
  /** A descriptor of ours that the child has too, as `inheritedDescriptor`. */
  readonly inherit?: number;
}

/**
 * A killed child that stands in a call to a dead file system is not gone until that answers, and is not waited for longer
 * than this: none of its own code runs any more, and what it holds locked stays locked.
 */
const goneAfter: Milliseconds = 500;

/** The first behind the three pipes. */
export const inheritedDescriptor = 3;

export interface ChildHandlers {
  message(message: Exclude<ChildMessage, { type: 'progress' | 'next' }>): void;
  /** Whether the child may begin the next file; left out where it may begin all. */
  readonly mayBegin?: (() => MayBegin) | undefined;
  ended(end: ChildEnd): void;
}

export interface RunningChild {
  readonly pid: number | undefined;
  /** One more request to a child that serves many; the deadline runs from here. */
  ask(request: ScanRequest): void;
  /** No deadline runs while nothing is asked of it. */
  rest(): void;
  stop(): void;
}

/**
 * Starts a child in `/` with an empty environment, so that nothing in a directory that others can write is loaded. It
 * keeps no descriptor of ours but the three pipes and the one that it is given.
 */
export function startChild(options: ChildOptions, job: Job, handlers: ChildHandlers): RunningChild {
  const [program, ...args] = options.command;
  const inherited = options.inherit === undefined ? [] : [options.inherit];
  const child = spawn(program, args, { cwd: '/', env: {}, stdio: ['pipe', 'pipe', 'pipe', ...inherited] });
  const { stdin, stdout, stderr } = pipesOf(child);
  const { kill, over } = lifeOf(child, options.clock, handlers);
  let withdraw: (() => void) | undefined;
  const rest = () => withdraw?.();
  const expect = () => {
    rest();
    withdraw = options.clock.schedule(options.patience, () => kill('stalled'));
  };
  readMessages(stdout, options.log, {
    handle: (message) => {
      expect();
      if (message.type === 'next') {
        stdin.write(encodeFrame({ mayBegin: handlers.mayBegin?.() ?? 'go' }));
      } else if (message.type !== 'progress') {
        handlers.message(message);
      }
    },
    broken: () => {
      rest();
      kill('crashed');
    },
  });
  logLines(stderr, options.log);
  stdin.on('error', (cause) => options.log.debug('A child no longer listens.', { cause }));
  child.on('error', (cause) => options.log.error('A child could not be started.', { cause }));
  child.on('close', () => {
    rest();
    over();
  });
  expect();
  stdin.write(encodeFrame({ parent: process.pid, job, asks: handlers.mayBegin !== undefined }));
  return {
    pid: child.pid,
    ask: (request) => {
      expect();
      stdin.write(encodeFrame(request));
    },
    rest,
    stop: () => {
      rest();
      kill('stopped');
    },
  };
}

/** Says once how a child ended, when it is gone or as good as gone. */
function lifeOf(child: ChildProcess, clock: Clock, { ended }: Pick<ChildHandlers, 'ended'>) {
  let why: ChildEnd = 'crashed';
  let isOver = false;
  let withdraw: (() => void) | undefined;
  const over = () => {
    withdraw?.();
    if (!isOver) {
      isOver = true;
      ended(why);
    }
  };
  const kill = (reason: ChildEnd) => {
    why = reason;
    child.kill('SIGKILL');
    withdraw?.();
    withdraw = isOver ? undefined : clock.schedule(goneAfter, over);
  };
  return { kill, over };
}

/** The types of `spawn` know the pipes only of a child that is given nothing else. */
function pipesOf({ stdin, stdout, stderr }: ChildProcess) {
  if (stdin === null || stdout === null || stderr === null) {
    throw new Error('A child was started without its pipes.');
  }
  return { stdin, stdout, stderr };
}

interface Reading {
  handle(message: ChildMessage): void;
  /** What came is no frame, so that nothing behind it can be read either. */
  broken(): void;
}

function readMessages(output: Readable, log: Log, { handle, broken }: Reading): void {
  const reader = new FrameReader();
  const read = (chunk: Uint8Array): readonly unknown[] => {
    try {
      return reader.push(chunk);
    } catch (cause) {
      log.error('A child said something that cannot be understood, and is ended.', { cause });
      output.off('data', hear);
      output.resume();
      broken();
      return [];
    }
  };
  const hear = (chunk: Uint8Array) => {
    for (const value of read(chunk)) {
      const parsed = childMessageSchema.safeParse(value);
      if (parsed.success) {
        handle(parsed.data);
      } else {
        log.error('A child said something that cannot be understood.', { cause: parsed.error });
      }
    }
  };
  output.on('data', hear);
}

function logLines(output: Readable, log: Log): void {
  output.on('data', (chunk: Uint8Array) => {
    log.warn('A child wrote to its standard error.', { text: Buffer.from(chunk).toString().slice(0, 4_000) });
  });
}
