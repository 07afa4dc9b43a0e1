import { describe, expect, test } from 'bun:test';
import { type CustodyEvent, type EventType, eventTypes } from '#core/custody/event.ts';
import type { EndpointId } from '#core/endpoint/endpoint-id.ts';
import { cefHeaderText, cefLine } from '#core/feed/cef.ts';
import { ecsEvent } from '#core/feed/ecs.ts';
import { ecsWords } from '#core/feed/ecs-words.ts';
import type { FeedEvent, FeedHost } from '#core/feed/feed-event.ts';
import { severities } from '#core/feed/severity.ts';
import { octetCounted, syslogMessage } from '#core/feed/syslog.ts';
import { tell, tellWithin } from '#core/feed/tell.ts';
import { version } from '#core/version.ts';
import { custodyEvent } from '#dialects/native/schemas/event.ts';
import { hostileNames } from '#kit/hostile-names.ts';

const at = Date.UTC(2026, 10, 22, 12, 0, 0, 7);
const endpointId = '0123456789abcdef0123456789abcdef' as EndpointId;
const [one, two] = ['a'.repeat(64), 'b'.repeat(64)];

const host: FeedHost = {
  ...{ id: endpointId, hostName: 'web-1', platform: 'macos', domain: 'corp' },
  ...{ operatingSystem: 'macOS', operatingSystemVersion: '15', addresses: ['192.0.2.1'] },
};

function eventOf(type: EventType, facts: CustodyEvent['facts'] = {}, name = 'ana@example.org'): CustodyEvent {
  return { sequence: 42, type, at, actor: { kind: 'user', id: 'u1', name }, endpointId, facts };
}

const told = (event: CustodyEvent): FeedEvent => ({ event, host });

/** Expected event types of each category (Elastic Common Schema 8.17, "Categorization field: event.category"). */
const expectedTypes: Readonly<Record<string, readonly string[]>> = {
  authentication: ['start', 'end', 'info'],
  configuration: ['access', 'change', 'creation', 'deletion', 'info'],
  database: ['access', 'change', 'info', 'error'],
  file: ['access', 'change', 'creation', 'deletion', 'info'],
  host: ['access', 'change', 'end', 'info', 'start'],
  iam: ['admin', 'change', 'creation', 'deletion', 'group', 'info', 'user'],
  intrusion_detection: ['allowed', 'denied', 'info'],
  malware: ['info'],
  session: ['start', 'end', 'info'],
};

describe('In the Elastic Common Schema', () => {
  test.each(eventTypes)('%s has a category, and types that the schema expects of it', (type) => {
    const { category, type: types } = ecsWords[type];
    expect(category.length).toBeGreaterThan(0);
    for (const each of category) {
      expect(types.filter((word) => !expectedTypes[each]?.includes(word))).toEqual([]);
    }
    expect(types.length).toBeGreaterThan(0);
  });

  test('an event says who, where, which file and how it went, with everything else as text', () => {
    const files = [{ path: '/tmp/evil', outcome: 'done', sha256: one }];
    const event = { ...eventOf('task_finished', { taskId: 't', files }), actionId: '7' as never };
    const shown = ecsEvent(told(event));
    expect(shown).toMatchObject({
      ...{ '@timestamp': '2026-11-22T12:00:00.007Z', ecs: { version: '8.17.0' } },
      event: {
        kind: 'event',
        category: ['file'],
        type: ['change'],
        action: 'task_finished',
        outcome: 'success',
        id: '42',
      },
      user: { id: 'u1', name: 'ana@example.org' },
      host: { id: endpointId, hostname: 'web-1', ip: ['192.0.2.1'], os: { type: 'macos', version: '15' } },
      file: { hash: { sha256: one }, path: '/tmp/evil' },
      related: { hash: [one], user: ['ana@example.org'], hosts: ['web-1'] },
      labels: { custody_action_id: '7', custody_endpoint_id: endpointId, custody_task_id: 't' },
    });
    const { original } = shown['event'] as { readonly original: string };
    expect(JSON.parse(original)).toEqual(JSON.parse(tell('native', told(event))));
  });

  test('one failed file is a failure, no file at all is neither', () => {
    const outcomeOf = (files: CustodyEvent['facts'][string]) =>
      (ecsEvent(told(eventOf('task_finished', { files })))['event'] as { readonly outcome: string }).outcome;
    expect(outcomeOf([{ outcome: 'done' }, { outcome: 'already_done' }])).toBe('success');
    expect(outcomeOf([{ outcome: 'done' }, { outcome: 'not_found' }])).toBe('failure');
    expect(outcomeOf([])).toBe('unknown');
    expect(outcomeOf('no list')).toBe('unknown');
  });

  test('agents and the server are no users', () => {
    const event = { ...eventOf('tasks_expired'), actor: { kind: 'server', id: 'server', name: 'custody' } as const };
    expect(ecsEvent({ event, host: undefined })).not.toHaveProperty('user');
    expect(ecsEvent({ event, host: undefined })).not.toHaveProperty('host');
  });
});

test('what the native API lists is what a feed tells', () => {
  const event = eventOf('list_changed', { hashes: [one, two], nothing: null });
  expect(custodyEvent.parse(JSON.parse(tell('native', told(event))))).toMatchObject({
    sequence: 42,
    facts: event.facts,
  });
});

test('what undermines the record, or sets a rule aside, is high', () => {
  const high = eventTypes.filter((type) => severities[type] === 'high');
  expect(high).toEqual(
    expect.arrayContaining(['approval_bypassed', 'ledger_disputed', 'order_key_refused', 'evidence_damaged']),
  );
  expect(high.length).toBeLessThan(15);
});

