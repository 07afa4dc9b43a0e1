import type { FeedCursor, FeedLease } from '../../feed/feed-cursor.ts';
import type { DeadLetter, Webhook } from '../../feed/webhook.ts';
import type { Listing, Page } from './page.ts';

export interface FeedReader {
  /** Oldest first. */
  webhooks(): Promise<readonly Webhook[]>;
  webhookById(id: string): Promise<Webhook | undefined>;
  /** Of all feeds, in no particular order. */
  cursors(): Promise<readonly FeedCursor[]>;
  /** By the numbers of their events, ascending. */
  deadLetters(webhookId: string, page: Page): Promise<Listing<DeadLetter>>;
  /** Those that are to be sent again, by their numbers, at most so many. */
  wantedLetters(webhookId: string, limit: number): Promise<readonly DeadLetter[]>;
  /** How many each webhook has; those that have none are left out. */
  countDeadLetters(): Promise<ReadonlyMap<string, number>>;
}

/** Which dead letters; undefined: all of the webhook. */
export interface LetterChoice {
  readonly webhookId: string;
  readonly sequences?: readonly number[] | undefined;
}

export interface FeedWriter extends FeedReader {
  insertWebhook(webhook: Webhook): Promise<void>;
  updateWebhook(webhook: Webhook): Promise<void>;
  /** With its cursor and its dead letters. */
  deleteWebhook(id: string): Promise<void>;
  /** Does nothing where the feed has a cursor. */
  openCursor(cursor: FeedCursor): Promise<void>;
  /** Guarded: takes, or renews, the lease of a feed. @returns undefined while another holder has it, and where there is no such feed. */
  takeLease(feed: string, lease: FeedLease): Promise<FeedCursor | undefined>;
  /**
   * Guarded: keeps how far a feed is, and renews its lease. A cursor never goes back.
   * @returns false where another one holds the lease, or the feed is gone: then nothing was written.
   */
  keepCursor(cursor: FeedCursor, lease: Omit<FeedLease, 'now'>): Promise<boolean>;
  /** What waits after a failure is due at once. */
  hurry(feed: string): Promise<void>;
  /** Lets others take at once what this holder has; null: what anybody has. */
  releaseLeases(holder: string | null): Promise<void>;
  /** One that is there already is replaced; beyond `most` of one webhook the oldest are forgotten. */
  putDeadLetter(letter: DeadLetter, most: number): Promise<void>;
  /** @returns how many are to be sent again now that were not before. */
  wantLetters(choice: LetterChoice): Promise<number>;
  /** @returns their numbers. */
  deleteLetters(choice: LetterChoice): Promise<readonly number[]>;
}
