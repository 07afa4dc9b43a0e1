import { z } from 'zod';
import { checkShape } from '#core/check-shape.ts';
import { Fault } from '#core/fault.ts';
import { readHash } from '#core/list/judge.ts';
import type { HashChange, HashDecision } from '#core/verbs/change-hash-lists.ts';
import { wholeNumberText } from '#core/whole-number.ts';

const mostItems = 10_000;

/** Some clients write flags and times as text. */
const flag = z
  .union([z.boolean(), z.stringbool({ truthy: ['true'], falsy: ['false', ''] }), z.null()], 'must be true or false')
  .default(null);
const moment = z
  .union(
    [z.int(), wholeNumberText, z.null(), z.literal('')],
    'must be a time in milliseconds since 1970, or null for never',
  )
  .default(null);
const key = z.string().max(1_000);
const text = z.string('must be a text').nullable().default(null);

const itemSchema = z.object(
  {
    keys: z.union(
      [z.array(key).min(1).max(mostItems), key.transform((only) => [only])],
      `must be a list of 1 to ${mostItems} hashes`,
    ),
    reputationType: text,
    maliciousType: text,
    prevent: flag,
    remove: flag,
    comment: text,
    expiration: moment,
  },
  'must be an object with keys',
);

type Item = z.infer<typeof itemSchema>;

/**
 * The body of `classification/update`: a list, or the one object that PowerShell makes of a list with one item.
 * @throws Fault `invalid_request` that names the item, the field and what is wrong; `limit_exceeded`
 */
export function readReputationChanges(body: unknown): readonly HashChange[] {
  const items: readonly unknown[] = Array.isArray(body) ? body : [body];
  if (items.length > mostItems) {
    throw new Fault('limit_exceeded', `One request has at most ${mostItems} items; ${items.length} were sent.`, {
      details: { limit: mostItems, asked: items.length },
    });
  }
  if (items.length === 0) {
    throw wrong('body', 'The list is empty: it must have at least one item with keys.');
  }
  // Of the one object that was sent there is no number.
  const placeOf = Array.isArray(body)
    ? (index: number): Place =>
        (field) =>
          field === '' ? `[${index}]` : `[${index}].${field}`
    : (): Place => (field) => (field === '' ? 'body' : field);
  return items.map((item, index) => changeOf(readItem(item, placeOf(index)), placeOf(index)));
}

/** Where in the body a field is. */
type Place = (field: string) => string;

function readItem(item: unknown, place: Place): Item {
  const checked = checkShape(itemSchema, item);
  if (!checked.success) {
    const [issue] = checked.error.issues;
    const field = place(issue?.path.join('.') ?? '');
    throw wrong(field, `${field}: ${issue?.message ?? 'is not as it must be'}.`);
  }
  return checked.data;
}

function changeOf(item: Item, place: Place): HashChange {
  const kind = item.reputationType?.toUpperCase() ?? 'FILE';
  if (kind !== 'FILE') {
    throw notAFile(place('reputationType'), kind);
  }
  for (const key of item.keys) {
    if (readHash(key) === undefined) {
      throw notAFile(place('keys'), key);
    }
  }
  return { hashes: item.keys, decision: decisionOf(item, place) };
}

function decisionOf(item: Item, place: Place): HashDecision {
  const { prevent, remove, comment, expiration } = item;
  const said = item.maliciousType?.toLowerCase() ?? '';
  const words = { comment: comment ?? '', expiresAt: typeof expiration === 'number' ? expiration : undefined };
  if (remove === true) {
    demandNoPrevention(prevent === true, place);
    return { list: null, prevent: false, ...words };
  }
  switch (said) {
    case 'blacklist':
      return { list: 'block', prevent: prevent === true, ...words };
    case 'whitelist':
      demandNoPrevention(prevent === true, place);
      return { list: 'allow', prevent: false, ...words };
    default: {
      const field = place('maliciousType');
      throw wrong(field, `${field} must be whitelist or blacklist where remove is not true.`);
    }
  }
}

/** One of the two would not happen, and the client would never know which. */
function demandNoPrevention(prevent: boolean, place: Place): void {
  if (prevent) {
    const field = place('prevent');
    throw wrong(
      field,
      `${field} must be false where the hash is allowed or removed: only what is blocked is prevented.`,
    );
  }
}

function notAFile(field: string, given: string): Fault {
  const shown = given.slice(0, 100);
  const message = `${field}: "${shown}" is no MD5, SHA-1 or SHA-256. Custody decides about files only, not about addresses or domains.`;
  return wrong(field, message);
}

function wrong(field: string, message: string): Fault {
  return new Fault('invalid_request', `Nothing was changed. ${message}`, { details: { field } });
}
