import { commentOnIncident } from '#core/verbs/comment-on-incident.ts';
import { demandIncident } from '#core/verbs/resolve-incident.ts';
import { type GuardedOperation, readBody } from '../../dialect.ts';
import { showComment } from '../malops/show-malop-details.ts';
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

/** `POST /rest/crimes/get-comments`: the body is a MalOp's GUID, with or without quotes. Oldest first. */
export const listMalopComments: GuardedOperation = {
  method: 'POST',
  paths: ['/rest/crimes/get-comments'],
  access: { permission: 'incidents.read', licence: [] },
  async run({ request, ports }) {
    const named = (await readBody(request, longestBody)).trim().replace(/^"(.*)"$/s, '$1');
    const comments = await ports.store.read(async (reader) => {
      const { id } = await demandIncident(reader, named.slice(0, 200));
      return reader.incidents.comments(id);
    });
    return replyJson(comments.map(showComment));
  },
};
