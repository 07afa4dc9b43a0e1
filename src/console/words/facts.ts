import type { CustodyEvent } from '#sdk/follow-events.ts';
import { momentText } from '../kit/moment.tsx';
import { counted } from './amounts.ts';
import { incidentStatusWords, severityWords } from './incidents.ts';
import { outcomeWords } from './outcomes.ts';
import { verbWords } from './statuses.ts';

type Facts = CustodyEvent['facts'];
type Fact = Facts[string];
type FactObject = Readonly<Record<string, unknown>>;

export interface FactLine {
  readonly name: string;
  readonly text: string;
}

/** Of those whose own name would not tell it. */
const names: Readonly<Record<string, string>> = {
  verb: 'Order',
  endpointsCount: 'Endpoints',
  filesCount: 'Files',
  endpointIds: 'Endpoint ids',
  claimedInitiator: 'In the name of',
  dialect: 'Through the API of',
  remoteAddress: 'From the address',
  reportSha256: 'SHA-256 of the signed report',
  sha256: 'SHA-256',
  how: 'By',
  facts: 'Facts',
  email: 'E-mail address',
  manualSeverity: 'Severity, as judged',
  undoes: 'Takes back the action',
  taskId: 'Task',
  requestedBy: 'Ordered by',
  incidentId: 'For the incident',
};

const valueWords: Readonly<Record<string, string>> = {
  second_person: 'a second person',
  confirmation: 'typed confirmation, as there was no second person',
};

/** Every fact of an event with its name, those that say nothing left out. */
export function factLines(facts: Facts): readonly FactLine[] {
  return Object.entries(facts)
    .filter(([, value]) => value !== null && value !== '' && !(Array.isArray(value) && value.length === 0))
    .map(([name, value]) => ({ name: nameOf(name), text: isTime(name, value) ? momentText(value) : textOf(value) }));
}

/** Facts tell times in milliseconds. */
function isTime(name: string, value: Fact): value is number {
  return /At$|^from$|^to$|deadline/.test(name) && typeof value === 'number' && value > 1e11;
}

function nameOf(name: string): string {
  const words = name
    .replaceAll(/([a-z])([A-Z0-9])/g, '$1 $2')
    .replaceAll('_', ' ')
    .toLowerCase();
  return names[name] ?? words.charAt(0).toUpperCase() + words.slice(1);
}

function textOf(value: Fact): string {
  if (Array.isArray(value)) {
    return value.map(textOf).join('\n');
  }
  if (isObject(value)) {
    return objectText(value);
  }
  return typeof value === 'string' ? worded(value) : String(value);
}

function objectText(value: FactObject): string {
  if (typeof value['outcome'] === 'string') {
    return fileText(value);
  }
  if (typeof value['path'] === 'string') {
    return value['path'];
  }
  if (typeof value['name'] === 'string' && typeof value['kind'] === 'string') {
    return value['name'];
  }
  return Object.entries(value)
    .filter(([, part]) => part !== null && part !== '' && part !== 0)
    .map(([name, part]) => `${nameOf(name)}: ${typeof part === 'object' ? JSON.stringify(part) : String(part)}`)
    .join(', ');
}

function worded(value: string): string {
  if (isKeyOf(incidentStatusWords, value)) {
    return incidentStatusWords[value].label;
  }
  if (isKeyOf(severityWords, value)) {
    return severityWords[value].label;
  }
  return isKeyOf(verbWords, value) ? verbWords[value] : (valueWords[value] ?? value);
}

/** How one file ended: "Done: /srv/a". */
function fileText(file: FactObject): string {
  const outcome = String(file['outcome']);
  const label = isKeyOf(outcomeWords, outcome) ? outcomeWords[outcome].label : outcome;
  const what = file['path'] ?? file['sha256'];
  return typeof what === 'string' ? `${label}: ${what}` : label;
}

/** An event's facts in one line, as far as they say what whoever reads a list wants to know. */
export function summaryOf({ type, facts }: Pick<CustodyEvent, 'type' | 'facts'>): string {
  if (type === 'incident_commented') {
    return textOf(facts['text'] ?? '');
  }
  const files = listOf(facts['files']);
  if (type === 'task_finished') {
    return summarised(files.map(fileText), files.length);
  }
  const isOrder = typeof facts['verb'] === 'string' || files.length > 0;
  const order = isOrder ? orderText(facts, files) : undefined;
  const reason = typeof facts['reason'] === 'string' && facts['reason'] !== '' ? facts['reason'] : undefined;
  return [order, reason].filter((part) => part !== undefined).join(' · ') || plainSummary(facts);
}

function orderText(facts: Facts, files: readonly FactObject[]): string {
  const endpoints = facts['endpointsCount'];
  const verb = textOf(facts['verb'] ?? '');
  const where = typeof endpoints === 'number' ? counted(endpoints, 'endpoint') : '';
  const count = typeof facts['filesCount'] === 'number' ? facts['filesCount'] : files.length;
  const paths = [...new Set(files.map(objectText))];
  const what = paths.length === 0 ? '' : summarised(paths, paths.length === 1 ? 1 : count);
  const order = [verb, where].filter((part) => part !== '').join(' on ');
  return [order, what].filter((part) => part !== '').join(': ');
}

/** The first of them, and how many there are. */
function summarised(texts: readonly string[], count: number): string {
  const [first = ''] = texts;
  return count > 1 ? `${first} and ${counted(count - 1, 'more file')}` : first;
}

const mostInLine = 3;

/** Facts that tell nothing to whoever reads a list. */
const isForPrograms = /Id$|Ids$|^digest$|^ordinal$|^reportSha256$|^sums$/;

function plainSummary(facts: Facts): string {
  const plain = Object.fromEntries(
    Object.entries(facts)
      .filter(([name, value]) => value !== 0 && value !== false && !isForPrograms.test(name))
      .map(([name, value]) => [name, name === 'endpoints' && Array.isArray(value) ? value.length : value]),
  );
  return factLines(plain)
    .slice(0, mostInLine)
    .map(({ name, text }) => `${name}: ${text.replaceAll('\n', ', ')}`)
    .join(' · ');
}

/** How many files of what an endpoint reported ended in which way. */
export function outcomesIn({
  type,
  facts,
}: Pick<CustodyEvent, 'type' | 'facts'>): readonly (keyof typeof outcomeWords)[] {
  return type === 'task_finished'
    ? listOf(facts['files']).flatMap(({ outcome }) => {
        const told = String(outcome);
        return isKeyOf(outcomeWords, told) ? [told] : [];
      })
    : [];
}

function listOf(value: Fact | undefined): readonly FactObject[] {
  const parts: readonly unknown[] = Array.isArray(value) ? value : [];
  return parts.filter(isObject);
}

function isObject(value: unknown): value is FactObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isKeyOf<Key extends string>(table: Readonly<Record<Key, unknown>>, text: string): text is Key {
  return Object.hasOwn(table, text);
}
