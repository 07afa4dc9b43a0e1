import { z } from 'zod';
import { checkShape } from '#core/check-shape.ts';
import { Fault } from '#core/fault.ts';
import { readHash } from '#core/list/judge.ts';
import type { HashChange, HashDecision } from '#core/verbs/change-hash-lists.ts';

const mostItems = 10_000;

/** Some clients write flags and times as text. */
const flag = z
  .union([z.boolean(), z.stringbool({ truthy: ['true'], falsy: ['false', ''] }), z.null()], 'must be true or false')
  .default(null);
const digits = z
  .string()
  .regex(/^\d{1,16}$/)
  .transform(Number)
  .pipe(z.int());
const moment = z
  .union([z.int(), digits, z.null(), z.literal('')], 'must be a time in milliseconds since 1970, or null for never')
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
  return items.map((item, index) => changeOf(readItem(item, index), index));
}

function readItem(item: unknown, index: number): Item {
  const checked = checkShape(itemSchema, item);
  if (!checked.success) {
    const [issue] = checked.error.issues;
    const field = issue === undefined || issue.path.length === 0 ? '' : `.${issue.path.join('.')}`;
    throw wrong(`[${index}]${field}`, `[${index}]${field}: ${issue?.message ?? 'is not as it must be'}`);
  }
  return checked.data;
}

function changeOf(item: Item, index: number): HashChange {
  const kind = item.reputationType?.toUpperCase() ?? 'FILE';
  if (kind !== 'FILE') {
    throw notAFile(`[${index}].reputationType`, kind);
  }
  for (const key of item.keys) {
    if (readHash(key) === undefined) {
      throw notAFile(`[${index}].keys`, key);
    }
  }
  return { hashes: item.keys, decision: decisionOf(item, index) };
}

function decisionOf(item: Item, index: number): HashDecision {
  const { prevent, remove, comment, expiration } = item;
  const said = item.maliciousType?.toLowerCase() ?? '';
  const words = { comment: comment ?? '', expiresAt: typeof expiration === 'number' ? expiration : undefined };
  if (remove === true) {
    demandNoPrevention(prevent === true, index);
    return { list: null, prevent: false, ...words };
  }
  switch (said) {
    case 'blacklist':
      return { list: 'block', prevent: prevent === true, ...words };
    case 'whitelist':
      demandNoPrevention(prevent === true, index);
      return { list: 'allow', prevent: false, ...words };
    default: {
      const field = `[${index}].maliciousType`;
      throw wrong(field, `${field} must be whitelist or blacklist where remove is not true.`);
    }
  }
}

/** One of the two would not happen, and the client would never know which. */
function demandNoPrevention(prevent: boolean, index: number): void {
  if (prevent) {
    const field = `[${index}].prevent`;
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
