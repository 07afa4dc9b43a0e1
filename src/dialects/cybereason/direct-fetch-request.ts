import { z } from 'zod';
import { checkShape } from '#core/check-shape.ts';
import { Fault } from '#core/fault.ts';

const text = z.string('must be a text').min(1, 'is empty');
const schema = z.object({ path: text, pylumId: text }, 'must be a JSON object with path and pylumId');

export type DirectFetchRequest = z.infer<typeof schema>;

/** The body of `file-search/fetch-direct`. @throws Fault `invalid_request` that names the field and what is wrong. */
export function readDirectFetch(body: unknown): DirectFetchRequest {
  const checked = checkShape(schema, body);
  if (checked.success) {
    return checked.data;
  }
  const { path = [], message = 'is wrong' } = checked.error.issues[0] ?? {};
  const field = String(path[0] ?? 'body');
  const named = field === 'body' ? 'The body' : field;
  throw new Fault('invalid_request', `${named} ${message}.`, { details: { field } });
}
