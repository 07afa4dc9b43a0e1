/** Facts beside a log line. Passwords, keys and tokens never go in. */
export type LogFacts = Readonly<Record<string, unknown>>;

/** What operators read afterwards. A thrown thing goes in as `cause`. */
export interface Log {
  debug(message: string, facts?: LogFacts): void;
  info(message: string, facts?: LogFacts): void;
  warn(message: string, facts?: LogFacts): void;
  error(message: string, facts?: LogFacts): void;
}
