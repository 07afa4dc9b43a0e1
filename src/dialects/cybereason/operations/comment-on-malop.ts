import { Fault } from '#core/fault.ts';
import { commentOnIncident } from '#core/verbs/comment-on-incident.ts';
import { demandIncident } from '#core/verbs/resolve-incident.ts';
import { type GuardedOperation, readBody } from '../../dialect.ts';
import { showComment } from '../malops/show-comment.ts';
import { replyJson, replyWrapped } from '../reply.ts';

const longestBody = 256 * 1_024;

/** `POST /rest/crimes/comment/{guid}`: the body is the comment, as it stands, whatever its content type says. */
export const commentOnMalop: GuardedOperation = {
  method: 'POST',
  paths: ['/rest/crimes/comment/:guid'],
  access: { permission: 'incidents.manage', licence: [] },
  async run({ request, ports, principal, parameters }) {
    const text = await readBody(request, longestBody);
    await commentOnIncident(ports, principal, { incident: parameters['guid'] ?? '', text });
    return replyWrapped({ data: true, status: 'SUCCESS', message: '' });
  },
};

const mostComments = 1_000;

/**
 * `POST /rest/crimes/get-comments`: the body is a MalOp's GUID, with or without quotes. The newest thousand, the oldest of them
 * first.
 */
export const listMalopComments: GuardedOperation = {
  method: 'POST',
  paths: ['/rest/crimes/get-comments'],
  access: { permission: 'incidents.read', licence: [] },
  async run({ request, ports }) {
    const named = (await readBody(request, longestBody)).trim().replace(/^"(.*)"$/s, '$1');
    if (named === '') {
      throw new Fault('invalid_request', 'The body must be the GUID of a MalOp.', { details: { field: 'body' } });
    }
    const comments = await ports.store.read(async (reader) => {
      const { id } = await demandIncident(reader, named.slice(0, 200));
      return (await reader.incidents.lastComments([id], mostComments)).get(id)?.items ?? [];
    });
    return replyJson(comments.map(showComment));
  },
};
