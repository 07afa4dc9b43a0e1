import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import type { ActionId, TaskId } from '#core/action/action-id.ts';
import type { TaskParameters } from '#core/action/verb.ts';
import type { EndpointId } from '#core/endpoint/endpoint-id.ts';
import { filePathSchema, parsePath } from '#core/file/file-path.ts';
import { approvalState, type KnownApproval, verdicts } from '#core/guard/approval.ts';
import { approvalDigest, type ToApprove } from '#core/guard/approval-digest.ts';
import { brokenRules, type GuardRule, isGuarded, isPartOfFleet, leastFleet, type Width } from '#core/guard/guard.ts';
import { sha256Of } from '#kit/fleet.ts';
import { fetchOf, purgeOf, quarantineOf, restoreOf } from '#kit/parameters.ts';
import { guard } from '#kit/ports.ts';

const narrow: Width = {
  ...{ verb: 'quarantine', endpoints: 1, files: 1, overridesProtection: false, packaged: 0, fleet: 10 },
  filesBefore: 0,
};
const rulesOf = (width: Partial<Width>) => brokenRules(guard, { ...narrow, ...width }).map(({ rule }) => rule);

const table: readonly [Partial<Width>, readonly GuardRule[]][] = [
  [{ endpoints: 25 }, []],
  [{ endpoints: 26 }, ['endpoints']],
  [{ verb: 'purge', endpoints: 26 }, ['endpoints']],
  [{ verb: 'purge', endpoints: 25 }, []],
  [{ endpoints: 5, fleet: 500 }, []],
  [{ endpoints: 6, fleet: 500 }, ['fleet_percent']],
  [{ endpoints: 6, fleet: 499 }, []],
  [{ endpoints: 6, fleet: 599 }, ['fleet_percent']],
  [{ endpoints: 6, fleet: 600 }, []],
  [{ endpoints: 26, fleet: 2_500 }, ['endpoints', 'fleet_percent']],
  [{ endpoints: 26, fleet: 100_000 }, ['endpoints']],
  [{ overridesProtection: true }, ['protected_files']],
  [{ packaged: 1 }, ['packaged']],
  [{ verb: 'fetch', packaged: 1 }, []],
  [{ verb: 'fetch', files: 1_000, endpoints: 200, fleet: 500 }, []],
  [{ verb: 'fetch', files: 1_001 }, ['fetched_files']],
  [{ verb: 'fetch', endpoints: 201 }, ['fetch_endpoints']],
  [{ verb: 'fetch', files: 2, filesBefore: 9_998 }, []],
  [{ verb: 'fetch', files: 2, filesBefore: 9_999 }, ['fetched_files_hourly']],
];

describe('the guard', () => {
  for (const [width, rules] of table) {
    test(`${JSON.stringify(width)} breaks ${rules.join(' and ') || 'no rule'}`, () => {
      expect(rulesOf(width)).toEqual([...rules]);
    });
  }

  test('lets nothing wider out than what it holds', () => {
    const wide = fc.record({ endpoints: fc.nat(3_000), fleet: fc.nat(200_000), more: fc.nat(100) });
    fc.assert(
      fc.property(
        wide,
        fc.constantFrom('quarantine' as const, 'purge' as const),
        ({ endpoints, fleet, more }, verb) => {
          const isHeld = rulesOf({ verb, endpoints, fleet }).length > 0;
          expect(fleet < leastFleet || endpoints * 100 <= fleet || isPartOfFleet(guard, endpoints)).toBe(true);
          expect(isHeld).toBe(endpoints > 25 || (fleet >= leastFleet && endpoints * 100 > fleet));
          expect(!isHeld || rulesOf({ verb, endpoints: endpoints + more, fleet }).length > 0).toBe(true);
        },
      ),
    );
  });

  test('says how many there are, and how many go out', () => {
    expect(brokenRules(guard, { ...narrow, endpoints: 30, fleet: 777 })).toEqual([
      { rule: 'endpoints', count: 30, limit: 25 },
      { rule: 'fleet_percent', count: 30, limit: 7 },
    ]);
  });

  test('judges those APIs that it was told to', () => {
    const dialects = ['native', 'cortex', 'cybereason'] as const;
    const judged = (reach: 'off' | 'native' | 'all') => dialects.filter((dialect) => isGuarded({ reach }, dialect));
    expect([judged('off'), judged('native'), judged('all')]).toEqual([[], ['native'], [...dialects]]);
  });
});

const hash = sha256Of(new Uint8Array(1));
const endpointId = (digit: string) => digit.repeat(32) as EndpointId;
const taskOf = (digit: string, parameters: TaskParameters) => ({
  ...{ id: digit.repeat(32) as TaskId, endpointId: endpointId(digit), parameters },
});
const path = parsePath('/srv/ä');
const ordered: ToApprove = {
  action: {
    ...{ id: '1234567890123456' as ActionId, verb: 'quarantine', createdAt: 1_700_000_000_000 },
    principal: { kind: 'user', id: 'u1', name: 'ana' },
  },
  terms: { expiresAt: 1_700_000_086_400, lifetime: 345_600_000 },
  tasks: [taskOf('b', quarantineOf(path, hash)), taskOf('a', quarantineOf(path, hash))],
};

