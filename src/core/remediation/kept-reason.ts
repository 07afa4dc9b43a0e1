import { undoRefusals } from '../action/undo-refusal.ts';

/** Why an undo leaves a row of a remediation as it is. */
export const keptReasons = [
  ...undoRefusals,
  /** The row had failed by itself, so that there is nothing to undo. */
  'not_ordered',
  /** It blocked a hash. */
  'listed',
] as const;

export type KeptReason = (typeof keptReasons)[number];
