import type { GuardedOperation } from '../../dialect.ts';
import { readJson } from '../json-body.ts';
import { answerQuery } from '../query/answer-query.ts';
import { readQuery } from '../query/query-request.ts';
import { replyWrapped } from '../reply.ts';

/** `POST /rest/crimes/unified`: a query for MalOps; those of log-on sessions are always none. */
export const queryMalops: GuardedOperation = {
  method: 'POST',
  paths: ['/rest/crimes/unified'],
  access: { permission: 'incidents.read', licence: [] },
  async run({ request, ports }) {
    const source = {
      body: await readJson(request),
      address: new URL(request.url).searchParams,
      token: request.headers.get('pagination-token'),
    };
    // The call lists MalOps, and those who list all of them send an empty list of GUIDs, as they do beside filters.
    const query = readQuery(source, { emptyGuidList: 'everything' });
    return replyWrapped({ data: await answerQuery(ports, query), status: 'SUCCESS', message: '' });
  },
};
