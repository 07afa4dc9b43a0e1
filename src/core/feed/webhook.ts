import type { Milliseconds } from '../time.ts';
import type { EventChoice } from './event-groups.ts';

export const webhookFormats = ['native', 'ecs'] as const;

export type WebhookFormat = (typeof webhookFormats)[number];

/** Where events are sent to, besides standing in the record. */
export interface Webhook extends EventChoice {
  /** 16 hex digits. */
  readonly id: string;
  readonly name: string;
  readonly url: string;
  readonly format: WebhookFormat;
  /** How often one event is tried before it goes to the dead letters. */
  readonly attempts: number;
  /** Nothing is sent; what happens meanwhile is sent when it goes on. */
  readonly paused: boolean;
  readonly sealedSecret: Uint8Array;
  /** The one before, with which everything is signed as well for a while; null: none. */
  readonly formerSecret: { readonly sealed: Uint8Array; readonly until: Milliseconds } | null;
  readonly createdAt: Milliseconds;
  readonly createdBy: string;
}

/** An event that was given up, or that somebody wants to have sent again. */
export interface DeadLetter {
  readonly webhookId: string;
  /** Of the event. */
  readonly sequence: number;
  readonly givenUpAt: Milliseconds;
  readonly attempts: number;
  /** Why, in words. */
  readonly error: string;
  /** It is to be sent again. */
  readonly isWanted: boolean;
}

/** What an administrator can decide about one. */
export const mostWebhooks = 50;
export const mostAttempts = 20;
/** Beyond it the oldest is forgotten: the events themselves stay in the record. */
export const mostDeadLetters = 10_000;
