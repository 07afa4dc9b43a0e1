import { sql } from 'kysely';
import { eventTypes } from '#core/custody/event.ts';
import { eventGroups } from '#core/feed/event-groups.ts';
import type { FeedCursor } from '#core/feed/feed-cursor.ts';
import type { DeadLetter, Webhook } from '#core/feed/webhook.ts';
import type { FeedReader, FeedWriter, LetterChoice } from '#core/ports/store/feeds.ts';
import { canonicalJson } from '../json/canonical-json.ts';
import { readTextList } from '../json/text-list.ts';
import type { DeadLetterRow, FeedCursorRow, WebhookRow } from '../schema.ts';
import type { Session } from '../session.ts';
import { demandPage } from './page.ts';

export function feedReader({ db }: Session): FeedReader {
  return {
    async webhooks() {
      const rows = await db.selectFrom('webhooks').selectAll().orderBy('created_at').orderBy('id').execute();
      return rows.map(toWebhook);
    },
    async webhookById(id) {
      const row = await db.selectFrom('webhooks').selectAll().where('id', '=', id).executeTakeFirst();
      return row && toWebhook(row);
    },
    async cursors() {
      return (await db.selectFrom('feed_cursors').selectAll().execute()).map(toCursor);
    },
    async deadLetters(webhookId, page) {
      const { offset, limit } = demandPage(page);
      const ofWebhook = db.selectFrom('dead_letters').where('webhook_id', '=', webhookId);
      const { total } = await ofWebhook.select(({ fn }) => fn.countAll<number>().as('total')).executeTakeFirstOrThrow();
      const rows = await ofWebhook.selectAll().orderBy('sequence').offset(offset).limit(limit).execute();
      return { items: rows.map(toLetter), total };
    },
    async wantedLetters(webhookId, limit) {
      const wanted = db
        .selectFrom('dead_letters')
        .selectAll()
        .where('webhook_id', '=', webhookId)
        .where('wanted', '=', 1);
      return (await wanted.orderBy('sequence').limit(limit).execute()).map(toLetter);
    },
    async countDeadLetters() {
      const rows = await db
        .selectFrom('dead_letters')
        .select(({ fn }) => ['webhook_id', fn.countAll<number>().as('total')])
        .groupBy('webhook_id')
        .execute();
      return new Map(rows.map((row) => [row.webhook_id, Number(row.total)]));
    },
  };
}

export function feedWriter(session: Session): FeedWriter {
  const { db } = session;
  return {
    ...feedReader(session),
    ...webhookWrites(session),
    ...letterWrites(session),
    async openCursor(cursor) {
      await db
        .insertInto('feed_cursors')
        .values({ feed: cursor.feed, ...toCursorColumns(cursor), holder: null, held_until: 0 })
        .onConflict((conflict) => conflict.column('feed').doNothing())
        .execute();
    },
    async takeLease(feed, { holder, now, until }) {
      const row = await db
        .updateTable('feed_cursors')
        .set({ holder, held_until: until })
        .where('feed', '=', feed)
        .where(({ or, eb }) => or([eb('holder', 'is', null), eb('holder', '=', holder), eb('held_until', '<=', now)]))
        .returningAll()
        .executeTakeFirst();
      return row && toCursor(row);
    },
    async keepCursor(cursor, { holder, until }) {
      const kept = await db
        .updateTable('feed_cursors')
        .set({ ...toCursorColumns(cursor), held_until: until })
        .where('feed', '=', cursor.feed)
        .where('holder', '=', holder)
        .where('sequence', '<=', cursor.sequence)
        .returning('feed')
        .execute();
      return kept.length > 0;
    },
    async hurry(feed) {
      await db.updateTable('feed_cursors').set({ not_before: 0 }).where('feed', '=', feed).execute();
    },
    async releaseLeases(holder) {
      const held = db.updateTable('feed_cursors').set({ holder: null, held_until: 0 });
      await (holder === null ? held : held.where('holder', '=', holder)).execute();
    },
  };
}

type WebhookWrites = Pick<FeedWriter, 'insertWebhook' | 'updateWebhook' | 'deleteWebhook'>;

function webhookWrites({ db }: Session): WebhookWrites {
  return {
    async insertWebhook(webhook) {
      await db.insertInto('webhooks').values(toWebhookRow(webhook)).execute();
    },
    async updateWebhook(webhook) {
      await db.updateTable('webhooks').set(toWebhookRow(webhook)).where('id', '=', webhook.id).execute();
    },
    async deleteWebhook(id) {
      await db.deleteFrom('dead_letters').where('webhook_id', '=', id).execute();
      await db.deleteFrom('feed_cursors').where('feed', '=', id).execute();
      await db.deleteFrom('webhooks').where('id', '=', id).execute();
    },
  };
}

