import type { RestoreFinding } from '../action/restore-finding.ts';
import type { OccupiedPolicy, RestoreObjectsParameters } from '../action/verb.ts';
import type { EndpointId } from '../endpoint/endpoint-id.ts';
import { Fault } from '../fault.ts';
import { type FilePath, filePathSchema } from '../file/file-path.ts';
import type { VaultObjectId } from '../file/vault-object-id.ts';
import { vaultObjectIdSchema } from '../file/vault-object-id.ts';
import type { PlannedObject } from './restore-plan.ts';

export const conflictPolicies = ['fail', 'keep_both', 'swap', 'skip', 'other_path'] as const;

/** What becomes of a file whose place something else has: as `OccupiedPolicy`, it is left in the vault, or it goes elsewhere. */
export type ConflictPolicy = (typeof conflictPolicies)[number];

export const parentPolicies = ['fail', 'skip', 'other_path'] as const;

/** What becomes of a file whose directory is not there, or is another one. */
export type ParentPolicy = (typeof parentPolicies)[number];

export interface PlanPolicies {
  readonly ifOccupied: ConflictPolicy;
  readonly ifParentMissing: ParentPolicy;
  /** A directory of each endpoint, in which files get their own names. */
  readonly otherPath: FilePath | undefined;
}

type OrderedObject = RestoreObjectsParameters['objects'][number];

/** The policy that a finding comes under; null: the file is in nobody's way, or nothing can be decided about it. */
const policyOf: Readonly<Record<RestoreFinding, 'ifOccupied' | 'ifParentMissing' | null>> = {
  free: null,
  occupied_same: null,
  occupied_other: 'ifOccupied',
  parent_missing: 'ifParentMissing',
  parent_changed: 'ifParentMissing',
  volume_gone: 'ifParentMissing',
  denied_by_policy: null,
  damaged: null,
  not_possible: null,
  not_held: null,
};

export interface PlannedOrders {
  readonly byEndpoint: ReadonlyMap<EndpointId, readonly OrderedObject[]>;
  /** How many objects were left out, by `skip`. */
  readonly skipped: number;
}

/**
 * What each endpoint is asked to put back, by a plan and the policies for what stands in the way; pure. Files that an agent says cannot
 * come back are asked for all the same, so that each has an outcome.
 * @throws Fault `invalid_request` for `other_path` without a path
 */
export function plannedOrders(objects: readonly PlannedObject[], policies: PlanPolicies): PlannedOrders {
  if ((policies.ifOccupied === 'other_path' || policies.ifParentMissing === 'other_path') && !policies.otherPath) {
    throw new Fault('invalid_request', 'otherPath: other_path takes a directory of the endpoints.', {
      details: { field: 'otherPath' },
    });
  }
  const decided = objects.flatMap((object) => decide(object, policies));
  const kept = decided.filter((one) => one.decision !== 'skip');
  const grouped = Map.groupBy(kept, ({ object }) => object.endpointId);
  const byEndpoint = new Map([...grouped].map(([id, ones]) => [id, ones.map((one) => orderOf(one, ones, policies))]));
  return { byEndpoint, skipped: decided.length - kept.length };
}

interface Decided {
  readonly object: PlannedObject;
  readonly vaultObject: VaultObjectId;
  readonly decision: ConflictPolicy;
}

function decide(object: PlannedObject, policies: PlanPolicies): readonly Decided[] {
  const policy = policyOf[object.finding];
  const decision = policy === null ? 'fail' : policies[policy];
  const id = vaultObjectIdSchema.safeParse(object.vaultObject);
  return id.success ? [{ object, vaultObject: id.data, decision }] : [];
}

function orderOf(
  { object, vaultObject, decision }: Decided,
  all: readonly Decided[],
  { otherPath }: PlanPolicies,
): OrderedObject {
  if (decision === 'other_path' && otherPath !== undefined) {
    const others = all.filter((one) => one.decision === 'other_path').map((one) => one.object);
    return { vaultObject, to: elsewhere(object, others, otherPath), ifOccupied: 'fail' };
  }
  return { vaultObject, to: destinationOf(object), ifOccupied: isOccupiedPolicy(decision) ? decision : 'fail' };
}

/** A plan for another place than where the file was is carried out there. */
function destinationOf({ details, target }: PlannedObject): FilePath | null {
  return details.originalPath === undefined ? null : target;
}

function isOccupiedPolicy(decision: ConflictPolicy): decision is OccupiedPolicy {
  return decision === 'keep_both' || decision === 'swap' || decision === 'fail';
}

/** Two files of one name would be in each other's way: each then has the beginning of its object's id behind its name. */
function elsewhere(object: PlannedObject, others: readonly PlannedObject[], directory: FilePath): FilePath {
  const slash = 0x2f;
  const separator = directory[0] === slash ? slash : 0x5c;
  const name = nameOf(object.target ?? directory);
  const isShared = others.filter(({ target }) => Buffer.compare(nameOf(target ?? directory), name) === 0).length > 1;
  const suffix = isShared ? Buffer.from(`.${object.vaultObject?.slice(0, 8)}`) : Buffer.alloc(0);
  const between = directory.at(-1) === separator ? [] : [separator];
  return filePathSchema.parse(Uint8Array.from([...directory, ...between, ...name, ...suffix]));
}

function nameOf(path: FilePath): Uint8Array {
  const [slash, backslash] = [0x2f, 0x5c];
  const end =
    path[0] === slash ? path.lastIndexOf(slash) : Math.max(path.lastIndexOf(slash), path.lastIndexOf(backslash));
  return path.subarray(end + 1);
}
