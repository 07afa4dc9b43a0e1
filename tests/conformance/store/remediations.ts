import { describe, expect, test } from 'bun:test';
import type { Remediation, RemediationId } from '#core/remediation/remediation.ts';
import { expectFault, type MakePlace, withStore } from './place.ts';
import { actionId, plant } from './records.ts';

function remediationIdOf(number: number): RemediationId {
  return `00000000-0000-4000-8000-${String(number).padStart(12, '0')}` as RemediationId;
}

/** Refers to the planted action. */
export function remediationOf(number: number, more: Partial<Remediation> = {}): Remediation {
  const row = { machine: '1.2', target: `1.${number}`, actionType: 'ü' } as const;
  return {
    id: remediationIdOf(number),
    incident: '11.7',
    incidentId: null,
    principal: { kind: 'user', id: 'u', name: 'ana' },
    claimedInitiator: 'bo "ü"',
    dialect: 'cybereason',
    createdAt: 1_000,
    abortedAt: null,
    abortedBy: null,
    rows: [
      { ...row, result: { kind: 'ordered', actionId: actionId(1) } },
      { ...row, result: { kind: 'listed', hash: 'a' } },
      { ...row, target: '', result: { kind: 'failed', failure: 'conflict', message: 'ü' } },
    ],
    ...more,
  };
}

const all = { offset: 0, limit: 100 };

export function describeRemediations(makePlace: MakePlace): void {
  describe('keeps remediations', () => {
    test(
      'Whole, with their rows in order; listed by incident, newest first.',
      withStore(makePlace, async (store) => {
        await plant(store, 1);
        const [row] = remediationOf(9).rows;
        const many = Array.from({ length: 300 }, (_, index) => ({
          ...(row ?? expect.unreachable()),
          target: `${index}`,
        }));
        const first = remediationOf(1);
        const second = remediationOf(2, { createdAt: 2_000, claimedInitiator: null, rows: many });
        const none = remediationOf(3, { incident: null });
        await store.transact(async ({ remediations }) => {
          for (const each of [first, second, none]) {
            await remediations.insert(each);
          }
        });
        await store.read(async ({ remediations }) => {
          expect(await remediations.byId(first.id)).toEqual(first);
          expect(await remediations.byId(second.id)).toEqual(second);
          expect(await remediations.byId(remediationIdOf(9))).toBeUndefined();
          expect(await remediations.list('11.7', all)).toEqual({ items: [second, first], total: 2 });
          expect(await remediations.list('11.7', { offset: 1, limit: 1 })).toEqual({ items: [first], total: 2 });
          expect(await remediations.list(null, all)).toEqual({ items: [none], total: 1 });
          expect(await remediations.list('x', all)).toEqual({ items: [], total: 0 });
        });
        await expectFault(
          store.transact(({ remediations }) => remediations.insert(first)),
          'conflict',
        );
      }),
    );

    test(
      'Says whether one names an incident, a machine or a target.',
      withStore(makePlace, async (store) => {
        await plant(store, 1);
        await store.transact(({ remediations }) => remediations.insert(remediationOf(1)));
        const named = (...names: string[]) => store.read(({ remediations }) => remediations.anyNames(names));
        expect(await named('x', '11.7')).toBe(true);
        expect(await named('1.2')).toBe(true);
        expect(await named('1.1')).toBe(true);
        expect(await named('1.3', 'x')).toBe(false);
        expect(await named()).toBe(false);
      }),
    );

    test(
      'Is aborted once.',
      withStore(makePlace, async (store) => {
        await plant(store, 1);
        await store.transact(({ remediations }) => remediations.insert(remediationOf(1)));
        const abortedBy = { kind: 'key', id: '1', name: 'k' } as const;
        const abort = (at: number) =>
          store.transact(({ remediations }) => remediations.abort(remediationIdOf(1), at, abortedBy));
        expect(await abort(5)).toBe(true);
        expect(await abort(6)).toBe(false);
        const found = await store.read(({ remediations }) => remediations.byId(remediationIdOf(1)));
        expect(found).toEqual(remediationOf(1, { abortedAt: 5, abortedBy }));
      }),
    );
  });
}
