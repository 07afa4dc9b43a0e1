import type { GuardedOperation } from '../../dialect.ts';
import { replyJson } from '../reply.ts';
import { onlyList, reputationService } from '../reputation-list.ts';

/** `GET .../entity/lists/default`: the id of the list, as a JSON text; clients put it into the paths of the other calls. */
export const findReputationList: GuardedOperation = {
  method: 'GET',
  paths: [`${reputationService}/entity/lists/default`],
  access: { permission: 'lists.read', licence: [] },
  run: async () => replyJson(onlyList),
};
