import { type AlertSeverity, alertSeverities, isAlertId } from '#core/incident/alert.ts';
import { isIncidentId } from '#core/incident/incident-id.ts';
import type { AlertFilter } from '#core/ports/store/alerts.ts';
import { type Condition, demandOperator, texts, textValues } from '../filters.ts';
import { wrongField } from '../read-fields.ts';
import { period } from '../time-range.ts';
import { inBoth } from '../words-asked.ts';
import { shownSeverity } from './alert-severity.ts';

type Narrow = (filter: AlertFilter, condition: Condition) => AlertFilter;

const narrowings: ReadonlyMap<string, Narrow> = new Map<string, Narrow>([
  ['alert_id_list', narrowIds],
  ['alert_id', narrowIds],
  ['incident_id_list', narrowIncidents],
  ['alert_source', narrowSources],
  ['alert_source_list', narrowSources],
  ['severity', narrowSeverities],
  ['external_id_list', narrowExternalIds],
  ['creation_time', narrowDetection],
  ['server_creation_time', narrowReceipt],
]);

/**
 * What the conditions, all together, leave.
 * @throws Fault `invalid_request` for a field, an operator or a value that cannot be answered.
 */
export function alertFilter(conditions: readonly Condition[]): AlertFilter {
  let filter: AlertFilter = {};
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

function narrowIds(filter: AlertFilter, condition: Condition): AlertFilter {
  return { ...filter, ids: inBoth(filter.ids, idTexts(condition).filter(isAlertId)) };
}

function narrowIncidents(filter: AlertFilter, condition: Condition): AlertFilter {
  return { ...filter, incidentIds: inBoth(filter.incidentIds, idTexts(condition).filter(isIncidentId)) };
}

/** Numbers and digits; what can be no id is the id of nothing. */
function idTexts(condition: Condition): readonly string[] {
  demandOperator(condition, ['in', 'eq']);
  return condition.values.map((value) => {
    if (typeof value !== 'string' && typeof value !== 'number') {
      throw wrongField(condition.field, 'must be numbers or strings of digits');
    }
    return String(value).trim();
  });
}

function narrowSources(filter: AlertFilter, condition: Condition): AlertFilter {
  return { ...filter, sources: both(filter.sources, textValues(condition)) };
}

function narrowExternalIds(filter: AlertFilter, condition: Condition): AlertFilter {
  return { ...filter, externalIds: both(filter.externalIds, textValues(condition)) };
}

/** By the word that alerts show, or by one that they do not. */
function narrowSeverities(filter: AlertFilter, condition: Condition): AlertFilter {
  demandOperator(condition, ['in', 'eq', 'neq']);
  const words = new Set(texts(condition).map((text) => text.trim().toLowerCase()));
  const named = (severity: AlertSeverity) => words.has(severity) || words.has(shownSeverity(severity));
  const wanted = condition.operator !== 'neq';
  const kept = filter.severities ?? alertSeverities;
  return { ...filter, severities: kept.filter((severity) => named(severity) === wanted) };
}

function narrowDetection(filter: AlertFilter, condition: Condition): AlertFilter {
  const { from, to } = period(condition, { from: filter.detectedFrom, to: filter.detectedTo });
  return { ...filter, detectedFrom: from, detectedTo: to };
}

function narrowReceipt(filter: AlertFilter, condition: Condition): AlertFilter {
  const { from, to } = period(condition, { from: filter.receivedFrom, to: filter.receivedTo });
  return { ...filter, receivedFrom: from, receivedTo: to };
}

function both(before: readonly string[] | undefined, now: readonly string[]): readonly string[] {
  return before === undefined ? now : now.filter((value) => before.includes(value));
}
