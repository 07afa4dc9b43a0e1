import type { GuardedOperation } from '../../dialect.ts';
import { readJson } from '../json-body.ts';
import { answerQuery } from '../query/answer-query.ts';
import { readQuery } from '../query/query-request.ts';
import { replyWrapped } from '../reply.ts';

/**
 * `POST /rest/visualsearch/query/simple`: elements of the types that Custody has, alone or along a chain; other types of the vendor's
 * have no elements here.
 */
export const runQuery: GuardedOperation = {
  method: 'POST',
  paths: ['/rest/visualsearch/query/simple'],
  access: { permission: 'files.read', licence: [] },
  async run({ request, ports }) {
    const query = readQuery({
      body: await readJson(request),
      address: new URL(request.url).searchParams,
      token: request.headers.get('pagination-token'),
    });
    return replyWrapped({ data: await answerQuery(ports, query), status: 'SUCCESS', message: '' });
  },
};
