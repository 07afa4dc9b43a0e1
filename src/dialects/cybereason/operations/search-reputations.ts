import type { GuardedOperation } from '../../dialect.ts';
import { readJson } from '../json-body.ts';
import { replyJson } from '../reply.ts';
import { demandOnlyList, readPagination, reputationService, showListedReputation } from '../reputation-list.ts';

/** `POST .../lists/{id}/reputations/search`: what is in force, newest first, a page at a time; a short page is the last. */
export const searchReputations: GuardedOperation = {
  method: 'POST',
  paths: [`${reputationService}/lists/:list/reputations/search`],
  access: { permission: 'lists.read', licence: [] },
  async run({ request, ports, parameters }) {
    demandOnlyList(parameters['list']);
    const { page, size } = readPagination(await readJson(request));
    const at = ports.clock.now();
    const { items, total } = await ports.store.read(
      ({ hashLists }) => hashLists.list({ at }, { offset: page * size, limit: size }),
      { search: true },
    );
    return replyJson({ reputations: items.map(showListedReputation), totalResults: total });
  },
};
