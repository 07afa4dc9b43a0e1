import type { ActionId } from '../action/action-id.ts';
import type { NewEvent } from '../custody/event.ts';
import type { EndpointId } from '../endpoint/endpoint-id.ts';
import { Fault } from '../fault.ts';
import { isInForce } from '../list/judge.ts';
import type { Ports } from '../ports/ports.ts';
import type { Reader, Transaction } from '../ports/store/store.ts';
import { type KeptReason, keptReasons } from '../remediation/kept-reason.ts';
import type { Remediation, RemediationId, RemediationRow, RowResult } from '../remediation/remediation.ts';
import type { Milliseconds } from '../time.ts';
import { unreachable } from '../unreachable.ts';
import { actionOf, demandId, demandRemediation } from './follow-remediation.ts';
import { judgeUndos, type RefusedUndo } from './judge-undo.ts';
import type { Origin } from './open-action.ts';
import { mostTold, toldEndpoints } from './told-targets.ts';
import { carryOutUndos, type UndoAction, type UndoneAction } from './undo-action.ts';

const noAction = 'An action of the remediation is not there.';

export interface UndoRemediation extends Pick<UndoAction, 'ifOccupied' | 'allow'> {
  /** The undo belongs to the incident of the remediation. */
  readonly origin: Omit<Origin, 'incidentId'>;
  /** The remediation's id, as it was given. */
  readonly named: string;
}

/** What became of one row. Rows that became one action have the same answer. */
export type UndoneRow = { readonly row: RemediationRow } & RowAnswer;

type RowAnswer =
  | ({ readonly kind: 'undone' } & UndoneAction)
  | { readonly kind: 'kept'; readonly why: KeptReason; readonly message: string };

/** How many rows came to what. */
export interface UndoneCounts {
  readonly undone: number;
  readonly withdrawn: number;
  readonly kept: number;
  /** Of `kept`, how many for which reason; reasons of none are left out. */
  readonly keptFor: Readonly<Partial<Record<KeptReason, number>>>;
  /** Rows that are not kept, some of whose endpoints were removed since: no order reaches their vaults. */
  readonly removed: number;
}

export interface UndoneRemediation {
  readonly id: RemediationId;
  readonly counts: UndoneCounts;
  /** In the order of the remediation; at least one is `undone`. */
  readonly rows: readonly UndoneRow[];
}

/** Told in the refusal of one that undoes nothing. */
const mostReasons = 3;

/**
 * Takes every quarantine of a remediation back, each as `undoAction` does, all in one transaction; those of its rows that are none, and
 * those that cannot be undone, are left as they are, each with the reason in words. Repeated, what is back already ends `already_done`.
 * @throws Fault `not_found`; `no_target` where no row can be undone; `conflict` where none can and a hash is blocked;
 * `permission_denied` for an `allow` by who may not; `timeout`
 */
export async function undoRemediation(
  ports: Pick<Ports, 'store' | 'clock' | 'random' | 'policy' | 'doorbell'>,
  request: UndoRemediation,
): Promise<UndoneRemediation> {
  const id = demandId(request.named);
  const { ring, ...undone } = await ports.store.transact(
    async (transaction) =>
      undoIn(ports, transaction, { ...request, remediation: await demandRemediation(transaction, id) }),
    { fleetWide: true },
  );
  ports.doorbell.ring(ring);
  return undone;
}

async function undoIn(
  ports: Pick<Ports, 'clock' | 'random' | 'policy'>,
  transaction: Transaction,
  { remediation, ...request }: UndoRemediation & { readonly remediation: Remediation },
): Promise<UndoneRemediation & { readonly ring: readonly EndpointId[] }> {
  const { ifOccupied, allow = false } = request;
  const { id, rows } = remediation;
  const now = ports.clock.now();
  const origin = { ...request.origin, incidentId: remediation.incidentId ?? remediation.incident ?? undefined };
  const actions = await transaction.actions.byIds([...new Set(rows.flatMap(({ result }) => actionOf(result)))]);
  const judged = await judgeUndos(transaction, { actions, allow, now });
  const possible = judged.flatMap((each) => (each.kind === 'possible' ? [each] : []));
  const refused = judged.flatMap((each) => (each.kind === 'refused' ? [each] : []));
  const done = await carryOutUndos(ports, transaction, { origin, ifOccupied, possible, facts: { remediationId: id } });
  const answers = new Map<ActionId, RowAnswer>([
    ...refused.map(({ actionId, why, message }) => [actionId, { kind: 'kept', why, message }] as const),
    ...done.map(
      ({ ring, ...undone }, index) =>
        [possible[index]?.actionId ?? unreachable(noAction), { kind: 'undone', ...undone }] as const,
    ),
  ]);
  const blocked = await stillBlocked(transaction, rows, now);
  const answered = rows.map((row): UndoneRow => ({ row, ...answerOf(row.result, { answers, blocked }) }));
  if (done.length === 0) {
    throw nothingUndone(answered, refused);
  }
  const ring = done.flatMap((each) => each.ring);
  const counts = countsOf(answered);
  await transaction.events.append([undoneEvent(remediation, { origin, answered, counts, ring, at: now })]);
  return { id, counts, rows: answered, ring };
}

