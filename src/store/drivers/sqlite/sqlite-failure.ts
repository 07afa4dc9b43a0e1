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
  'SQLITE_CANTOPEN',
  'SQLITE_CORRUPT',
  'SQLITE_NOTADB',
  'SQLITE_READONLY',
  'SQLITE_PERM',
  'SQLITE_NOMEM',
  'SQLITE_PROTOCOL',
];

/** @returns whether the disk has more room than before. */
export type MakeRoom = () => boolean;

/** SQLite's writers never meet one another, so there is nothing to run again, unless the disk was full and has room now. */
export function explainSqliteFailure(error: unknown, makeRoom: MakeRoom = () => false): Failure {
  if (!(error instanceof SqliteFailure)) {
    return { fault: asFault(error), retry: false };
  }
  return { fault: faultOf(error), retry: isFull(error) && makeRoom() };
}

function isFull({ code }: SqliteFailure): boolean {
  return code.startsWith('SQLITE_FULL');
}

function faultOf(error: SqliteFailure): Fault {
  if (error.code === abandonedCode || startsWithAny(error.code, locked)) {
    return timeoutFault(error);
  }
  if (taken.includes(error.code)) {
    return new Fault('conflict', 'This name, number or id is taken.', { cause: error });
  }
  if (isFull(error)) {
    return new Fault('unavailable', 'The disk of the database is full. Nothing was changed: make room on it.', {
      cause: error,
    });
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
