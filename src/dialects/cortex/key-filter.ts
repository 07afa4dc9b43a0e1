import type { ApiKey } from '#core/access/credential.ts';
import type { Milliseconds } from '#core/time.ts';
import { wholeNumberOf } from '#core/whole-number.ts';
import { type Condition, demandOperator, texts, textValues } from './filters.ts';
import { wrongField } from './read-fields.ts';

type Test = (key: ApiKey) => boolean;

const tests: ReadonlyMap<string, (condition: Condition) => Test> = new Map<string, (condition: Condition) => Test>([
  ['id', testId],
  ['roles', testRoles],
  ['expiration', testExpiration],
]);

/** Whether a key meets every condition. @throws Fault `invalid_request` */
export function keyFilter(conditions: readonly Condition[]): Test {
  const all = conditions.map((condition) => {
    const make = tests.get(condition.field);
    if (make === undefined) {
      const known = [...tests.keys()].join(', ');
      throw wrongField('filters', `the field ${condition.field} is not supported here; use ${known}`);
    }
    return make(condition);
  });
  return (key) => all.every((meets) => meets(key));
}

/** The ids that a condition names: numbers, or digits in text. @throws Fault `invalid_request` */
export function keyIds(condition: Condition): readonly number[] {
  demandOperator(condition, ['in', 'eq']);
  return condition.values.map((value) => wholeNumber(condition, value));
}

function testId(condition: Condition): Test {
  const ids = new Set(keyIds(condition));
  return ({ id }) => ids.has(id);
}

function testRoles(condition: Condition): Test {
  if (condition.operator !== 'contains') {
    const names = new Set(textValues(condition).map((name) => name.toLowerCase()));
    return ({ role }) => names.has(role.toLowerCase());
  }
  const parts = texts(condition).map((part) => part.toLowerCase());
  return ({ role }) => parts.some((part) => role.toLowerCase().includes(part));
}

/** A key that does not expire does so after any time. */
function testExpiration(condition: Condition): Test {
  demandOperator(condition, ['gte', 'lte']);
  const [value, ...more] = condition.values;
  if (more.length > 0) {
    throw wrongField(condition.field, 'must be one time in milliseconds');
  }
  const time: Milliseconds = wholeNumber(condition, value);
  const last = (key: ApiKey) => key.expiresAt ?? Number.POSITIVE_INFINITY;
  return condition.operator === 'gte' ? (key) => last(key) >= time : (key) => last(key) <= time;
}

function wholeNumber({ field }: Condition, value: unknown): number {
  const text = typeof value === 'number' ? String(value) : value;
  const number = typeof text === 'string' ? wholeNumberOf(text) : undefined;
  if (number === undefined) {
    throw wrongField(field, 'must be a whole number');
  }
  return number;
}
