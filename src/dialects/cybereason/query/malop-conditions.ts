import { incidentSeverities, incidentStatuses } from '#core/incident/incident.ts';
import type { IncidentFilter } from '#core/ports/store/incidents.ts';
import { malopStatuses } from '../malop-status.ts';
import { operatorOf } from './element-filter.ts';
import { passes } from './operators.ts';
import type { QueryFilter } from './query-request.ts';

/**
 * What the store can hold against incidents by itself, so that a client that asks for the newest of a year's MalOps does not have all
 * of them read. It may let more through than the filters do, and never less.
 */
export function factsAsked(filters: readonly QueryFilter[]): IncidentFilter {
  const created = between(filters, ['creationTime', 'malopStartTime']);
  const updated = between(filters, ['malopLastUpdateTime']);
  return {
    ...(Number.isFinite(created.from) && { createdFrom: created.from }),
    ...(Number.isFinite(created.to) && { createdTo: created.to }),
    ...(Number.isFinite(updated.from) && { updatedFrom: updated.from }),
    ...(Number.isFinite(updated.to) && { updatedTo: updated.to }),
    ...valuesAsked(filters),
  };
}

function valuesAsked(filters: readonly QueryFilter[]): Pick<IncidentFilter, 'statuses' | 'severities'> {
  const byStatus = filters.filter(({ facetName }) => facetName === 'managementStatus');
  const bySeverity = filters.filter(({ facetName }) => facetName === 'severity');
  const fits = (asked: readonly QueryFilter[], value: string) =>
    asked.every((filter) => passes(operatorOf(filter), [value], filter.values));
  return {
    ...(byStatus.length > 0 && { statuses: incidentStatuses.filter((each) => fits(byStatus, malopStatuses[each])) }),
    ...(bySeverity.length > 0 && {
      severities: incidentSeverities.filter((each) => fits(bySeverity, each.toUpperCase())),
    }),
  };
}

interface Range {
  readonly from: number;
  readonly to: number;
}

/** In whole milliseconds; infinite where nothing is asked. */
function between(filters: readonly QueryFilter[], features: readonly string[]): Range {
  const ranges = filters.filter(({ facetName }) => features.includes(facetName)).map(rangeOf);
  return {
    from: Math.max(Number.NEGATIVE_INFINITY, ...ranges.map(({ from }) => from)),
    to: Math.min(Number.POSITIVE_INFINITY, ...ranges.map(({ to }) => to)),
  };
}

const anything: Range = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY };

/** Of several values one is enough; what is no time the filter itself judges. */
function rangeOf(filter: QueryFilter): Range {
  const values = filter.values.map(Number);
  if (values.some((value) => !Number.isSafeInteger(Math.round(value)))) {
    return anything;
  }
  const [least, greatest] = [Math.floor(Math.min(...values)), Math.ceil(Math.max(...values))];
  switch (operatorOf(filter)) {
    case 'GreaterThan':
    case 'GreaterOrEqualsTo':
      return { from: least, to: anything.to };
    case 'LessThan':
    case 'LessOrEqualsTo':
      return { from: anything.from, to: greatest };
    case 'Between':
      return values.length >= 2 ? { from: least, to: greatest } : anything;
    default:
      return anything;
  }
}
