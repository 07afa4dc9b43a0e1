import { presenceOf } from '#core/endpoint/presence.ts';
import { fileName } from '#core/file/file-path.ts';
import { machineGuid } from '#core/file/guid.ts';
import type { Incident } from '#core/incident/incident.ts';
import type { Policy } from '#core/ports/policy.ts';
import type { Milliseconds } from '#core/time.ts';
import type { PossibleRemediation } from '#core/verbs/possible-remediations.ts';
import { spellGuid } from '../spell-guid.ts';
import { actionTypes } from './action-types.ts';

export type MalopType = 'MalopProcess' | 'MalopDetectionEvents';

export interface CustomActionContext {
  readonly policy: Pick<Policy, 'cybereason'>;
  readonly incident: Incident;
  /** As the request names it. */
  readonly malopType: MalopType;
  readonly now: Milliseconds;
}

/** One thing that can be done, as clients show it and send it back. */
export function customAction({ remedy, file, target }: PossibleRemediation, context: CustomActionContext): object {
  const { policy, incident, malopType, now } = context;
  const { endpoint, path, record, sha256 } = file;
  const remediationType = actionTypes[remedy];
  const targetId = spellGuid(policy, target);
  return {
    uniqueId: `${remediationType}::${targetId}`,
    remediationType,
    // The MD5 is what the vendor blocks by; of a file that no agent has reported, nobody knows it.
    targetName: remedy === 'block' ? (record?.md5 ?? sha256 ?? '') : fileName(path),
    targetId,
    machineName: endpoint.hostName,
    machineId: spellGuid(policy, machineGuid(endpoint.number)),
    machinesCount: 1,
    malopId: spellGuid(policy, incident.guid),
    malopType,
    metaData: null,
    machineConnected: presenceOf(endpoint, now) === 'connected',
  };
}
