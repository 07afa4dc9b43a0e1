import type { SearchPattern } from '#core/action/verb.ts';
import { parsePath } from '#core/file/file-path.ts';
import { startSearch } from '#core/verbs/start-search.ts';
import { originOf, showStarted } from '../new-action.ts';
import { guarded } from '../operation.ts';
import type { CheckedInput } from '../schemas/contract.ts';
import { startSearch as contract } from '../schemas/order.ts';

export const startSearchOperation = guarded(
  contract,
  { permission: 'files.search', licence: [] },
  async ({ body }, call) => {
    const { endpointIds, live, under, limit } = body;
    const action = await startSearch(call.ports, {
      origin: originOf(call, body),
      endpointIds,
      pattern: asOrdered(body.pattern),
      live,
      under: under === undefined ? undefined : parsePath(under),
      limit,
    });
    return showStarted(call, action);
  },
);

function asOrdered(pattern: CheckedInput<typeof contract>['body']['pattern']): SearchPattern {
  return pattern.by === 'path' ? { by: pattern.by, path: parsePath(pattern.path) } : pattern;
}
