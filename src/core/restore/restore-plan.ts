import { createHash } from 'node:crypto';
import type { Action, FileOutcome, Task } from '../action/action.ts';
import { type ActionStatus, hasEnded, taskStatus } from '../action/action-status.ts';
import { type RestoreFinding, restoreFindings } from '../action/restore-finding.ts';
import type { PlanParameters } from '../action/verb.ts';
import type { EndpointId } from '../endpoint/endpoint-id.ts';
import type { FilePath } from '../file/file-path.ts';
import type { Sha256 } from '../file/hash.ts';
import type { VaultObjectId } from '../file/vault-object-id.ts';
import type { OutcomeReason } from '../outcome.ts';
import type { OutcomeDetails } from '../outcome-details.ts';
import type { Milliseconds } from '../time.ts';

const format = 'custody-restore-plan-1';

/** What one endpoint found of one vault object. */
export interface PlannedObject {
  readonly endpointId: EndpointId;
  /** Null: it holds none. */
  readonly vaultObject: string | null;
  /** Where a restore would put it. */
  readonly target: FilePath | null;
  readonly finding: RestoreFinding;
  readonly reason: OutcomeReason | null;
  readonly message: string;
  readonly details: OutcomeDetails;
}

/** An endpoint that has not said what it would meet. */
export interface Unanswered {
  readonly endpointId: EndpointId;
  readonly status: ActionStatus;
}

export interface RestorePlan {
  readonly action: Action;
  readonly sha256: Sha256;
  /** Of this one alone; null: of every copy. */
  readonly vaultObject: VaultObjectId | null;
  /** By endpoint and object. */
  readonly objects: readonly PlannedObject[];
  readonly counts: Readonly<Record<RestoreFinding, number>>;
  /** Endpoints that are still to answer: away, or busy. */
  readonly waiting: readonly Unanswered[];
  /** Endpoints that ended without an answer: their agents refused, failed, or did not come in time. */
  readonly failed: readonly Unanswered[];
  /** Over just these objects, see `planDigest`. It changes with every further answer. */
  readonly digest: string;
}

interface PlanFacts {
  readonly action: Action;
  readonly asked: Pick<PlanParameters, 'sha256' | 'vaultObject'>;
  readonly tasks: readonly Task[];
  readonly outcomes: readonly FileOutcome[];
}

/** Puts together what the agents have said so far; pure. */
export function restorePlanOf({ action, asked, tasks, outcomes }: PlanFacts, now: Milliseconds): RestorePlan {
  const { sha256, vaultObject } = asked;
  const byTask = Map.groupBy(outcomes, ({ taskId }) => taskId);
  const objects: PlannedObject[] = [];
  const waiting: Unanswered[] = [];
  const failed: Unanswered[] = [];
  for (const task of tasks) {
    const ends = byTask.get(task.id) ?? [];
    const found = ends.flatMap((outcome) => plannedOf(task, outcome));
    objects.push(...found);
    if (found.length < Math.max(ends.length, 1)) {
      const words = ends.map(({ outcome }) => outcome);
      const unanswered = { endpointId: task.endpointId, status: taskStatus(task, words, now) };
      (hasEnded(task, now) ? failed : waiting).push(unanswered);
    }
  }
  const sorted = objects.toSorted(byPlace);
  const digest = planDigest(action, sha256, sorted);
  return { action, sha256, vaultObject, objects: sorted, counts: countsOf(sorted), waiting, failed, digest };
}

function plannedOf({ endpointId }: Task, outcome: FileOutcome): readonly PlannedObject[] {
  const { vaultObject, path: target, reason, message, details } = outcome;
  const { finding } = details;
  return finding === undefined ? [] : [{ endpointId, vaultObject, target, finding, reason, message, details }];
}

function countsOf(objects: readonly PlannedObject[]): RestorePlan['counts'] {
  const found = Map.groupBy(objects, ({ finding }) => finding);
  const counts = restoreFindings.map((finding) => [finding, found.get(finding)?.length ?? 0] as const);
  return Object.fromEntries(counts) as Record<RestoreFinding, number>;
}

function byPlace(one: PlannedObject, other: PlannedObject): number {
  const [left, right] = [`${one.endpointId} ${one.vaultObject}`, `${other.endpointId} ${other.vaultObject}`];
  return Number(left > right) - Number(left < right);
}

/**
 * What a planned restore is bound to (promise P78): SHA-256, in hex, over lines of JSON, each a list. The first names the format, the
 * plan and the hash. One follows for each vault object, by endpoint and object: endpoint, object, the target path as base64, and what the
 * endpoint found there. Whatever is added, left out or found otherwise is another digest.
 */
function planDigest(action: Action, sha256: Sha256, objects: readonly PlannedObject[]): string {
  const hash = createHash('sha256').update(`${JSON.stringify([format, action.id, sha256])}\n`);
  for (const { endpointId, vaultObject, target, finding } of objects) {
    const path = target === null ? null : Buffer.from(target).toString('base64');
    hash.update(`${JSON.stringify([endpointId, vaultObject, path, finding])}\n`);
  }
  return hash.digest('hex');
}
