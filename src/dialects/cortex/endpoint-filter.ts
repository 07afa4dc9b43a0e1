import type { EndpointFilter } from '#core/ports/store/endpoints.ts';
import type { Milliseconds } from '#core/time.ts';
import { isolationWords, meanings, platformWords, presenceWords, scanWords } from './endpoint-words.ts';
import { type Condition, texts, textValues } from './filters.ts';
import { endpointIds } from './named-endpoints.ts';
import { wrongField } from './read-fields.ts';
import { period } from './time-range.ts';
import { inBoth } from './words-asked.ts';

type Narrow = (filter: EndpointFilter, condition: Condition, now: Milliseconds) => EndpointFilter;

/** The fields of Get Endpoint that what agents tell can answer. */
const narrowings: ReadonlyMap<string, Narrow> = new Map<string, Narrow>([
  ['endpoint_id_list', (filter, condition) => ({ ...filter, ids: inBoth(filter.ids, endpointIds(condition)) })],
  ['endpoint_status', narrowPresence],
  ['first_seen', narrowEnrolment],
  ['last_seen', narrowLastSeen],
  ['ip_list', (filter, condition) => ({ ...filter, addresses: inBoth(filter.addresses, textValues(condition)) })],
  [
    'platform',
    (filter, condition) => ({ ...filter, platforms: inBoth(filter.platforms, meanings(condition, platformWords)) }),
  ],
  ['alias', narrowAlias],
  ['alias_name', narrowAlias],
  ['isolate', (filter, condition) => (meanings(condition, isolationWords).length > 0 ? filter : nothing(filter))],
  ['scan_status', narrowScan],
  ['hostname', narrowHostName],
  ['username', (filter, condition) => ({ ...filter, userNames: inBoth(filter.userNames, textValues(condition)) })],
]);

/**
 * What the conditions, all together, leave; undefined when no endpoint can meet them.
 * @throws Fault `invalid_request` for a field, an operator or a value that cannot be answered.
 */
export function endpointFilter(conditions: readonly Condition[], now: Milliseconds): EndpointFilter | undefined {
  let filter: EndpointFilter = {};
  for (const condition of conditions) {
    const narrow = narrowings.get(condition.field);
    if (narrow === undefined) {
      const known = [...narrowings.keys()].join(', ');
      throw wrongField('filters', `the field ${condition.field} is not supported here; use ${known}`);
    }
    filter = narrow(filter, condition, now);
  }
  const lists = [...Object.values(filter), filter.presence?.among, filter.lastScan?.among];
  return lists.some((list) => Array.isArray(list) && list.length === 0) ? undefined : filter;
}

function narrowPresence(filter: EndpointFilter, condition: Condition, now: Milliseconds): EndpointFilter {
  const among = inBoth(filter.presence?.among, meanings(condition, presenceWords));
  return { ...filter, presence: { among, now } };
}

function narrowScan(filter: EndpointFilter, condition: Condition, now: Milliseconds): EndpointFilter {
  return { ...filter, lastScan: { among: inBoth(filter.lastScan?.among, meanings(condition, scanWords)), now } };
}

function narrowAlias(filter: EndpointFilter, condition: Condition): EndpointFilter {
  return { ...filter, aliases: inBoth(filter.aliases, textValues(condition)) };
}

function narrowHostName(filter: EndpointFilter, condition: Condition): EndpointFilter {
  if (condition.operator !== 'contains') {
    return { ...filter, hostNames: inBoth(filter.hostNames, textValues(condition)) };
  }
  if (filter.hostNameContains !== undefined) {
    throw wrongField(condition.field, 'the operator contains is supported once in a request');
  }
  return { ...filter, hostNameContains: texts(condition) };
}

function narrowEnrolment(filter: EndpointFilter, condition: Condition): EndpointFilter {
  const { from, to } = period(condition, { from: filter.enrolledFrom, to: filter.enrolledTo });
  return { ...filter, ...(from !== undefined && { enrolledFrom: from }), ...(to !== undefined && { enrolledTo: to }) };
}

function narrowLastSeen(filter: EndpointFilter, condition: Condition): EndpointFilter {
  const { from, to } = period(condition, { from: filter.lastSeenFrom, to: filter.lastSeenTo });
  return { ...filter, ...(from !== undefined && { lastSeenFrom: from }), ...(to !== undefined && { lastSeenTo: to }) };
}

function nothing(filter: EndpointFilter): EndpointFilter {
  return { ...filter, ids: [] };
}
