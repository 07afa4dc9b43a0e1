import { afterEach, describe, expect, test } from 'bun:test';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { actionIdSchema, newTaskId } from '#core/action/action-id.ts';
import { endpointIdSchema } from '#core/endpoint/endpoint-id.ts';
import { sha256Schema } from '#core/file/hash.ts';
import type { Clock } from '#core/ports/clock.ts';
import { day, hour, minute } from '#core/time.ts';
import { fetchOf, quarantineOf, restoreOf } from '#kit/parameters.ts';
import { createLog } from '#server/log.ts';
import { Judge } from '#server/signer/judge.ts';
import { parseSignerPolicy } from '#server/signer/policy.ts';
import { RefusalLog } from '#server/signer/refusal-log.ts';
import { systemRandom } from '#server/system-random.ts';
import { encode } from '#wire/codec.ts';
import type { Order } from '#wire/order.ts';

const start = 1_800_000_000_000;
let now = start;
/** Both of its times pass only when the test says so. */
const clock: Clock & { advance(by: number): void } = {
  now: () => now,
  monotonic: () => now,
  schedule: () => () => undefined,
  advance(by) {
    now += by;
  },
};
const listen = 'listen = "unix:/run/s.sock"\n';
const hash = sha256Schema.parse('ab'.repeat(32));

function judgeOf(toml = ''): Judge {
  return new Judge(parseSignerPolicy(listen + toml), clock);
}

function order(changes: Partial<Order> = {}): Order {
  const now = clock.now();
  return {
    v: 1,
    endpointId: endpointIdSchema.parse('a'.repeat(32)),
    actionId: actionIdSchema.parse('17'),
    taskId: newTaskId(systemRandom),
    parameters: quarantineOf('/srv/evil', hash),
    ...{ issuedAt: now, notBefore: now, deadline: now + hour },
    ...changes,
  };
}

const ruleOf = (judge: Judge, changes: Partial<Order> = {}) => judge.admit(encode(order(changes)))?.refusal.rule;

describe('a signer’s policy', () => {
  test('has limits where its file says nothing, and takes what the file says', () => {
    expect(parseSignerPolicy(listen)).toMatchObject({
      address: { kind: 'unix', path: '/run/s.sock', group: undefined },
      ordersPerMinute: 60_000,
      destructivePerMinute: 6_000,
      longestLifetime: 30 * day,
      clockTolerance: 25 * hour,
    });
    const text = 'listen = "tls://[::1]:8444"\nverbs = ["fetch"]\nstatements = []\nlongest_lifetime_days = 2';
    expect(parseSignerPolicy(text)).toMatchObject({
      address: { kind: 'tls', host: '::1', port: 8_444 },
      verbs: ['fetch'],
      statements: [],
      longestLifetime: 2 * day,
    });
  });

  test.each([
    ['a key that is misspelt', `${listen}order_per_minute = 5`, 'order_per_minute'],
    ['no address', '', 'listen'],
    ['another kind of address', 'listen = "8444"', 'unix:/PATH or tls://HOST:PORT'],
    ['a relative path', 'listen = "unix:s.sock"', 'unix:/PATH or tls://HOST:PORT'],
    ['a verb that is none', `${listen}verbs = ["run"]`, 'verbs.0'],
    ['more than thirty days', `${listen}longest_lifetime_days = 31`, 'longest_lifetime_days'],
    ['a limit of nothing', `${listen}orders_per_minute = 0`, 'orders_per_minute'],
    ['a group over the network', 'listen = "tls://h:1"\nsocket_group = 5', 'socket_group'],
    ['no TOML', 'listen =', 'no TOML'],
  ])('with %s is refused', (_, text, words) => {
    expect(() => parseSignerPolicy(text)).toThrow(words);
  });
});

