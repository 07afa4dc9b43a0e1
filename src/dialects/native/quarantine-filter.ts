import type { QuarantineFilter } from '#core/ports/store/quarantine.ts';
import type { CheckedInput } from './schemas/contract.ts';
import type { listQuarantinedHashes } from './schemas/quarantine.ts';

/** What a query about quarantined files asks for. */
export function quarantineFilterOf({
  endpointId,
  sha256,
  state,
  actionId,
  pathContains,
}: Omit<CheckedInput<typeof listQuarantinedHashes>['query'], 'offset' | 'limit'>): QuarantineFilter {
  return {
    ...(endpointId && { endpointIds: endpointId }),
    ...(sha256 && { sha256 }),
    ...(state && { states: state }),
    ...(actionId && { actionIds: actionId }),
    ...(pathContains !== undefined && { pathContains }),
  };
}
