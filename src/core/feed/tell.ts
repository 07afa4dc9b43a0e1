import type { CustodyEvent } from '../custody/event.ts';
import { harmlessLine } from '../log-line.ts';
import { cefLine } from './cef.ts';
import { ecsEvent } from './ecs.ts';
import type { FeedEvent, FeedFormat } from './feed-event.ts';
import { nativeEvent } from './native.ts';

const tellers: Readonly<Record<FeedFormat, (told: FeedEvent) => string>> = {
  native: ({ event }) => harmlessLine(JSON.stringify(nativeEvent(event))),
  ecs: (told) => harmlessLine(JSON.stringify(ecsEvent(told))),
  cef: cefLine,
};

/** One line without its end, in which nothing does anything where it is shown. */
export function tell(format: FeedFormat, told: FeedEvent): string {
  return tellers[format](told);
}

/**
 * As `tell`, in so many bytes of UTF-8: an event that needs more is told without its facts, and, where that is still too long, without
 * names. Whoever sees `cut` asks the API for the event of that number.
 */
export function tellWithin(format: FeedFormat, told: FeedEvent, mostBytes: number): string {
  const shorter: readonly FeedEvent[] = [told, { ...told, event: withoutFacts(told.event) }];
  const fits = shorter.map((each) => tell(format, each)).find((line) => Buffer.byteLength(line) <= mostBytes);
  return fits ?? tell(format, { event: withoutNames(told.event), host: undefined });
}

function withoutFacts(event: CustodyEvent): CustodyEvent {
  return { ...event, facts: { cut: true } };
}

function withoutNames(event: CustodyEvent): CustodyEvent {
  return { ...withoutFacts(event), actor: { ...event.actor, name: '' } };
}