describe('a signer', () => {
  test('lets out an order within its policy', () => {
    expect(ruleOf(judgeOf())).toBeUndefined();
    expect(ruleOf(judgeOf(), { deadline: clock.now() + 30 * day })).toBeUndefined();
  });

  test('refuses verbs, lifetimes and times that its owner does not allow', () => {
    expect(ruleOf(judgeOf('verbs = ["fetch"]'))).toBe('verb');
    expect(ruleOf(judgeOf('verbs = ["fetch"]'), { parameters: fetchOf('/a') })).toBeUndefined();
    const now = clock.now();
    expect(ruleOf(judgeOf(), { deadline: now + 30 * day + 1 })).toBe('lifetime');
    expect(ruleOf(judgeOf(), { issuedAt: now - day, deadline: now + 29.5 * day })).toBe('lifetime');
    expect(ruleOf(judgeOf(), { deadline: now - 1, notBefore: now })).toBe('lifetime');
    const [past, future] = [now - 26 * hour, now + 26 * hour];
    expect(ruleOf(judgeOf(), { issuedAt: past, notBefore: past, deadline: past + 1 })).toBe('expired');
    expect(ruleOf(judgeOf(), { notBefore: future, deadline: future + 1 })).toBe('start');
    expect(ruleOf(judgeOf(), { issuedAt: future })).toBe('start');
  });

  test('signs for a server whose clock is a day off (P34), and for an agent that was away for weeks', () => {
    for (const skew of [day, -day]) {
      const at = clock.now() + skew;
      expect(ruleOf(judgeOf(), { issuedAt: at, notBefore: at, deadline: at + hour })).toBeUndefined();
    }
    const at = clock.now() - 29 * day;
    expect(ruleOf(judgeOf(), { issuedAt: at, notBefore: at, deadline: at + 30 * day })).toBeUndefined();
  });

  test('counts orders in a minute, destructive ones apart, and none twice', () => {
    const judge = judgeOf('orders_per_minute = 4\ndestructive_per_minute = 2');
    const first = encode(order());
    expect(judge.admit(first)).toBeUndefined();
    for (let again = 0; again < 10; again += 1) {
      expect(judge.admit(first)).toBeUndefined();
    }
    expect(ruleOf(judge, { parameters: restoreOf(hash) })).toBeUndefined();
    const refused = judge.admit(encode(order()))?.refusal;
    expect(refused).toMatchObject({ rule: 'destructive_rate', code: 'rate_limited', retryAfter: minute / 2 });
    expect(ruleOf(judge, { parameters: fetchOf('/a') })).toBeUndefined();
    expect(ruleOf(judge, { parameters: fetchOf('/a') })).toBeUndefined();
    expect(ruleOf(judge, { parameters: fetchOf('/a') })).toBe('rate');
    // Asking counts nothing.
    expect(judge.objection(encode(order()))?.refusal.rule).toBe('rate');
    clock.advance(minute / 2);
    expect(judge.objection(encode(order()))).toBeUndefined();
    expect(ruleOf(judge)).toBeUndefined();
    expect(ruleOf(judge)).toBe('destructive_rate');
  });

  test('refuses whatever is not the one spelling of an order', () => {
    const judge = judgeOf();
    const good = encode(order());
    const spellings = {
      'another field': encode({ ...order(), extra: 1 }),
      'another field of its parameters': encode({ ...order(), parameters: { ...order().parameters, shell: 'id' } }),
      'a key twice': Buffer.concat([Buffer.from([(good[0] ?? 0) + 1]), good.subarray(1), encode('v'), encode(1)]),
      'bytes behind its end': Buffer.concat([good, Buffer.from([0xc0])]),
      'a longer head': Buffer.concat([Buffer.from([0xde, 0, (good[0] ?? 0) & 0x0f]), good.subarray(1)]),
      'another version': encode({ ...order(), v: 2 }),
      'another verb': encode({ ...order(), parameters: { verb: 'run' } }),
      'a statement': encode({ v: 1, origin: 'o', verifierKey: 'k' }),
      nothing: new Uint8Array(),
    };
    for (const [words, bytes] of Object.entries(spellings)) {
      expect([words, judge.admit(new Uint8Array(bytes))?.refusal.rule]).toEqual([words, 'form']);
    }
    expect(judge.admit(good)).toBeUndefined();
  });

  test('signs no bytes that are not an order, whatever they are', () => {
    const judge = judgeOf();
    const good = encode(order());
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), (at, bits) => {
        const changed = good.map((byte, index) => (index === at ? byte ^ bits : byte));
        const objection = judge.admit(changed);
        // Whatever still is an order was read as one, and is held to the same rules.
        expect(objection === undefined || objection.refusal.rule !== 'statement').toBe(true);
      }),
      { numRuns: 2_000 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(judge.admit(bytes)?.refusal.rule).toBe('form');
      }),
    );
  });

  test('signs statements that its owner lets it, of their own form alone', () => {
    const ledger = encode({ v: 1, origin: 'custody/1', verifierKey: 'key' });
    expect(judgeOf().statementObjection('ledger', ledger)).toBeUndefined();
    expect(judgeOf().statementObjection('trust', ledger)?.rule).toBe('form');
    expect(judgeOf('statements = ["ledger"]').statementObjection('trust', ledger)?.rule).toBe('statement');
    expect(judgeOf().statementObjection('ledger', encode(order()))?.rule).toBe('form');
  });
});

describe('what a signer refused', () => {
  const directory = mkdtempSync(join(tmpdir(), 'custody-refusals-'));
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  test('is a line of JSON for each order and rule, and never more than its disk can bear', async () => {
    const file = join(directory, 'refusals.jsonl');
    const log = new RefusalLog({ file, clock, log: createLog('error') });
    const one = order();
    await log.add([{ rule: 'verb', why: 'no', order: one }]);
    await log.add([{ rule: 'verb', why: 'no', order: one }]);
    await log.add([{ rule: 'rate', why: 'later', order: one }]);
    const lines = () =>
      readFileSync(file, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
    expect(lines()).toMatchObject([
      { rule: 'verb', why: 'no', verb: 'quarantine', taskId: one.taskId, endpointId: one.endpointId },
      { rule: 'rate' },
    ]);
    await log.add(Array.from({ length: 5_000 }, () => ({ rule: 'form', why: 'none', order: undefined }) as const));
    expect(lines()).toHaveLength(1_000);
    clock.advance(minute);
    await log.add([{ rule: 'form', why: 'none', order: undefined }]);
    expect(lines().slice(-2)).toMatchObject([{ leftOut: 4_002 }, { rule: 'form' }]);
  });
});
