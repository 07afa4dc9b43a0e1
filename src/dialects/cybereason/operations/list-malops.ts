import { demandIncident } from '#core/verbs/resolve-incident.ts';
import type { GuardedOperation } from '../../dialect.ts';
import { readJson } from '../json-body.ts';
import { readMalopListRequest } from '../malops/malop-list-request.ts';
import { describeIncidents, showMalop } from '../malops/show-malop.ts';
import { replyJson } from '../reply.ts';

const access = { permission: 'incidents.read', licence: [] } as const;

/** `POST /rest/mmng/v2/malops`: the newer list of MalOps, newest first; `offset` counts MalOps. */
export const listMalops: GuardedOperation = {
  method: 'POST',
  paths: ['/rest/mmng/v2/malops'],
  access,
  async run({ request, ports }) {
    const { filter, page } = readMalopListRequest(await readJson(request));
    const { total, shown } = await ports.store.read(async (reader) => {
      const listing = await reader.incidents.list(filter, page);
      return { total: listing.total, shown: await describeIncidents(reader, listing.items) };
    });
    const showing = { policy: ports.policy, now: ports.clock.now() };
    const data = shown.map((whole) => showMalop(whole, showing));
    return replyJson({
      data: { data, totalHits: total, offset: page.offset, pageSize: page.limit },
      status: 'SUCCESS',
      message: '',
    });
  },
};

/** `GET /rest/mmng/v2/malops/metadata/{guid}`: one of them. */
export const showMalopMetadata: GuardedOperation = {
  method: 'GET',
  paths: ['/rest/mmng/v2/malops/metadata/:guid'],
  access,
  async run({ ports, parameters }) {
    const [whole] = await ports.store.read(async (reader) =>
      describeIncidents(reader, [await demandIncident(reader, parameters['guid'] ?? '')]),
    );
    const showing = { policy: ports.policy, now: ports.clock.now() };
    return replyJson({ data: whole === undefined ? null : showMalop(whole, showing), status: 'SUCCESS', message: '' });
  },
};
