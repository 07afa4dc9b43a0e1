import pino from 'pino';
import type { Log } from '#core/ports/log.ts';

/** JSON lines on standard error. A thrown thing goes in as `cause`. */
export function standardErrorLog(): Log {
  const serializers = { cause: (cause: unknown) => (cause instanceof Error ? pino.stdSerializers.err(cause) : cause) };
  const logger = pino({ name: 'custody-agent', serializers }, pino.destination({ fd: 2, sync: true }));
  return {
    debug: (message, facts) => logger.debug(facts ?? {}, message),
    info: (message, facts) => logger.info(facts ?? {}, message),
    warn: (message, facts) => logger.warn(facts ?? {}, message),
    error: (message, facts) => logger.error(facts ?? {}, message),
  };
}
