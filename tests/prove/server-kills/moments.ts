import type { Chance } from '#kit/chance.ts';

/** When the server is killed: as one of its threads enters a system call, counted from its start; or after a while. */
export type Moment =
  | { readonly kind: 'call'; readonly call: string; readonly ordinal: number }
  | { readonly kind: 'delay'; readonly milliseconds: number };

/** Calls by which something becomes durable or is told, and how many of them a thread makes in a busy second or two. */
const calls: readonly (readonly [string, number])[] = [
  ['pwrite64', 900],
  ['fsync', 60],
  ['fdatasync', 20],
  ['rename', 30],
  ['ftruncate', 12],
];
/** Under strace a server is slow: most moments are cheaper ones. */
const countedShare = 0.25;
const longestDelay = 500;
/** Most of what may go wrong is over soon after an order came: half of the delays are below an eighth of the longest. */
const earliness = 3;

export function drawMoment(chance: Chance): Moment {
  if (chance.fraction() < countedShare) {
    const [call, most] = chance.one(calls);
    return { kind: 'call', call, ordinal: 1 + chance.whole(most - 1) };
  }
  return { kind: 'delay', milliseconds: Math.round(longestDelay * chance.fraction() ** earliness) };
}

/** What stands before the server's command. The tracer is a grandchild, so that the process that is started is the server. */
export function underOf(moment: Moment): readonly string[] {
  if (moment.kind === 'delay') {
    return [];
  }
  const { call, ordinal } = moment;
  const injection = `-einject=${call}:signal=KILL:when=${ordinal}`;
  return ['strace', '-f', '-D', '-qq', '-o', '/dev/null', `-etrace=${call}`, injection];
}

export function wordsOf(moment: Moment): string {
  return moment.kind === 'delay' ? `after ${moment.milliseconds} ms` : `at ${moment.call} ${moment.ordinal}`;
}
