import { Writable } from 'node:stream';
import { isatty } from 'node:tty';
import { type DestinationStream, pino } from 'pino';
import pretty from 'pino-pretty';
import { harmlessLine } from '#core/log-line.ts';
import type { Log, LogFacts } from '#core/ports/log.ts';

export const logLevels = ['debug', 'info', 'warn', 'error'] as const;

export type LogLevel = (typeof logLevels)[number];

const standardError = 2;

/** JSON lines on standard error; readable ones where that is a terminal. */
export function createLog(level: LogLevel): Log {
  const options = { level, base: null, serializers: { cause: describeCause } };
  const destination = harmless(pino.destination({ fd: standardError, sync: true }));
  const logger = isatty(standardError)
    ? pino(options, pretty({ colorize: true, destination, sync: true }))
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
