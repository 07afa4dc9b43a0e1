import type { ActionDetails } from './outcomes.ts';
import type { Worded } from './statuses.ts';

export type Rollout = NonNullable<ActionDetails['rollout']>;
type RingState = Rollout['rings'][number]['state'];

/** How a ring of a wide order stands. Total. */
export const ringWords: Readonly<Record<RingState, Worded>> = {
  waiting: { label: 'Waits', tone: 'wait' },
  watched: { label: 'Being judged', tone: 'busy' },
  halted: { label: 'Halted', tone: 'bad' },
  passed: { label: 'Passed', tone: 'good' },
  out: { label: 'Out', tone: 'good' },
  unused: { label: 'Not needed', tone: 'mute' },
};
