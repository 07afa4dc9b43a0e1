import { DatabaseError } from 'pg';
import { asFault, Fault } from '#core/fault.ts';
import type { Failure } from '../../backend.ts';
import { timeoutFault } from '../../deadline.ts';

/** SQLSTATE codes (PostgreSQL's appendix A). */
const uniqueViolation = '23505';
const retried = ['40001', '40P01'];
/** Query cancelled by `statement_timeout`, lock not available, idle in transaction for too long. */
const late = ['57014', '55P03', '25P03'];
/** Classes: connection, authorisation, no such database, resources, operator's intervention, system, internal. */
const unreachable = ['08', '28', '3D', '53', '57', '58', 'XX'];

export function explainPostgresFailure(error: unknown): Failure {
  if (error instanceof DatabaseError) {
    const code = error.code ?? '';
    return { fault: faultOf(code, error), retry: retried.includes(code) };
  }
  return { fault: isLocal(error) ? asFault(error) : unavailable(error), retry: false };
}

function faultOf(code: string, error: DatabaseError): Fault {
  if (code === uniqueViolation) {
    return new Fault('conflict', 'This name, number or id is taken.', { cause: error });
  }
  if (late.includes(code) || retried.includes(code)) {
    return timeoutFault(error);
  }
  return unreachable.some((prefix) => code.startsWith(prefix)) ? unavailable(error) : asFault(error);
}

/** The driver knows no class for a broken connection: whatever is neither ours nor a mistake in the program is one. */
function isLocal(error: unknown): boolean {
  return error instanceof Fault || error instanceof TypeError || error instanceof RangeError;
}

function unavailable(cause: unknown): Fault {
  return new Fault('unavailable', 'The database cannot be reached. Try again later.', { cause });
}
