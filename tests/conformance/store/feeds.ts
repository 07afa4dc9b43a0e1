import { describe, expect, test } from 'bun:test';
import { type FeedCursor, newCursor } from '#core/feed/feed-cursor.ts';
import type { DeadLetter, Webhook } from '#core/feed/webhook.ts';
import type { Store } from '#core/ports/store/store.ts';
import { expectFault, type MakePlace, withStore } from './place.ts';

export function webhookOf(number: number, changes: Partial<Webhook> = {}): Webhook {
  return {
    id: String(number).padStart(16, '0'),
    name: `é ${number}`,
    url: 'https://hooks.example.org/a?b=c',
    format: 'ecs',
    groups: ['approvals', 'ledger'],
    types: ['task_finished'],
    attempts: 14,
    paused: true,
    sealedSecret: Uint8Array.of(0, 255),
    formerSecret: { sealed: Uint8Array.of(1, 254), until: 9 },
    createdAt: number,
    createdBy: 'ü',
    ...changes,
  };
}

export function letterOf(sequence: number, changes: Partial<DeadLetter> = {}): DeadLetter {
  const webhookId = webhookOf(1).id;
  return { webhookId, sequence, givenUpAt: 5, attempts: 3, error: 'ü', isWanted: false, ...changes };
}

export function cursorOf(feed: string, changes: Partial<FeedCursor> = {}): FeedCursor {
  return { ...newCursor(feed, 7), failures: 2, firstFailedAt: 3, failingSince: 1, lastError: 'é', ...changes };
}

const page = { offset: 0, limit: 100 };

export function describeFeeds(makePlace: MakePlace): void {
  describe('keeps feeds', () => {
    webhooks(makePlace);
    leases(makePlace);
    letters(makePlace);
  });
}

function webhooks(makePlace: MakePlace): void {
  test(
    'A webhook is kept to the last byte, changed as a whole, and goes with its cursor and its letters.',
    withStore(makePlace, async (store) => {
      const [one, two] = [webhookOf(1), webhookOf(2, { formerSecret: null, groups: [], types: [], paused: false })];
      await store.transact(async ({ feeds }) => {
        await feeds.insertWebhook(two);
        await feeds.insertWebhook(one);
        await feeds.openCursor(cursorOf(one.id));
        await feeds.putDeadLetter(letterOf(3), 10);
        await feeds.putDeadLetter(letterOf(3, { webhookId: two.id }), 10);
      });
      expect(await store.read(({ feeds }) => feeds.webhooks())).toEqual([one, two]);
      const changed = { ...one, url: 'https://b.example.org/', formerSecret: null, paused: false };
      await store.transact(({ feeds }) => feeds.updateWebhook(changed));
      expect(await store.read(({ feeds }) => feeds.webhookById(one.id))).toEqual(changed);
      await store.transact(({ feeds }) => feeds.deleteWebhook(one.id));
      expect(await store.read(({ feeds }) => feeds.webhookById(one.id))).toBeUndefined();
      expect(await store.read(({ feeds }) => feeds.cursors())).toEqual([]);
      expect(await store.read(({ feeds }) => feeds.countDeadLetters())).toEqual(new Map([[two.id, 1]]));
      await expectFault(
        store.transact(({ feeds }) => feeds.insertWebhook(two)),
        'conflict',
      );
    }),
  );
}