describe('the digest of an approval', () => {
  test('is over these lines', () => {
    const sha256 = (text: string) => new Bun.CryptoHasher('sha256').update(text).digest('hex');
    const encoded = Buffer.from('/srv/ä').toString('base64');
    const parameters = sha256(
      `{"overrideProtection":false,"path":"${encoded}","sha256":"${hash}","verb":"quarantine"}`,
    );
    const lines = [
      '["custody-approval-1","1234567890123456","quarantine","user","u1",1700000000000,1700000086400,345600000]',
      ...['a', 'b'].map((digit) => `["${digit.repeat(32)}","${digit.repeat(32)}","${parameters}"]`),
    ];
    expect(approvalDigest(ordered)).toBe(sha256(lines.map((line) => `${line}\n`).join('')));
  });

  test('does not depend on the order of the targets, nor on who else is called by that name', () => {
    const { action, tasks } = ordered;
    const renamed = { ...action, principal: { ...action.principal, name: 'eve' } };
    expect(approvalDigest({ ...ordered, action: renamed, tasks: tasks.toReversed() })).toBe(approvalDigest(ordered));
  });

  const { action, terms, tasks } = ordered;
  const [first = expect.unreachable(), second = expect.unreachable()] = tasks;
  const others: Readonly<Record<string, ToApprove>> = {
    'one endpoint more': { ...ordered, tasks: [...tasks, taskOf('c', quarantineOf(path, hash))] },
    'one endpoint less': { ...ordered, tasks: [first] },
    'another endpoint': { ...ordered, tasks: [first, { ...second, endpointId: endpointId('c') }] },
    'another task': { ...ordered, tasks: [first, { ...second, id: 'c'.repeat(32) as TaskId }] },
    'another hash': { ...ordered, tasks: [first, taskOf('a', quarantineOf(path, sha256Of(new Uint8Array(2))))] },
    'any file at the path': { ...ordered, tasks: [first, taskOf('a', { ...quarantineOf(path, hash), sha256: null })] },
    'every copy': { ...ordered, tasks: [first, taskOf('a', { ...quarantineOf(path, hash), path: null })] },
    'a path of other bytes': {
      ...ordered,
      tasks: [first, taskOf('a', quarantineOf(filePathSchema.parse(Uint8Array.of(47, 0xff)), hash))],
    },
    'an override': {
      ...ordered,
      tasks: [first, taskOf('a', { ...quarantineOf(path, hash), overrideProtection: true })],
    },
    'another verb': { ...ordered, tasks: [first, taskOf('a', purgeOf(hash))] },
    'another action': { ...ordered, action: { ...action, id: '1234567890123457' as ActionId } },
    'another principal': { ...ordered, action: { ...action, principal: { kind: 'key', id: 'u1', name: 'ana' } } },
    'another time': { ...ordered, action: { ...action, createdAt: action.createdAt + 1 } },
    'another end': { ...ordered, terms: { ...terms, expiresAt: terms.expiresAt + 1 } },
    'another patience': { ...ordered, terms: { ...terms, lifetime: terms.lifetime + 1 } },
  };
  test.each(Object.entries(others))('is another one for %s', (_, other) => {
    expect(approvalDigest(other)).not.toBe(approvalDigest(ordered));
  });

  test('is one for each set of parameters', () => {
    const all = [fetchOf('/a'), fetchOf('/a', '/b'), fetchOf('/b'), purgeOf(hash), restoreOf(hash)];
    const digests = all.map((parameters) => approvalDigest({ ...ordered, tasks: [taskOf('a', parameters)] }));
    expect(new Set(digests).size).toBe(all.length);
  });
});

test('what became of it follows from the decision, the tasks and the clock', () => {
  const approval: KnownApproval = {
    ...{
      actionId: '1' as ActionId,
      round: 1,
      rules: [],
      endpointsCount: 1,
      filesCount: 1,
      digest: '',
      requester: null,
    },
    ...{ requestedBy: { kind: 'local', id: 'l', name: 'l' }, requestedAt: 0, expiresAt: 10, lifetime: 1 },
    ...{ decision: null, isHeld: true },
  };
  expect(approvalState(approval, 9)).toBe('waiting');
  expect(approvalState(approval, 10)).toBe('expired');
  expect(approvalState({ ...approval, isHeld: false }, 9)).toBe('withdrawn');
  for (const verdict of verdicts) {
    const decision = { verdict, at: 1, by: { kind: 'user', id: 'u', name: 'u' }, reason: '' } as const;
    expect(approvalState({ ...approval, isHeld: false, decision }, 99)).toBe(verdict);
  }
});
