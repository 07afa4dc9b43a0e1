import type { ActionId } from '../action/action-id.ts';
import { attemptsOf, lastAttempt, standingOutcomes } from '../action/attempts.ts';
import { Fault } from '../fault.ts';
import type { QuarantineState } from '../file/quarantine-record.ts';
import type { KnownApproval } from '../guard/approval.ts';
import type { Clock } from '../ports/clock.ts';
import type { Ports } from '../ports/ports.ts';
import type { TakenObject } from '../ports/store/quarantine.ts';
import type { Reader } from '../ports/store/store.ts';
import { parseRemediationId, type Remediation, type RemediationId } from '../remediation/remediation.ts';
import { type RemediationLog, remediationLog } from '../remediation/remediation-log.ts';
import { type Milliseconds, second } from '../time.ts';
import { incidentNamed } from './name-incident.ts';

/** A remediation with what has happened to its rows up to now. */
export interface FollowedRemediation {
  readonly remediation: Remediation;
  readonly log: RemediationLog;
  /** Of those of its actions that wait, or waited, for a second person. */
  readonly approvals: ReadonlyMap<ActionId, KnownApproval>;
  /** How many of the files that its actions took stand how now, whoever restored or purged them; of actions that took one. */
  readonly taken: ReadonlyMap<ActionId, TakenCounts>;
}

export type TakenCounts = Readonly<Record<QuarantineState, number>>;

/** Of one incident, the newest. */
const mostListed = 50;

/** A client that asks once, at once, is to learn how it ended where agents are quick. */
const patience = 4 * second;
const pauses: readonly Milliseconds[] = [100, 200, 300];

/** @throws Fault `not_found` */
export async function followRemediation(
  ports: Pick<Ports, 'store' | 'clock'>,
  named: string,
): Promise<FollowedRemediation> {
  const id = demandId(named);
  return ports.store.read(async (reader) => {
    const remediation = await demandRemediation(reader, id);
    return (await follow(reader, [remediation], ports.clock.now()))[0] ?? notFound(named);
  });
}

/**
 * As `followRemediation`, but answers only when every row has ended, or after 4 seconds. Looks a few times a second.
 * @param gone tells that nobody waits any more.
 */
export async function awaitRemediation(
  ports: Pick<Ports, 'store' | 'clock'>,
  named: string,
  gone: AbortSignal,
): Promise<FollowedRemediation> {
  const until = ports.clock.monotonic() + patience;
  for (let turn = 0; ; turn += 1) {
    const followed = await followRemediation(ports, named);
    const pause = pauses[Math.min(turn, pauses.length - 1)] ?? patience;
    if (followed.log.endedAt !== null || gone.aborted || ports.clock.monotonic() + pause > until) {
      return followed;
    }
    await sleep(ports.clock, pause);
  }
}

function sleep(clock: Clock, pause: Milliseconds): Promise<void> {
  return new Promise((resolve) => {
    clock.schedule(pause, resolve);
  });
}

/** Of one incident, by any of its names, or of none (undefined): the newest fifty, newest first. */
export function remediationsOf(
  ports: Pick<Ports, 'store' | 'clock'>,
  incident: string | undefined,
): Promise<readonly FollowedRemediation[]> {
  return ports.store.read(async (reader) => {
    const { name } = await incidentNamed(reader, incident);
    const { items } = await reader.remediations.list(name, { offset: 0, limit: mostListed });
    return follow(reader, items, ports.clock.now());
  });
}

/** @throws Fault `not_found` */
export async function demandRemediation(
  { remediations }: Pick<Reader, 'remediations'>,
  id: RemediationId,
): Promise<Remediation> {
  return (await remediations.byId(id)) ?? notFound(id);
}

/** @throws Fault `not_found` for what can be no id. */
export function demandId(named: string): RemediationId {
  return parseRemediationId(named) ?? notFound(named);
}

function notFound(named: string): never {
  throw new Fault('not_found', `There is no remediation ${named.slice(0, 60)}.`, { details: { what: 'remediation' } });
}

/** In a few questions to the store, whatever the number of rows. */
async function follow(
  { tasks, outcomes, approvals, quarantine }: Pick<Reader, 'tasks' | 'outcomes' | 'approvals' | 'quarantine'>,
  remediations: readonly Remediation[],
  now: Milliseconds,
): Promise<readonly FollowedRemediation[]> {
  const ids = [...new Set(remediations.flatMap(({ rows }) => rows.flatMap(({ result }) => actionOf(result))))];
  const places = attemptsOf(await tasks.byActions(ids), await outcomes.byActions(ids));
  const followed = new Map(
    places.map((attempts) => {
      const { task } = lastAttempt(attempts);
      return [task.actionId, { task, outcomes: standingOutcomes(attempts) }];
    }),
  );
  const held = new Map((await approvals.byActions(ids)).map((approval) => [approval.actionId, approval]));
  const objects = Map.groupBy(await quarantine.takenBy({ actionIds: ids }), ({ actionId }) => actionId);
  const taken = new Map([...objects].map(([actionId, some]) => [actionId, countStates(some)]));
  return remediations.map((remediation) => ({
    ...{ remediation, taken },
    log: remediationLog(remediation, followed, now),
    approvals: held,
  }));
}

function countStates(objects: readonly TakenObject[]): TakenCounts {
  const count = (wanted: QuarantineState) => objects.filter(({ state }) => state === wanted).length;
  return { held: count('held'), restored: count('restored'), purged: count('purged'), lost: count('lost') };
}

export function actionOf(result: Remediation['rows'][number]['result']) {
  return result.kind === 'ordered' ? [result.actionId] : [];
}
