import type { ActionConditions } from '#core/verbs/list-actions.ts';
import type { countActions } from './schemas/action.ts';
import type { CheckedInput } from './schemas/contract.ts';

/** What `listActions` and `countActions` can be asked alike. */
export function actionFilterOf(query: CheckedInput<typeof countActions>['query']): ActionConditions {
  const { verb, incidentId, endpointId, principalId, idContains, createdFrom, createdTo, unconfirmed } = query;
  return {
    ...(verb && { verbs: verb }),
    ...(incidentId !== undefined && { incidentId }),
    ...(endpointId !== undefined && { endpointId }),
    ...(principalId !== undefined && { principalId }),
    ...(idContains !== undefined && { idContains }),
    ...(unconfirmed === 'true' && { isUnconfirmed: true }),
    ...(createdFrom !== undefined && { createdFrom: Date.parse(createdFrom) }),
    ...(createdTo !== undefined && { createdTo: Date.parse(createdTo) }),
  };
}
