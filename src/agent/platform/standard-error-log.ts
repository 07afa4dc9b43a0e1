import { writeSync } from 'node:fs';
import os from 'node:os';
import { harmlessLine } from '#core/log-line.ts';
import type { Log } from '#core/ports/log.ts';

/** pino's numbers, and its names for what every line has: what reads the server's log reads the agent's. */
const levels = { debug: 20, info: 30, warn: 40, error: 50 } as const;

const standardError = 2;
const deepestCause = 5;

/**
 * JSON lines on standard error, and wherever else they are to go; a thrown thing goes in as `cause`. Not pino itself, which would take a sixth of the memory
 * that an idle agent may have.
 */
export function standardErrorLog(also?: (line: string) => void): Log {
  const common = { pid: process.pid, hostname: os.hostname(), name: 'custody-agent' };
  const write = (level: keyof typeof levels, message: string, facts: Readonly<Record<string, unknown>> = {}) => {
    if (level === 'debug') {
      return;
    }
    const line = { level: levels[level], time: Date.now(), ...common, ...facts, msg: message };
    const text = `${harmlessLine(JSON.stringify(line, plain))}\n`;
    writeAll(text);
    also?.(text);
  };
  return {
    debug: (message, facts) => write('debug', message, facts),
    info: (message, facts) => write('info', message, facts),
    warn: (message, facts) => write('warn', message, facts),
    error: (message, facts) => write('error', message, facts),
  };
}

/** A log that nobody reads any more must not be the end of the agent. */
function writeAll(line: string): void {
  try {
    let rest: Uint8Array = Buffer.from(line);
    while (rest.length > 0) {
      rest = rest.subarray(writeSync(standardError, rest));
    }
  } catch {
    // Nobody is left to tell.
  }
}

/** What JSON has no form for. */
function plain(_key: string, value: unknown): unknown {
  if (value instanceof Error) {
    return described(value, deepestCause);
  }
  return typeof value === 'bigint' ? String(value) : value;
}

interface Described {
  readonly type: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly code: unknown;
  readonly cause?: unknown;
}

function described(error: Error, depth: number): Described {
  const { name: type, message, stack, cause } = error;
  const code = 'code' in error ? error.code : undefined;
  if (cause === undefined || depth === 0) {
    return { type, message, stack, code };
  }
  return { type, message, stack, code, cause: cause instanceof Error ? described(cause, depth - 1) : cause };
}
