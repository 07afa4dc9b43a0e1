import { Writable } from 'node:stream';
import { isatty } from 'node:tty';
import { type DestinationStream, pino } from 'pino';
import pretty from 'pino-pretty';
import { harmlessLine } from '#core/log-line.ts';
import type { Log, LogFacts } from '#core/ports/log.ts';
import { requestFacts } from './request-trace.ts';

export const logLevels = ['debug', 'info', 'warn', 'error'] as const;

export type LogLevel = (typeof logLevels)[number];

/** `auto`: pretty where standard error is a terminal. */
export const logFormats = ['auto', 'json', 'pretty'] as const;

export type LogFormat = (typeof logFormats)[number];

const standardError = 2;

/** JSON lines on standard error, or readable ones; of a request each has its `requestId`. */
export function createLog(level: LogLevel, format: LogFormat = 'auto'): Log {
  const isTerminal = isatty(standardError);
  const options = { level, base: null, mixin: () => ({ ...requestFacts() }), serializers: { cause: describeCause } };
  const destination = harmless(pino.destination({ fd: standardError, sync: true }));
  const logger =
    format === 'pretty' || (format === 'auto' && isTerminal)
      ? pino(options, pretty({ colorize: isTerminal, destination, sync: true }))
      : pino(options, destination);
  return {
    debug: (message, facts) => logger.debug(facts ?? {}, message),
    info: (message, facts) => logger.info(facts ?? {}, message),
    warn: (message, facts) => logger.warn(facts ?? {}, message),
    error: (message, facts: LogFacts = {}) => logger.error(facts, message),
  };
}

function harmless(destination: DestinationStream): Writable {
  return new Writable({
    decodeStrings: false,
    write(line: string, _encoding, done) {
      destination.write(harmlessLine(line));
      done();
    },
  });
}

/** An error with its whole chain of causes; anything else as it is. */
function describeCause(cause: unknown): unknown {
  if (!(cause instanceof Error)) {
    return cause;
  }
  const inner = cause.cause === undefined ? {} : { cause: describeCause(cause.cause) };
  return { name: cause.name, message: cause.message, stack: cause.stack, ...inner };
}
