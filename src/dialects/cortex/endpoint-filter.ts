import { Fault } from '#core/fault.ts';
import type { EndpointFilter } from '#core/ports/store/endpoints.ts';
import type { Milliseconds } from '#core/time.ts';
import { isolationWords, meanings, platformWords, scanWords, standingWords } from './endpoint-words.ts';
import { type Condition, demandOperator, texts, textValues } from './filters.ts';
import { endpointIds } from './named-endpoints.ts';
import { wrongField } from './read-fields.ts';
import { timeOf } from './time-range.ts';

/** What one condition demands; undefined when no endpoint can meet it. */
type Demand = (condition: Condition, now: Milliseconds) => EndpointFilter | undefined;

/** In one request; connectors name each field once. */
const mostConditions = 50;

/** The fields of Get Endpoint that what agents tell, or what people said of endpoints, can answer. */
const demands: ReadonlyMap<string, Demand> = new Map<string, Demand>([
  ['endpoint_id_list', (condition) => ({ ids: endpointIds(condition) })],
  ['endpoint_status', (condition, now) => ({ standing: { among: meanings(condition, standingWords), now } })],
  ['first_seen', (condition) => period(condition, 'enrolledFrom', 'enrolledTo')],
  ['last_seen', (condition) => period(condition, 'lastSeenFrom', 'lastSeenTo')],
  ['ip_list', (condition) => ({ addresses: textValues(condition) })],
  ['platform', (condition) => ({ platforms: meanings(condition, platformWords) })],
  ['alias', demandAlias],
  ['alias_name', demandAlias],
  ['isolate', (condition) => (meanings(condition, isolationWords).length > 0 ? {} : undefined)],
  ['scan_status', (condition, now) => ({ lastScan: { among: meanings(condition, scanWords), now } })],
  ['hostname', (condition) => textDemand(condition, 'hostNames', 'hostNameContains')],
  ['username', (condition) => textDemand(condition, 'userNames', 'userNameContains')],
  ['tags', demandTags],
  ['server_tags', demandTags],
]);

/**
 * Fields of which every endpoint here has nothing, as answers show: whatever a filter asks to be there is not. What is asked not to be there
 * would be everybody, and is refused instead, lest somebody takes it for a choice.
 */
const emptyFields: ReadonlySet<string> = new Set([
  'group_name',
  'dist_name',
  'public_ip_list',
  'cloud_provider',
  'cloud_region',
  'cloud_provider_account_id',
  'cloud_instance_id',
  'cloud_id',
]);

/**
 * What the conditions, all together, leave; undefined when no endpoint can meet them.
 * @throws Fault `invalid_request` for a field, an operator or a value that cannot be answered, `limit_exceeded` for too many.
 */
export function endpointFilter(conditions: readonly Condition[], now: Milliseconds): EndpointFilter | undefined {
  if (conditions.length > mostConditions) {
    throw new Fault('limit_exceeded', `filters: one request has at most ${mostConditions} filters.`, {
      details: { limit: mostConditions, asked: conditions.length },
    });
  }
  const every: EndpointFilter[] = [];
  const without: EndpointFilter[] = [];
  let isPossible = true;
  for (const condition of conditions) {
    const isNegated = condition.operator === 'neq';
    const demand = demandOf(isNegated ? { ...condition, operator: 'eq' } : condition, now, isNegated);
    if (demand !== undefined) {
      (isNegated ? without : every).push(demand);
    } else if (!isNegated) {
      isPossible = false;
    }
  }
  return isPossible ? { every, without } : undefined;
}

function demandOf(condition: Condition, now: Milliseconds, isNegated: boolean): EndpointFilter | undefined {
  const { field } = condition;
  if (emptyFields.has(field)) {
    demandOperator(isNegated ? { ...condition, operator: 'neq' } : condition, ['in', 'eq', 'contains']);
    texts(condition);
    return undefined;
  }
  const demand = demands.get(field);
  if (demand === undefined) {
    const known = [...demands.keys(), ...emptyFields].join(', ');
    throw wrongField('filters', `the field ${field} is not supported here; use ${known}`);
  }
  const demanded = demand(condition, now);
  return demanded !== undefined && isEmpty(demanded) ? undefined : demanded;
}

/** Whether nothing is among what may be. */
function isEmpty({ standing, lastScan, ...filter }: EndpointFilter): boolean {
  const lists = [...Object.values(filter), standing?.among, lastScan?.among];
  return lists.some((list) => Array.isArray(list) && list.length === 0);
}

function demandAlias(condition: Condition): EndpointFilter {
  return textDemand(condition, 'aliases', 'aliasContains');
}

function demandTags(condition: Condition): EndpointFilter {
  return { tags: textValues(condition) };
}

type TextField = 'hostNames' | 'hostNameContains' | 'userNames' | 'userNameContains' | 'aliases' | 'aliasContains';

function textDemand(condition: Condition, whole: TextField, part: TextField): EndpointFilter {
  demandOperator(condition, ['in', 'eq', 'contains']);
  return { [condition.operator === 'contains' ? part : whole]: texts(condition) };
}

type TimeField = 'enrolledFrom' | 'enrolledTo' | 'lastSeenFrom' | 'lastSeenTo';

function period(condition: Condition, from: TimeField, to: TimeField): EndpointFilter {
  demandOperator(condition, ['gte', 'lte', 'eq']);
  const { operator } = condition;
  const time = timeOf(condition);
  return { ...(operator !== 'lte' && { [from]: time }), ...(operator !== 'gte' && { [to]: time }) };
}
