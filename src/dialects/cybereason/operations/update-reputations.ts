import { changeHashLists } from '#core/verbs/change-hash-lists.ts';
import type { GuardedOperation } from '../../dialect.ts';
import { readJson } from '../json-body.ts';
import { replyJson } from '../reply.ts';
import { readReputationChanges } from '../reputation-changes.ts';

/**
 * `POST /rest/classification/update`: blocks, allows and forgets hashes, all of the request or nothing. Every refusal has a
 * status beyond 399, because a client looks at nothing else.
 */
export const updateReputations: GuardedOperation = {
  method: 'POST',
  paths: ['/rest/classification/update'],
  access: { permission: 'lists.manage', licence: [] },
  async run({ request, ports, principal }) {
    const changes = readReputationChanges(await readJson(request));
    await changeHashLists(ports, { origin: { principal, dialect: 'cybereason' }, changes });
    return replyJson({ outcome: 'success', data: true });
  },
};
