import { demandIncident } from '#core/verbs/resolve-incident.ts';
import type { GuardedOperation } from '../../dialect.ts';
import { readJson } from '../json-body.ts';
import { readMalopListRequest } from '../malops/malop-list-request.ts';
import { describeEach } from '../malops/show-malop.ts';
import { showMalopMetadata } from '../malops/show-malop-metadata.ts';
import { showNewerMalop } from '../malops/show-newer-malop.ts';
import { replyJson } from '../reply.ts';

const access = { permission: 'incidents.read', licence: [] } as const;

/** `POST /rest/mmng/v2/malops`: the newer list of MalOps, in the order that was asked for; `offset` counts MalOps. */
export const listMalops: GuardedOperation = {
  method: 'POST',
  paths: ['/rest/mmng/v2/malops'],
  access,
  async run({ request, ports }) {
    const { filter, page, order } = readMalopListRequest(await readJson(request));
    const showing = { policy: ports.policy, now: ports.clock.now() };
    const data = await ports.store.read(
      async (reader) => {
        const { items, total } = await reader.incidents.list(filter, page, order);
        const malops = await describeEach(reader, items, (whole) => showNewerMalop(whole, showing));
        return { data: malops, totalHits: total, offset: page.offset, pageSize: page.limit };
      },
      { search: true },
    );
    return replyJson({ data, status: 'SUCCESS', message: '' });
  },
};

/** `GET /rest/mmng/v2/malops/metadata/{guid}`: how one of them stands. */
export const readMalopMetadata: GuardedOperation = {
  method: 'GET',
  paths: ['/rest/mmng/v2/malops/metadata/:guid'],
  access,
  async run({ ports, parameters }) {
    const incident = await ports.store.read((reader) => demandIncident(reader, parameters['guid'] ?? ''));
    return replyJson({ data: showMalopMetadata(incident, ports), status: 'SUCCESS', message: '' });
  },
};
