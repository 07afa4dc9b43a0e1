import { now } from './clock.ts';

const short = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' });

const steps = [
  { unit: 'day', seconds: 86_400 },
  { unit: 'hour', seconds: 3_600 },
  { unit: 'minute', seconds: 60 },
] as const;

/** A time in the reader's zone; in UTC where the pointer rests on it. @param at ISO 8601 */
export function Moment({ at }: { readonly at: string }) {
  return (
    <time className="moment" dateTime={at} title={`${at.replace('T', ' ').replace(/(\.\d+)?Z$/, '')} UTC`}>
      {short.format(new Date(at))}
    </time>
  );
}

/** The same as text. @param at milliseconds since 1970 */
export function momentText(at: number): string {
  return short.format(at);
}

/** How long ago it was, with the time itself where the pointer rests on it. */
export function Ago({ at }: { readonly at: string }) {
  return (
    <time className="moment" dateTime={at} title={`${short.format(new Date(at))} (${at})`}>
      {agoOf(Date.parse(at), now())}
    </time>
  );
}

function agoOf(at: number, today: number): string {
  const seconds = Math.round((at - today) / 1_000);
  const step = steps.find((each) => Math.abs(seconds) >= each.seconds);
  return step === undefined ? 'just now' : relative.format(Math.trunc(seconds / step.seconds), step.unit);
}
