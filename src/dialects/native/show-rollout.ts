import type { z } from 'zod';
import type { Action } from '#core/action/action.ts';
import type { ActionStatus } from '#core/action/action-status.ts';
import type { Verb } from '#core/action/verb.ts';
import { haltWords } from '#core/guard/halt-words.ts';
import type { DescribedRings } from '#core/verbs/describe-rings.ts';
import { instantOf } from './instant.ts';
import type { readAction } from './schemas/action.ts';
import { basePath } from './schemas/contract.ts';

type ShownRollout = NonNullable<z.input<typeof readAction.reply>['rollout']>;

/** What was ordered by rings, and how it stands as a whole. */
export interface Ringed {
  readonly action: Pick<Action, 'id' | 'verb'>;
  readonly status: ActionStatus;
}

export function showRollout({ rollout, heldBack, waitsFor, rings }: DescribedRings, of: Ringed): ShownRollout {
  const { at } = rollout;
  const isOver = at.stage === 'planned' ? of.status !== 'held' : heldBack === 0;
  return {
    state: at.stage,
    heldBack,
    waitsFor: isOver ? null : waitsFor,
    halt: at.stage === 'halted' ? showHalt(at, { ...of, heldBack }) : null,
    rings: rings.map((ring) => ({ ...ring })),
  };
}

type Halted = Extract<DescribedRings['rollout']['at'], { stage: 'halted' }>;

function showHalt(
  { ring, halt }: Halted,
  { action, heldBack }: Pick<Ringed, 'action'> & { readonly heldBack: number },
): NonNullable<ShownRollout['halt']> {
  const { rule, count, of, limit } = halt;
  const goesOn = heldBack > 0 ? proposals.filter(({ path }) => path !== 'undo') : [];
  const undoes = proposals.filter(({ path, verb }) => path === 'undo' && verb === action.verb);
  return {
    ...{ at: instantOf(halt.at), rule, count, of, limit },
    message: `The order has halted: ${haltWords(ring, halt)}. Nothing was undone.`,
    proposals: [...undoes, ...goesOn].map(({ path, what }) => ({
      call: `POST ${basePath}/actions/${action.id}/${path}`,
      what,
    })),
  };
}

interface Proposal {
  readonly path: string;
  readonly what: string;
  /** Of this one only. */
  readonly verb?: Verb;
}

/** What is purged is gone, so only a quarantine can be undone. */
const proposals: readonly Proposal[] = [
  { path: 'undo', what: 'gives back what it has taken', verb: 'quarantine' },
  { path: 'cancel', what: 'ends it for the endpoints that wait' },
  { path: 'resume', what: 'lets the next ring out' },
];