/** Splits a line by the rules of the format, as a receiver would. */
function readCef(line: string) {
  const parts = line.split(/(?<=(?:^|[^\\])(?:\\\\)*)\|/);
  const header = parts.slice(0, 7).map((part) => part.replaceAll(/\\([\\|])/g, '$1'));
  const extension = parts.slice(7).join('|');
  const fields = [...extension.matchAll(/(?:^| )([A-Za-z0-9]+)=((?:\\.|[^\\=])*)(?= [A-Za-z0-9]+=|$)/g)];
  const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r' };
  const plain = (text: string) => text.replaceAll(/\\(.)/g, (_, each: string) => escapes[each] ?? each);
  return { header, fields: Object.fromEntries(fields.map(([, key = '', value = '']) => [key, plain(value)])) };
}

describe('In the Common Event Format', () => {
  test('an event has the seven fields of the header, and keys of the dictionary', () => {
    const line = cefLine(told(eventOf('approval_bypassed', { sha256: one })));
    const { header, fields } = readCef(line);
    expect(header.slice(0, 5)).toEqual(['CEF:0', 'Custody', 'Custody', version, 'approval_bypassed']);
    expect(header[6]).toBe('9');
    expect(fields).toMatchObject({
      ...{ rt: String(at), externalId: '42', suser: 'ana@example.org', suid: 'u1', dhost: 'web-1', fileHash: one },
      ...{ cs3Label: 'endpointId', cs3: endpointId, cs6Label: 'facts', cs6: JSON.stringify({ sha256: one }) },
    });
  });

  test('the header has its own rules: pipes and backslashes are escaped, equals signs are not, and nothing is another line', () => {
    expect(cefHeaderText('a|b\\c=d')).toBe('a\\|b\\\\c=d');
    expect(cefHeaderText('a\r\nb\x1b')).toBe('a b\\\\u001b');
  });

  const injections = [
    'a|b|10|act=deleted',
    'x cs1=forged cs1Label=actionId',
    'x\ncs1=forged',
    'x\r\nCEF:0|Evil|Evil|1|x|x|10|',
    'ends with a backslash\\',
    'a\\=b \\| c \\\\= d',
    '\\nno new line',
    'suser=root outcome=success',
    '\u2028CEF:0|a',
    '\0\x1b[2J\x7f\x9b',
    '\ud800 alone',
    '=',
    '\\',
  ];

  test.each(injections)('%j is one value, and forges none', (name) => {
    const line = cefLine({ event: eventOf('logged_in', { because: name }, name), host: { ...host, hostName: name } });
    expect(line).not.toMatch(/[\0-\x1f\x7f-\x9f\u2028\u2029\u202e]/);
    const { header, fields } = readCef(line);
    expect(header).toHaveLength(7);
    expect(header[4]).toBe('logged_in');
    expect(Object.keys(fields)).toEqual([
      'rt',
      'externalId',
      'suser',
      'suid',
      'dhost',
      'cs3Label',
      'cs3',
      'cs4Label',
      'cs4',
      'cs6Label',
      'cs6',
    ]);
    if (/^[ -~\r\n]*$/.test(name)) {
      expect(fields['suser']).toBe(name);
      expect(fields['dhost']).toBe(name);
    }
  });
});

test.each(['native', 'ecs', 'cef'] as const)('hostile names stay one harmless line as %s', (format) => {
  for (const name of hostileNames) {
    const line = tell(format, { event: eventOf('logged_in', { path: name }, name), host: { ...host, hostName: name } });
    expect(line).not.toMatch(/[\0-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]/);
    if (format !== 'cef') {
      expect(() => JSON.parse(line)).not.toThrow();
    }
  }
});

describe('As syslog', () => {
  const sender = { hostName: 'Sërver one', processId: 7 };

  test.each(eventTypes)('%s fits the field for what a message is', (type) => {
    expect(type).toMatch(/^[!-~]{1,32}$/);
  });

  test('a message is RFC 5424, of the facility for audits, and its level follows from the severity', () => {
    const message = syslogMessage(told(eventOf('ledger_disputed')), sender, { format: 'cef', mostBytes: 8_000 });
    const head = '<106>1 2026-11-22T12:00:00.007Z Srverone custody 7 ledger_disputed [meta sequenceId="42"] CEF:0|';
    expect(message).toStartWith(head);
    const quiet = syslogMessage(told(eventOf('logged_in')), sender, { format: 'native', mostBytes: 8_000 });
    expect(quiet).toStartWith('<110>1 ');
  });

  test('octets are counted, not characters', () => {
    expect(octetCounted('é\u{1f600}')).toBe('6 é\u{1f600}');
  });

  test('what is too long is told without its facts, then without names', () => {
    const event = eventOf('list_changed', { hashes: [one.repeat(100)] }, 'n'.repeat(500));
    const short = tellWithin('ecs', told(event), 3_500);
    expect(JSON.parse(short)).toMatchObject({ user: { name: 'n'.repeat(500) }, event: { id: '42' } });
    expect(Buffer.byteLength(short)).toBeLessThanOrEqual(3_500);
    expect(short).toContain('cut');
    const shortest = tellWithin('ecs', told(event), 1_200);
    expect(shortest).not.toContain('nnn');
    expect(Buffer.byteLength(shortest)).toBeLessThanOrEqual(1_200);
    expect(tellWithin('ecs', told(event), 100_000)).toContain(one);
  });
});
