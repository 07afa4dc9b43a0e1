import { Fault } from '#core/fault.ts';
import { demandShallowJson } from '#core/json-depth.ts';
import { readBody as readText } from '../dialect.ts';

/** A body's most bytes on vendor routes. */
const longestBody = 32 * 1024 * 1024;

export type Members = Readonly<Record<string, unknown>>;

export interface Body {
  /** What stands under `request_data`. */
  readonly data: Members;
  /** What stands beside it; clients misplace fields there. */
  readonly outer: Members;
}

/** @throws Fault `invalid_json`; `invalid_request` when there is no `request_data`; `too_large` */
export async function readBody(request: Request): Promise<Body> {
  const outer = await readMembers(request);
  const data = outer['request_data'];
  if (data === undefined || data === null) {
    throw new Fault('invalid_request', 'Missing required param: `request_data`', {
      details: { field: 'request_data', missing: true },
    });
  }
  return { outer, data: members(data, 'request_data') };
}

/** For the calls that are also sent with `{}` or with no body at all. */
export async function readOptionalBody(request: Request): Promise<Body> {
  const outer = await readMembers(request);
  return { outer, data: members(outer['request_data'] ?? {}, 'request_data') };
}

/** JSON whatever the content type says, for some clients send none. */
async function readMembers(request: Request): Promise<Members> {
  const text = await readText(request, longestBody);
  return text.trim() === '' ? {} : members(parseJson(text) ?? {}, 'the body');
}

function members(value: unknown, field: string): Members {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Fault('invalid_request', `${field}: must be an object`, { details: { field } });
  }
  return { ...value };
}

function parseJson(text: string): unknown {
  demandShallowJson(text);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Fault('invalid_json', 'The body of the request is no JSON.', { cause });
  }
}