type LetterWrites = Pick<FeedWriter, 'putDeadLetter' | 'wantLetters' | 'deleteLetters'>;

function letterWrites({ db, dialect }: Session): LetterWrites {
  const among = ({ sequences }: LetterChoice) =>
    sequences === undefined ? sql<boolean>`1 = 1` : dialect.among('dead_letters.sequence', sequences);
  return {
    async putDeadLetter(letter, most) {
      const row = toLetterRow(letter);
      await db
        .insertInto('dead_letters')
        .values(row)
        .onConflict((conflict) => conflict.columns(['webhook_id', 'sequence']).doUpdateSet(row))
        .execute();
      const oldest = await db
        .selectFrom('dead_letters')
        .select('sequence')
        .where('webhook_id', '=', letter.webhookId)
        .orderBy('sequence', 'desc')
        .offset(most)
        .limit(1)
        .executeTakeFirst();
      if (oldest !== undefined) {
        const beyond = db.deleteFrom('dead_letters').where('webhook_id', '=', letter.webhookId);
        await beyond.where('sequence', '<=', oldest.sequence).execute();
      }
    },
    async wantLetters(choice) {
      const wanted = await db
        .updateTable('dead_letters')
        .set({ wanted: 1 })
        .where('webhook_id', '=', choice.webhookId)
        .where('wanted', '=', 0)
        .where(among(choice))
        .returning('sequence')
        .execute();
      return wanted.length;
    },
    async deleteLetters(choice) {
      const deleted = await db
        .deleteFrom('dead_letters')
        .where('webhook_id', '=', choice.webhookId)
        .where(among(choice))
        .returning('sequence')
        .execute();
      return deleted.map((row) => row.sequence).toSorted((one, other) => one - other);
    },
  };
}

function toWebhook(row: WebhookRow): Webhook {
  const { sealed_former_secret: sealed, former_until: until } = row;
  return {
    id: row.id,
    name: row.name,
    url: row.url,
    format: row.format,
    groups: eventGroups.filter((group) => readTextList(row.groups_json).includes(group)),
    types: eventTypes.filter((type) => readTextList(row.types_json).includes(type)),
    attempts: row.attempts,
    paused: row.paused === 1,
    sealedSecret: row.sealed_secret,
    formerSecret: sealed === null || until === null ? null : { sealed, until },
    createdAt: row.created_at,
    createdBy: row.created_by,
  };
}

function toWebhookRow(webhook: Webhook): WebhookRow {
  return {
    id: webhook.id,
    name: webhook.name,
    url: webhook.url,
    format: webhook.format,
    groups_json: canonicalJson(webhook.groups),
    types_json: canonicalJson(webhook.types),
    attempts: webhook.attempts,
    paused: webhook.paused ? 1 : 0,
    sealed_secret: webhook.sealedSecret,
    sealed_former_secret: webhook.formerSecret?.sealed ?? null,
    former_until: webhook.formerSecret?.until ?? null,
    created_at: webhook.createdAt,
    created_by: webhook.createdBy,
  };
}

function toCursor(row: FeedCursorRow): FeedCursor {
  return {
    feed: row.feed,
    sequence: row.sequence,
    failures: row.failures,
    firstFailedAt: row.first_failed_at,
    notBefore: row.not_before,
    failingSince: row.failing_since,
    lastError: row.last_error,
    deliveredAt: row.delivered_at,
  };
}

function toCursorColumns(cursor: FeedCursor): Omit<FeedCursorRow, 'feed' | 'holder' | 'held_until'> {
  return {
    sequence: cursor.sequence,
    failures: cursor.failures,
    first_failed_at: cursor.firstFailedAt,
    not_before: Math.ceil(cursor.notBefore),
    failing_since: cursor.failingSince,
    last_error: cursor.lastError,
    delivered_at: cursor.deliveredAt,
  };
}

function toLetter(row: DeadLetterRow): DeadLetter {
  return {
    webhookId: row.webhook_id,
    sequence: row.sequence,
    givenUpAt: row.given_up_at,
    attempts: row.attempts,
    error: row.error,
    isWanted: row.wanted === 1,
  };
}

function toLetterRow(letter: DeadLetter): DeadLetterRow {
  return {
    webhook_id: letter.webhookId,
    sequence: letter.sequence,
    given_up_at: letter.givenUpAt,
    attempts: letter.attempts,
    error: letter.error,
    wanted: letter.isWanted ? 1 : 0,
  };
}
