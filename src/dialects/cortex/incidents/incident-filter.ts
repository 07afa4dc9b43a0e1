import { incidentStatuses } from '#core/incident/incident.ts';
import { type IncidentId, isIncidentId } from '#core/incident/incident-id.ts';
import type { IncidentFilter } from '#core/ports/store/incidents.ts';
import { type Condition, demandOperator, texts, textValues } from '../filters.ts';
import { wrongField } from '../read-fields.ts';
import { period } from '../time-range.ts';
import { inBoth } from '../words-asked.ts';
import { readStatusWord, statusesOf, statusWords } from './incident-statuses.ts';

type Narrow = (filter: IncidentFilter, condition: Condition) => IncidentFilter;

const narrowings: ReadonlyMap<string, Narrow> = new Map<string, Narrow>([
  ['modification_time', narrowUpdate],
  ['creation_time', narrowCreation],
  ['incident_id_list', narrowIds],
  ['incident_id', narrowIds],
  ['description', narrowDescription],
  [
    'alert_sources',
    (filter, condition) => ({ ...filter, alertSources: both(filter.alertSources, textValues(condition)) }),
  ],
  ['status', narrowStatus],
  ['starred', narrowStar],
]);

/**
 * What the conditions, all together, leave.
 * @throws Fault `invalid_request` for a field, an operator or a value that cannot be answered.
 */
export function incidentFilter(conditions: readonly Condition[]): IncidentFilter {
  let filter: IncidentFilter = {};
  for (const condition of conditions) {
    const narrow = narrowings.get(condition.field);
    if (narrow === undefined) {
      const known = [...narrowings.keys()].join(', ');
      throw wrongField('filters', `the field ${condition.field} is not supported here; use ${known}`);
    }
    filter = narrow(filter, condition);
  }
  return filter;
}

function narrowUpdate(filter: IncidentFilter, condition: Condition): IncidentFilter {
  const { from, to } = period(condition, { from: filter.updatedFrom, to: filter.updatedTo });
  return { ...filter, ...(from !== undefined && { updatedFrom: from }), ...(to !== undefined && { updatedTo: to }) };
}

function narrowCreation(filter: IncidentFilter, condition: Condition): IncidentFilter {
  const { from, to } = period(condition, { from: filter.createdFrom, to: filter.createdTo });
  return { ...filter, ...(from !== undefined && { createdFrom: from }), ...(to !== undefined && { createdTo: to }) };
}

function narrowIds(filter: IncidentFilter, condition: Condition): IncidentFilter {
  demandOperator(condition, ['in', 'eq']);
  return { ...filter, ids: inBoth(filter.ids, idsOf(condition)) };
}

/** Numbers and digits; what can be no id is the id of nothing. */
function idsOf({ field, values }: Condition): readonly IncidentId[] {
  return values.flatMap((value) => {
    if (typeof value !== 'string' && typeof value !== 'number') {
      throw wrongField(field, 'must be numbers or strings of digits');
    }
    const id = String(value).trim();
    return isIncidentId(id) ? [id] : [];
  });
}

function narrowDescription(filter: IncidentFilter, condition: Condition): IncidentFilter {
  if (condition.operator !== 'contains') {
    return { ...filter, descriptions: both(filter.descriptions, textValues(condition)) };
  }
  if (filter.descriptionContains !== undefined) {
    throw wrongField(condition.field, 'the operator contains is supported once in a request');
  }
  return { ...filter, descriptionContains: texts(condition) };
}

function narrowStatus(filter: IncidentFilter, condition: Condition): IncidentFilter {
  demandOperator(condition, ['eq', 'neq', 'in']);
  const named = texts(condition).flatMap((text) => {
    const word = readStatusWord(text);
    if (word === undefined) {
      throw wrongField(condition.field, `must be one of ${statusWords.join(', ')}`);
    }
    return statusesOf(word);
  });
  const meant = condition.operator === 'neq' ? incidentStatuses.filter((status) => !named.includes(status)) : named;
  return { ...filter, statuses: inBoth(filter.statuses, meant) };
}

function narrowStar(filter: IncidentFilter, condition: Condition): IncidentFilter {
  demandOperator(condition, ['eq', 'neq', 'in']);
  const [value, ...others] = condition.values.map((given) => String(given).toLowerCase());
  if ((value !== 'true' && value !== 'false') || others.length > 0) {
    throw wrongField(condition.field, 'must be true or false');
  }
  const starred = (value === 'true') === (condition.operator !== 'neq');
  const opposed = filter.starred !== undefined && filter.starred !== starred;
  return { ...filter, starred, ...(opposed && { ids: [] }) };
}

function both(before: readonly string[] | undefined, now: readonly string[]): readonly string[] {
  return before === undefined ? now : now.filter((value) => before.includes(value));
}