function leases(makePlace: MakePlace): void {
  const lease = (holder: string, now: number) => ({ holder, now, until: now + 10 });
  const take = (store: Store, holder: string, now: number) =>
    store.transact(({ feeds }) => feeds.takeLease('f', lease(holder, now)));

  test(
    'One holder has a feed at a time, until its lease ends or it lets go.',
    withStore(makePlace, async (store) => {
      expect(await take(store, 'a', 0)).toBeUndefined();
      const cursor = cursorOf('f');
      await store.transact(({ feeds }) => feeds.openCursor(cursor));
      await store.transact(({ feeds }) => feeds.openCursor(newCursor('f', 99)));
      expect(await take(store, 'a', 0)).toEqual(cursor);
      expect(await take(store, 'b', 9)).toBeUndefined();
      expect(await take(store, 'a', 5)).toEqual(cursor);
      expect(await take(store, 'b', 14)).toBeUndefined();
      expect(await take(store, 'b', 15)).toEqual(cursor);
      await store.transact(({ feeds }) => feeds.releaseLeases('a'));
      expect(await take(store, 'a', 16)).toBeUndefined();
      await store.transact(({ feeds }) => feeds.releaseLeases('b'));
      expect(await take(store, 'a', 16)).toEqual(cursor);
      await store.transact(({ feeds }) => feeds.releaseLeases(null));
      expect(await take(store, 'b', 16)).toEqual(cursor);
    }),
  );

  test(
    'A cursor is kept by its holder alone, with a longer lease, and never goes back.',
    withStore(makePlace, async (store) => {
      const keep = (sequence: number, holder: string, until = 50) =>
        store.transact(({ feeds }) => feeds.keepCursor(cursorOf('f', { sequence, deliveredAt: 4 }), { holder, until }));
      await store.transact(({ feeds }) => feeds.openCursor(newCursor('f', 1)));
      expect(await keep(2, 'a')).toBe(false);
      await take(store, 'a', 0);
      expect(await keep(8, 'a')).toBe(true);
      expect(await keep(7, 'a')).toBe(false);
      expect(await keep(9, 'b')).toBe(false);
      expect(await store.read(({ feeds }) => feeds.cursors())).toEqual([
        cursorOf('f', { sequence: 8, deliveredAt: 4 }),
      ]);
      await store.transact(({ feeds }) =>
        feeds.keepCursor(cursorOf('f', { sequence: 8, notBefore: 77 }), lease('a', 40)),
      );
      await store.transact(({ feeds }) => feeds.hurry('f'));
      expect(await store.read(({ feeds }) => feeds.cursors())).toEqual([cursorOf('f', { sequence: 8 })]);
      expect(await take(store, 'b', 49)).toBeUndefined();
      expect(await take(store, 'b', 50)).toMatchObject({ sequence: 8 });
    }),
  );

  test(
    'Of many that reach for a feed at once, one has it.',
    withStore(makePlace, async (store) => {
      await store.transact(({ feeds }) => feeds.openCursor(newCursor('f', 1)));
      const holders = Array.from({ length: 8 }, (_, number) => `h${number}`);
      const taken = await Promise.all(holders.map((holder) => take(store, holder, 0)));
      expect(taken.filter((each) => each !== undefined)).toHaveLength(1);
    }),
  );
}

function letters(makePlace: MakePlace): void {
  test(
    'Dead letters are bounded, wanted, and thrown away.',
    withStore(makePlace, async (store) => {
      const { id: webhookId } = webhookOf(1);
      await store.transact(async ({ feeds }) => {
        await feeds.insertWebhook(webhookOf(1));
        await feeds.insertWebhook(webhookOf(2));
        await feeds.putDeadLetter(letterOf(1, { webhookId: webhookOf(2).id }), 3);
        for (const sequence of [4, 2, 1, 3]) {
          await feeds.putDeadLetter(letterOf(sequence), 3);
        }
      });
      const list = () => store.read(({ feeds }) => feeds.deadLetters(webhookId, page));
      expect(await list()).toEqual({ items: [2, 3, 4].map((each) => letterOf(each)), total: 3 });
      expect(await store.transact(({ feeds }) => feeds.wantLetters({ webhookId, sequences: [4, 2, 77] }))).toBe(2);
      expect(await store.transact(({ feeds }) => feeds.wantLetters({ webhookId }))).toBe(1);
      const wanted = await store.read(({ feeds }) => feeds.wantedLetters(webhookId, 2));
      expect(wanted).toEqual([2, 3].map((each) => letterOf(each, { isWanted: true })));
      await store.transact(({ feeds }) => feeds.putDeadLetter(letterOf(3, { attempts: 4, error: 'again' }), 3));
      expect((await list()).items[1]).toEqual(letterOf(3, { attempts: 4, error: 'again' }));
      expect(await store.transact(({ feeds }) => feeds.deleteLetters({ webhookId, sequences: [3, 99] }))).toEqual([3]);
      expect(await store.transact(({ feeds }) => feeds.deleteLetters({ webhookId }))).toEqual([2, 4]);
      expect(await list()).toEqual({ items: [], total: 0 });
      expect(await store.read(({ feeds }) => feeds.countDeadLetters())).toEqual(new Map([[webhookOf(2).id, 1]]));
    }),
  );
}
