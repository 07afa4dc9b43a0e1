import type { Endpoint } from '#core/endpoint/endpoint.ts';
import type { Platform } from '#core/endpoint/platform.ts';
import type { Presence } from '#core/endpoint/presence.ts';
import { Fault } from '#core/fault.ts';
import { endpointNumberOf, isMachineGuid, machineGuid, parseGuid } from '#core/file/guid.ts';
import type { EndpointFilter } from '#core/ports/store/endpoints.ts';
import type { Milliseconds } from '#core/time.ts';
import { isOperator, type Operator, operators, passes, wrongValues } from '../query/operators.ts';
import { isExternal } from './addresses.ts';
import { type Sensor, sensorFields, tellingFields } from './sensor.ts';

export interface FieldFilter {
  readonly fieldName: string;
  readonly operator: Operator;
  readonly values: readonly string[];
}

/** Words that sensor filters have beside those of queries. */
const otherWords: Readonly<Record<string, Operator>> = {
  Is: 'Equals',
  IsNot: 'NotEquals',
  In: 'Includes',
  NotIn: 'NotIncludes',
  Contains: 'ContainsIgnoreCase',
  NotContains: 'NotContainsIgnoreCase',
};

/** Each sensor may be held against each of them. */
const mostFilters = 100;
const mostValues = 1_000;

/**
 * The list of conditions of a body, all of which must hold; absent and null are none.
 * @throws Fault `invalid_request`
 */
export function readFilters(value: unknown, field: string): readonly FieldFilter[] {
  if (value === undefined || value === null) {
    return [];
  }
  if (!Array.isArray(value)) {
    throw wrong(field, `${field} must be a list of conditions.`);
  }
  if (value.length > mostFilters) {
    throw wrong(field, `${field} holds at most ${mostFilters} conditions.`);
  }
  const filters = value.map((each: unknown, index) => readFilter(each, `${field}[${index}]`));
  if (filters.reduce((sum, { values }) => sum + values.length, 0) > mostValues) {
    throw wrong(
      field,
      `${field} holds at most ${mostValues} values in all. Name sensors in sensorsIds where that is possible.`,
    );
  }
  return filters;
}

function readFilter(value: unknown, field: string): FieldFilter {
  if (typeof value !== 'object' || value === null) {
    throw wrong(field, `${field} must be an object with fieldName, operator and values.`);
  }
  const given = value as Readonly<Record<string, unknown>>;
  const { fieldName, operator = 'Equals', values = [] } = given;
  if (typeof fieldName !== 'string' || fieldName === '') {
    throw wrong(field, `${field} must have a fieldName.`);
  }
  const filter = { fieldName, operator: readOperator(operator ?? 'Equals', field), values: readValues(values, field) };
  const mistake = wrongValues(filter.operator, filter.values);
  if (mistake !== undefined) {
    throw wrong(field, `${field} ${mistake}.`);
  }
  return filter;
}

function readOperator(value: unknown, field: string): Operator {
  const text = typeof value === 'string' ? value : '';
  const operator = Object.hasOwn(otherWords, text) ? otherWords[text] : text;
  if (operator === undefined || !isOperator(operator)) {
    const given = JSON.stringify(value).slice(0, 100);
    throw wrong(
      field,
      `${field} has an operator that is not known: ${given}. It must be one of ${operators.join(', ')}.`,
    );
  }
  return operator;
}

function readValues(value: unknown, field: string): readonly string[] {
  const list: readonly unknown[] = [value ?? []].flat();
  return list.map((each) => {
    if (typeof each !== 'string' && typeof each !== 'number' && typeof each !== 'boolean') {
      throw wrong(field, `${field} must have values that are text, numbers or flags.`);
    }
    return String(each);
  });
}

/** @throws Fault `invalid_request` for a field that no sensor has: a condition that is passed over would name others. */
export function demandSensorFields(filters: readonly FieldFilter[]): void {
  const unknown = filters.find(({ fieldName }) => !sensorFields.includes(fieldName));
  if (unknown !== undefined) {
    const given = JSON.stringify(unknown.fieldName.slice(0, 100));
    throw wrong(
      'filters',
      `Sensors have no field ${given} to filter by. Custody knows of ${tellingFields.join(', ')}.`,
    );
  }
}