/** Of the hashes that the remediation put on the block list, those that are on it; asked when all is done, for an undo may allow them. */
async function stillBlocked(
  { hashLists }: Pick<Reader, 'hashLists'>,
  rows: readonly RemediationRow[],
  now: Milliseconds,
): Promise<ReadonlySet<string>> {
  const hashes = [...new Set(rows.flatMap(({ result }) => (result.kind === 'listed' ? [result.hash] : [])))];
  const entries = hashes.length === 0 ? [] : await hashLists.byHashes(hashes);
  return new Set(entries.filter((entry) => entry.list === 'block' && isInForce(entry, now)).map(({ hash }) => hash));
}

function answerOf(
  result: RowResult,
  { answers, blocked }: { readonly answers: ReadonlyMap<ActionId, RowAnswer>; readonly blocked: ReadonlySet<string> },
): RowAnswer {
  switch (result.kind) {
    case 'ordered':
      return answers.get(result.actionId) ?? unreachable(noAction);
    case 'listed': {
      const { hash } = result;
      const message = blocked.has(hash)
        ? `The hash ${hash} stays on the block list: take it off the list, where it is to be blocked no longer.`
        : `The hash ${hash} is not on the block list any more.`;
      return { kind: 'kept', why: 'listed', message };
    }
    case 'failed':
      return {
        kind: 'kept',
        why: 'not_ordered',
        message: `Nothing was ordered, so there is nothing to undo. ${result.message}`,
      };
  }
}

/** Says why no quarantine can be undone; where there is none, what the rows are instead. */
function nothingUndone(rows: readonly UndoneRow[], refused: readonly RefusedUndo[]): Fault {
  const kept = rows.flatMap((row) => (row.kind === 'kept' ? [row] : []));
  const reasons = [...new Set((refused.length > 0 ? refused : kept).map(({ message }) => message))];
  const told = reasons.slice(0, mostReasons).join(' ');
  const left = reasons.length - mostReasons;
  const more = left > 0 ? ` And ${left} more reasons.` : '';
  const blocked = refused.find(({ why }) => why === 'blocked');
  return new Fault(
    blocked === undefined ? 'no_target' : 'conflict',
    `Nothing of the remediation can be undone. ${told}${more}`,
    blocked === undefined ? {} : { details: blocked.details },
  );
}

interface Told {
  readonly origin: Origin;
  readonly answered: readonly UndoneRow[];
  readonly counts: UndoneCounts;
  readonly ring: readonly EndpointId[];
  readonly at: Milliseconds;
}

function countsOf(rows: readonly UndoneRow[]): UndoneCounts {
  const words = Map.groupBy(rows, wordOf);
  const count = (word: UndoneWord) => words.get(word)?.length ?? 0;
  const [undone, withdrawn] = [count('undone'), count('withdrawn')];
  const kept = keptReasons.map((reason) => [reason, count(reason)] as const);
  return {
    ...{ undone, withdrawn, kept: rows.length - undone - withdrawn },
    keptFor: Object.fromEntries(kept.filter(([, rowsOf]) => rowsOf > 0)),
    removed: rows.filter((row) => row.kind === 'undone' && row.removed > 0).length,
  };
}

function undoneEvent({ id, incidentId }: Remediation, { origin, answered, counts, ring, at }: Told): NewEvent {
  const { principal, dialect, reason } = origin;
  return {
    type: 'remediation_undone',
    at,
    actor: { kind: principal.kind, id: principal.id, name: principal.name },
    ...(incidentId !== null && { incidentId }),
    facts: {
      ...toldEndpoints([...new Set(ring)]),
      ...{ remediationId: id, dialect, reason: reason?.toWellFormed() ?? null },
      ...counts,
      rows: answered.slice(0, mostTold).map((each) => {
        const { machine, target, actionType } = each.row;
        return { machine, target, actionType, result: wordOf(each) };
      }),
    },
  };
}

type UndoneWord = 'undone' | 'withdrawn' | KeptReason;

/** What became of a row: `withdrawn` where nothing can be given back and none will be taken, the reason where it was left as it is. */
function wordOf(row: UndoneRow): UndoneWord {
  if (row.kind === 'kept') {
    return row.why;
  }
  return row.undo === null ? 'withdrawn' : 'undone';
}
