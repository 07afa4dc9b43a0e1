import { displayPath } from '#core/file/file-path.ts';
import { machineGuid } from '#core/file/guid.ts';
import type { Ports } from '#core/ports/ports.ts';
import { abortRemediation } from '#core/verbs/abort-remediation.ts';
import { followRemediation, remediationsOf } from '#core/verbs/follow-remediation.ts';
import { possibleRemediations } from '#core/verbs/possible-remediations.ts';
import { remediate } from '#core/verbs/remediate.ts';
import type { AskedRow } from '#core/verbs/remediation-targets.ts';
import { demandIncident } from '#core/verbs/resolve-incident.ts';
import { undoRemediation } from '#core/verbs/undo-remediation.ts';
import type { GuardedCall } from '../../dialect.ts';
import { demandReason } from '../demand-reason.ts';
import { originOf } from '../new-action.ts';
import { guarded, type NativeOperation } from '../operation.ts';
import type { CheckedInput } from '../schemas/contract.ts';
import {
  abortRemediation as abortContract,
  findRemedies,
  listRemediations,
  readRemediation,
  remediate as remediateContract,
  undoRemediation as undoContract,
} from '../schemas/remediation.ts';
import { showRemediation } from '../show-remediation.ts';
import { showUndone } from '../show-undone-remediation.ts';

const reading = { permission: 'actions.read', licence: [] } as const;

/** Many things about many files at once. What each row needs, the use case demands. */
export const remediationOperations: readonly NativeOperation[] = [
  guarded(
    findRemedies,
    { permission: 'incidents.read', licence: [] },
    async ({ parameters: { incident: named } }, { ports }) => {
      const incident = await ports.store.read((reader) => demandIncident(reader, named));
      const possible = await possibleRemediations(ports, [incident.id]);
      return {
        items: possible.map(({ remedy, target, file: { endpoint, path, sha256 } }) => ({
          ...{ remedy, target, sha256, endpointId: endpoint.id, hostName: endpoint.hostName },
          path: displayPath(path),
        })),
      };
    },
  ),
  guarded(remediateContract, { permission: 'files.quarantine', licence: [] }, async ({ body }, call) => {
    if (body.rows.some(({ remedy }) => remedy === 'quarantine')) {
      demandReason(call.ports.policy, body.reason);
    }
    const rows = await rowsOf(call, body.rows);
    const { id } = await remediate(call.ports, { origin: originOf(call, body), rows });
    return showOne(call.ports, id);
  }),
  guarded(listRemediations, reading, async ({ query }, { ports }) => {
    const followed = await remediationsOf(ports, query.incidentId);
    const now = ports.clock.now();
    return { items: followed.map((each) => showRemediation(each, now)) };
  }),
  guarded(readRemediation, reading, async ({ parameters: { remediationId } }, { ports }) =>
    showOne(ports, remediationId),
  ),
  guarded(
    abortContract,
    { permission: 'actions.cancel', licence: [] },
    async ({ parameters: { remediationId } }, { ports, principal }) => {
      await abortRemediation(ports, principal, remediationId);
      return showOne(ports, remediationId);
    },
  ),
  guarded(
    undoContract,
    { permission: 'files.restore', licence: [] },
    async ({ parameters: { remediationId: named }, body: { ifOccupied, allow, reason } }, call) => {
      const origin = originOf(call, { reason });
      return showUndone(await undoRemediation(call.ports, { origin, named, ifOccupied, allow }));
    },
  ),
];

async function showOne(ports: Pick<Ports, 'store' | 'clock'>, named: string) {
  return showRemediation(await followRemediation(ports, named), ports.clock.now());
}

/** An endpoint that is not enrolled keeps its id, and its row fails by itself. */
async function rowsOf(
  { ports }: Pick<GuardedCall, 'ports'>,
  asked: CheckedInput<typeof remediateContract>['body']['rows'],
): Promise<readonly AskedRow[]> {
  const ids = [...new Set(asked.map(({ endpointId }) => endpointId))];
  const known = await ports.store.read(({ endpoints }) => endpoints.byIds(ids));
  const machines = new Map<string, string>(known.map(({ id, number }) => [id, machineGuid(number)]));
  return asked.map(({ remedy, endpointId, target = null }) => ({
    ...{ remedy, target, actionType: remedy },
    machine: machines.get(endpointId) ?? endpointId,
  }));
}
