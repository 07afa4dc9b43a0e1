import type { GuardedOperation } from '../../dialect.ts';
import { readJson } from '../json-body.ts';
import { answerQuery } from '../query/answer-query.ts';
import { readQuery } from '../query/query-request.ts';
import { replyWrapped } from '../reply.ts';

/** `POST /rest/visualsearch/query/simple`: File and Machine elements; other types have no elements here yet. */
export const runQuery: GuardedOperation = {
  method: 'POST',
  paths: ['/rest/visualsearch/query/simple'],
  access: { permission: 'files.read', licence: [] },
  async run({ request, ports }) {
    const query = readQuery(await readJson(request));
    return replyWrapped({ data: await answerQuery(ports, query), status: 'SUCCESS', message: '' });
  },
};
