import type { z } from 'zod';
import type { UndoneRemediation, UndoneRow } from '#core/verbs/undo-remediation.ts';
import type { undoRemediation } from './schemas/remediation.ts';

type Shown = z.input<typeof undoRemediation.reply>;

export function showUndone({ id, counts, rows }: UndoneRemediation): Shown {
  return { remediationId: id, counts: { ...counts, keptFor: { ...counts.keptFor } }, rows: rows.map(showRow) };
}

function showRow(answered: UndoneRow): Shown['rows'][number] {
  const { machine, target, actionType: remedy, result } = answered.row;
  const row = { machine, target, remedy, actionId: result.kind === 'ordered' ? result.actionId : null };
  if (answered.kind === 'kept') {
    const { why, message } = answered;
    return { ...row, result: 'kept', undo: null, asked: false, removed: 0, kept: { reason: why, message } };
  }
  const { undo, asked, removed } = answered;
  return {
    ...row,
    result: undo === null ? 'withdrawn' : 'undone',
    ...{ undo: undo?.id ?? null, asked: asked > 0, removed, kept: null },
  };
}