export function passesFilters(sensor: Sensor, endpoint: Endpoint, filters: readonly FieldFilter[]): boolean {
  return filters.every(({ fieldName, operator, values }) => {
    const wanted = fieldName === 'guid' ? values.map((value) => parseGuid(value) ?? value) : values;
    return passes(operator, actualValues(fieldName, sensor, endpoint), wanted);
  });
}

/** A machine has several addresses, of which a sensor shows one. */
function actualValues(fieldName: string, sensor: Sensor, endpoint: Endpoint): readonly string[] {
  if (fieldName === 'internalIpAddress') {
    return endpoint.addresses;
  }
  if (fieldName === 'externalIpAddress') {
    return endpoint.addresses.filter(isExternal);
  }
  if (fieldName === 'guid') {
    return [machineGuid(endpoint.number)];
  }
  const value = sensor[fieldName];
  return (Array.isArray(value) ? value : [value]).map(String);
}

/** What the store does of the filters. Where that is not all of it, what it leaves is looked at one by one. */
export interface Narrowed {
  readonly filter: EndpointFilter;
  readonly isWhole: boolean;
}

/** In the store's own words, as far as they reach. */
export function narrow(filters: readonly FieldFilter[], now: Milliseconds): Narrowed {
  const base: EndpointFilter = { revoked: false };
  const parts = filters.map((each) => narrowOne(each, now));
  const fields = parts.flatMap((part) => Object.keys(part?.filter ?? {}));
  return {
    filter: Object.assign({}, base, ...parts.map((part) => part?.filter ?? {})),
    // Two conditions on one thing are not one in the store's words.
    isWhole: parts.every((part) => part?.isWhole === true) && new Set(fields).size === fields.length,
  };
}

const platforms: Readonly<Record<string, Platform>> = { LINUX: 'linux', OSX: 'macos', WINDOWS: 'windows' };
const presences: Readonly<Record<string, Presence>> = { Online: 'connected', Offline: 'disconnected', Stale: 'lost' };

function narrowOne({ fieldName, operator, values }: FieldFilter, now: Milliseconds): Narrowed | undefined {
  const isEqual = operator === 'Equals' || operator === 'Includes' || operator === 'EqualsIgnoreCase';
  if (fieldName === 'machineName' && operator === 'ContainsIgnoreCase') {
    return { filter: { hostNameContains: values }, isWhole: true };
  }
  if (!isEqual) {
    return undefined;
  }
  switch (fieldName) {
    case 'machineName':
      return { filter: { hostNames: values }, isWhole: operator !== 'Equals' };
    case 'internalIpAddress':
    case 'externalIpAddress':
      return { filter: { addresses: values }, isWhole: false };
    case 'guid':
      return { filter: { numbers: values.flatMap(numberOf) }, isWhole: operator !== 'EqualsIgnoreCase' };
    case 'osType':
      return mapped(values, platforms, (among) => ({ platforms: among }));
    case 'status':
      return mapped(values, presences, (among) => ({ presence: { among, now }, archived: false }));
    default:
      return undefined;
  }
}

function mapped<Word>(
  values: readonly string[],
  words: Readonly<Record<string, Word>>,
  filterOf: (among: readonly Word[]) => EndpointFilter,
): Narrowed | undefined {
  const among = values.flatMap((value) => (Object.hasOwn(words, value) ? (words[value] ?? []) : []));
  return among.length === values.length ? { filter: filterOf(among as readonly Word[]), isWhole: true } : undefined;
}

function numberOf(text: string) {
  const guid = parseGuid(text);
  return guid !== undefined && isMachineGuid(guid) ? (endpointNumberOf(guid) ?? []) : [];
}

export function wrong(field: string, message: string): Fault {
  return new Fault('invalid_request', message, { details: { field } });
}
