import { createHash } from 'node:crypto';
import type { Action, Task } from '../action/action.ts';
import type { TaskParameters } from '../action/verb.ts';
import type { Approval } from './approval.ts';

const format = 'custody-approval-1';

export interface ToApprove {
  /** Of a retry, with who asked for it and when. */
  readonly action: Pick<Action, 'id' | 'verb' | 'principal' | 'createdAt'>;
  readonly terms: Pick<Approval, 'expiresAt' | 'lifetime'>;
  readonly tasks: readonly Pick<Task, 'id' | 'endpointId' | 'parameters'>[];
}

/**
 * What an approval is bound to (promise P56): SHA-256, in hex, over lines of JSON, each a list, so that there is one way only to write
 * them. The first names the format, the action, its verb, who ordered it, when, until when it may be approved and for how long it then
 * waits, in milliseconds. One follows for each endpoint, by endpoint id: endpoint, task, and SHA-256 of the parameters as JSON
 * with sorted keys, in which paths are base64. Whatever is added, left out or changed is another digest.
 */
export function approvalDigest({ action, terms, tasks }: ToApprove): string {
  const { id, verb, principal, createdAt } = action;
  const head = [format, id, verb, principal.kind, principal.id, createdAt, terms.expiresAt, terms.lifetime];
  // A fan-out gives all its tasks the same parameters object, so each is written out once.
  const written = new Map<TaskParameters, string>();
  const hash = createHash('sha256').update(`${JSON.stringify(head)}\n`);
  for (const task of tasks.toSorted(byEndpoint)) {
    const parameters = written.get(task.parameters) ?? sha256(JSON.stringify(canonical(task.parameters)));
    written.set(task.parameters, parameters);
    hash.update(`${JSON.stringify([task.endpointId, task.id, parameters])}\n`);
  }
  return hash.digest('hex');
}

type Place = Pick<Task, 'id' | 'endpointId'>;

function byEndpoint(one: Place, other: Place): number {
  const [left, right] = [`${one.endpointId} ${one.id}`, `${other.endpointId} ${other.id}`];
  return Number(left > right) - Number(left < right);
}

function canonical(value: unknown): unknown {
  if (value instanceof Uint8Array) {
    return Buffer.from(value).toString('base64');
  }
  if (Array.isArray(value)) {
    return value.map(canonical);
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  const entries = Object.entries(value).toSorted(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(entries.map(([key, part]) => [key, canonical(part)]));
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
