import { asFault, Fault } from '#core/fault.ts';
import type { Failure } from '../../backend.ts';
import { timeoutFault } from '../../deadline.ts';
import { abandonedCode } from './protocol.ts';

/** What SQLite answered, with its extended result code (https://sqlite.org/rescode.html). */
export class SqliteFailure extends Error {
  override readonly name = 'SqliteFailure';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

const taken = ['SQLITE_CONSTRAINT_UNIQUE', 'SQLITE_CONSTRAINT_PRIMARYKEY', 'SQLITE_CONSTRAINT_ROWID'];
const locked = ['SQLITE_BUSY', 'SQLITE_LOCKED'];
const broken = [
  'SQLITE_IOERR',
  'SQLITE_FULL',
  'SQLITE_CANTOPEN',
  'SQLITE_CORRUPT',
  'SQLITE_NOTADB',
  'SQLITE_READONLY',
  'SQLITE_PERM',
  'SQLITE_NOMEM',
  'SQLITE_PROTOCOL',
];

/** SQLite's writers never meet one another, so there is nothing to run again. */
export function explainSqliteFailure(error: unknown): Failure {
  return { fault: error instanceof SqliteFailure ? faultOf(error) : asFault(error), retry: false };
}

function faultOf(error: SqliteFailure): Fault {
  if (error.code === abandonedCode || startsWithAny(error.code, locked)) {
    return timeoutFault(error);
  }
  if (taken.includes(error.code)) {
    return new Fault('conflict', 'This name, number or id is taken.', { cause: error });
  }
  if (startsWithAny(error.code, broken)) {
    return new Fault('unavailable', 'The database file cannot be read or written. See the server log.', {
      cause: error,
    });
  }
  return asFault(error);
}

function startsWithAny(code: string, prefixes: readonly string[]): boolean {
  return prefixes.some((prefix) => code.startsWith(prefix));
}
