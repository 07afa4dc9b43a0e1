import { type CustomTypesConfig, types } from 'pg';
import { Fault } from '#core/fault.ts';

/** Object identifiers of PostgreSQL's own types (its catalogue `pg_type`). */
const bytea = 17;
const int8 = 20;

const parseBytea = types.getTypeParser(bytea, 'text');

/** The driver's own answers are text for 64-bit integers and a slice of its read buffer for bytes. */
export const exactTypes: CustomTypesConfig = {
  getTypeParser(id, format) {
    if (format !== 'binary' && id === int8) {
      return exactInteger;
    }
    if (format !== 'binary' && id === bytea) {
      return (text: string) => Uint8Array.from(parseBytea(text) as Uint8Array);
    }
    return types.getTypeParser(id, format);
  },
};

function exactInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) {
    throw new Fault('internal', 'The database answered with an integer beyond 2^53.');
  }
  return value;
}
