import type { ActionWithTasks } from '#sdk/wait-for-action.ts';
import type { TextPart } from './context.ts';
import { few } from './held-actions.ts';
import { facts, table } from './table.ts';

type Rollout = NonNullable<ActionWithTasks['rollout']>;

const waits: Readonly<Record<NonNullable<Rollout['waitsFor']>, string>> = {
  approval: 'a second person to approve it',
  connection: 'one of its endpoints to connect',
  dispatch: 'orders to leave that cannot now',
  reports: 'reports of the ring that is out',
  absent: 'endpoints of the ring that are away',
  watch: 'the ring that is out to be watched for a while',
  person: 'a person, who resumes or cancels it',
};

/** How an order goes out by rings; nothing of one that does not. */
export function ringText({ id, verb, rollout }: Pick<ActionWithTasks, 'id' | 'verb' | 'rollout'>): readonly TextPart[] {
  if (rollout === null) {
    return [];
  }
  const { state, heldBack, waitsFor, halt } = rollout;
  const head = facts({
    rings: state,
    ...(state !== 'planned' && { 'held back': few(heldBack, 'endpoint') }),
    ...(waitsFor !== null && { 'waits for': waits[waitsFor] }),
    ...(halt !== null && { halted: halt.message, 'you can': commands(id, verb, heldBack).join('; ') }),
  });
  const rows = table(rollout.rings, {
    RING: (row) => row.ring,
    'UP TO': (row) => row.upTo ?? 'all',
    STATE: (row) => row.state,
    ENDPOINTS: (row) => row.size,
    ENDED: (row) => row.ended,
    FILES: (row) => row.files,
    FAILED: (row) => row.failed,
    SILENT: (row) => row.silent,
  });
  return [head, rows];
}

/** What is purged is gone, so only a quarantine can be undone. */
function commands(id: string, verb: ActionWithTasks['verb'], heldBack: number): readonly string[] {
  const undo = verb === 'quarantine' ? [`custody actions undo ${id}`] : [];
  const rest = heldBack > 0 ? [`custody actions cancel ${id}`, `custody actions resume ${id} --reason WHY`] : [];
  return [...undo, ...rest];
}
