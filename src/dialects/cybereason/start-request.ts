import { Fault } from '#core/fault.ts';

export interface StartRequest {
  readonly elementGuids: readonly string[];
  readonly initiatorUserName: string;
}

const longestName = 1_000;

/**
 * The body of `fetchfile/start`; keys that the page does not name are ignored.
 * @throws Fault `invalid_request` that says which field is wrong and how. Stops at the first: a body may hold millions.
 */
export function readStartRequest(body: unknown): StartRequest {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw wrong('body', 'The body must be a JSON object with elementGuids and initiatorUserName.');
  }
  const fields = body as Readonly<Record<string, unknown>>;
  const elementGuids = readGuids(own(fields, 'elementGuids'));
  return { elementGuids, initiatorUserName: readName(own(fields, 'initiatorUserName')) };
}

function readGuids(value: unknown): readonly string[] {
  const field = 'elementGuids';
  if (value === undefined) {
    throw wrong(field, 'elementGuids is missing: it must be a list of the GUIDs of File elements.');
  }
  if (!Array.isArray(value)) {
    throw wrong(field, 'elementGuids must be a list of strings.');
  }
  if (value.length === 0) {
    throw wrong(field, 'elementGuids is empty: it must name at least one File element.');
  }
  for (const [index, guid] of value.entries()) {
    if (typeof guid !== 'string') {
      throw wrong(field, `elementGuids[${index}] must be a string.`);
    }
    if (guid.trim() === '') {
      throw wrong(field, `elementGuids[${index}] is empty.`);
    }
  }
  return value.map((guid: string) => guid.trim());
}

function readName(value: unknown): string {
  const field = 'initiatorUserName';
  if (value === undefined) {
    throw wrong(field, 'initiatorUserName is missing: it must be the full name of the user who asks.');
  }
  if (typeof value !== 'string') {
    throw wrong(field, 'initiatorUserName must be a string.');
  }
  if (value.trim() === '') {
    throw wrong(field, 'initiatorUserName is empty.');
  }
  if (value.length > longestName || /\p{Cc}/u.test(value) || !value.isWellFormed()) {
    throw wrong(field, `initiatorUserName must be at most ${longestName} characters, with no control characters.`);
  }
  return value;
}

function own(fields: Readonly<Record<string, unknown>>, name: keyof StartRequest): unknown {
  return Object.hasOwn(fields, name) ? fields[name] : undefined;
}

function wrong(field: string, message: string): Fault {
  return new Fault('invalid_request', message, { details: { field } });
}
