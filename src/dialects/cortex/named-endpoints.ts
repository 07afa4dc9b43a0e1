import { type EndpointId, isEndpointId } from '#core/endpoint/endpoint-id.ts';
import { type Condition, textValues } from './filters.ts';
import { wrongField } from './read-fields.ts';

/**
 * The endpoints that an action's `filters` name, in their order, each once. Texts that can be no endpoint's id are
 * left out, as unknown endpoints are.
 * @throws Fault `invalid_request` when the filters name none, or say anything but `endpoint_id_list`.
 */
export function namedEndpoints(filters: readonly Condition[]): readonly EndpointId[] {
  const [first, ...others] = filters.map((condition) => new Set(endpointIds(condition)));
  if (first === undefined) {
    throw wrongField('filters', 'must name endpoints by endpoint_id_list');
  }
  return [...first].filter((id) => others.every((ids) => ids.has(id)));
}

/** The ids of an `endpoint_id_list`; clients copy them in either case. */
export function endpointIds(condition: Condition): readonly EndpointId[] {
  if (condition.field !== 'endpoint_id_list') {
    throw wrongField('filters', `the field ${condition.field} is not supported here; use endpoint_id_list`);
  }
  const asked = textValues(condition).map((text) => text.toLowerCase());
  return [...new Set(asked)].filter(isEndpointId);
}
