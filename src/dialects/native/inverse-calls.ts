import type { z } from 'zod';
import type { Action, FileOutcome } from '#core/action/action.ts';
import type { Verb } from '#core/action/verb.ts';
import type { DescribedAction, DescribedTask } from '#core/verbs/describe-action.ts';
import { quarantineFile, undoAction } from './schemas/order.ts';
import type { inverse } from './schemas/stop.ts';
import { deleteEvidence } from './schemas/stored-evidence.ts';

type Inverse = z.input<typeof inverse>;
type Call = Inverse['calls'][number];

/** A file to which the order was done, with its task. */
interface DoneFile {
  readonly task: DescribedTask['task'];
  readonly file: FileOutcome;
}

/** Named at once at most; who has made them asks for the rest. */
const mostCalls = 1_000;

const messages: Readonly<Record<Verb, string | null>> = {
  quarantine: 'This puts back whatever it took, on every endpoint.',
  restore: 'These take what was restored into the vaults again.',
  restore_objects: 'These take what was restored into the vaults again.',
  fetch: 'The bytes are on this server. These delete them for good, whoever else fetched them.',
  logs: 'The logs are on this server. These delete them for good.',
  purge: 'What was deleted from the vaults is gone for good: nothing takes that back.',
  undo: 'These take what was put back into the vaults again.',
  plan: null,
  search: null,
  scan: null,
};

/**
 * What takes back what was done by an action that somebody asked to stop, ready to be sent. Null where nobody asked, and where
 * nothing was done that could be taken back.
 */
export function inverseOf({ action, tasks }: DescribedAction): Inverse | null {
  const done = tasks
    .filter(({ stop }) => stop !== null)
    .flatMap(({ task, outcomes }) =>
      outcomes.flatMap((file): DoneFile[] => (file.outcome === 'done' ? [{ task, file }] : [])),
    );
  const message = messages[action.verb];
  if (done.length === 0 || message === null) {
    return null;
  }
  const calls = callsOf(action, done);
  return { message, calls: calls.slice(0, mostCalls), left: Math.max(0, calls.length - mostCalls) };
}

function callsOf(action: Action, done: readonly DoneFile[]): readonly Call[] {
  switch (action.verb) {
    case 'quarantine':
      return [callTo(undoAction, {}, { '{actionId}': action.id })];
    case 'restore':
    case 'restore_objects':
    case 'undo':
      return takeAgain(done);
    case 'fetch':
    case 'logs':
      return deletions(action, done);
    case 'purge':
    case 'plan':
    case 'search':
    case 'scan':
      return [];
  }
}

/** One call for all endpoints that have the same file back at the same path. */
function takeAgain(done: readonly DoneFile[]): readonly Call[] {
  const named = done.filter(({ file }) => file.sha256 !== null && file.path !== null);
  const alike = Map.groupBy(named, ({ file }) => `${file.sha256} ${file.displayPath}`);
  return [...alike.values()].map((group) => {
    const endpointIds = [...new Set(group.map(({ task }) => task.endpointId))];
    return callTo(quarantineFile, { endpointIds, path: group[0]?.file.displayPath, sha256: group[0]?.file.sha256 });
  });
}

function deletions({ id }: Action, done: readonly DoneFile[]): readonly Call[] {
  const hashes = [...new Set(done.flatMap(({ file }) => file.sha256 ?? []))];
  const reason = `The action ${id} was to be stopped.`;
  return hashes.map((sha256) => callTo(deleteEvidence, { reason }, { '{sha256}': sha256 }));
}

type Inverting = typeof undoAction | typeof quarantineFile | typeof deleteEvidence;

/** @param named what stands in the path for whom, braces and all. */
function callTo(
  { name, method, path }: Pick<Inverting, 'name' | 'method' | 'path'>,
  body: Record<string, unknown>,
  named: Readonly<Record<string, string>> = {},
): Call {
  return { operation: name, method, path: path.replaceAll(/\{\w+\}/g, (brace) => named[brace] ?? brace), body };
}
