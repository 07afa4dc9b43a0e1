import { z } from 'zod';
import { checkShape } from '#core/check-shape.ts';
import { Fault } from '#core/fault.ts';
import { parseGuid } from '#core/file/guid.ts';
import type { Incident } from '#core/incident/incident.ts';
import type { Ports } from '#core/ports/ports.ts';
import { possibleRemediations } from '#core/verbs/possible-remediations.ts';
import type { GuardedOperation } from '../../dialect.ts';
import { readJson } from '../json-body.ts';
import { customAction, type MalopType } from '../remediation/custom-action.ts';
import { replyJson } from '../reply.ts';

const mostMalops = 100;

const malops = z
  .array(z.union([z.string().max(256), z.number().transform(String)]))
  .max(mostMalops)
  .nullish()
  .transform((given) => (given ?? []).map((text) => parseGuid(text.trim())).filter((guid) => guid !== undefined));

const bodySchema = z.object({ detectionEventMalopGuids: malops, processMalopGuids: malops });

/**
 * `POST /rest/detection/custom-remediation`: what can be done about the files of MalOps and the programs of their processes. A
 * MalOp that is not known has nothing.
 */
export const customRemediation: GuardedOperation = {
  method: 'POST',
  paths: ['/rest/detection/custom-remediation'],
  access: { permission: 'incidents.read', licence: [] },
  async run({ request, ports }) {
    const checked = checkShape(bodySchema, await readJson(request));
    if (!checked.success) {
      const message = `The body must be an object with processMalopGuids and detectionEventMalopGuids, each a list of at most ${mostMalops} GUIDs of MalOps.`;
      throw new Fault('invalid_request', message, { details: { field: 'processMalopGuids' } });
    }
    const { detectionEventMalopGuids, processMalopGuids } = checked.data;
    const types = new Map<string, MalopType>([
      ...detectionEventMalopGuids.map((guid) => [guid, 'MalopDetectionEvents'] as const),
      ...processMalopGuids.map((guid) => [guid, 'MalopProcess'] as const),
    ]);
    const guids = [...new Set([...processMalopGuids, ...detectionEventMalopGuids])];
    const { items } = await ports.store.read(({ incidents }) =>
      incidents.list({ guids }, { offset: 0, limit: guids.length }),
    );
    return replyJson({ data: await actionsFor(ports, items, types), status: 'SUCCESS', errorMessage: '' });
  },
};

async function actionsFor(
  ports: Ports,
  incidents: readonly Incident[],
  types: ReadonlyMap<string, MalopType>,
): Promise<readonly object[]> {
  const byId = new Map(incidents.map((incident) => [incident.id, incident]));
  const possible = await possibleRemediations(ports, [...byId.keys()]);
  const { policy, clock } = ports;
  return possible.flatMap((each) => {
    const incident = byId.get(each.file.incidentId);
    const malopType = types.get(incident?.guid ?? '') ?? 'MalopProcess';
    return incident === undefined ? [] : [customAction(each, { policy, incident, malopType, now: clock.now() })];
  });
}
