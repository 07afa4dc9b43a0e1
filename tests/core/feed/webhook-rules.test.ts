import { describe, expect, test } from 'bun:test';
import { eventTypes } from '#core/custody/event.ts';
import { longestTrying, pauseAfter, pauseOfStream, usualAttempts } from '#core/feed/backoff.ts';
import { chosenTypes } from '#core/feed/event-groups.ts';
import { isPublicAddress } from '#core/feed/public-address.ts';
import {
  addressRefusal,
  noWebhookHosts,
  parseWebhookHosts,
  type WebhookHosts,
  webhookRefusal,
} from '#core/feed/webhook-hosts.ts';
import { messageId, webhookHeaders } from '#core/feed/webhook-signature.ts';
import { hour, minute, second } from '#core/time.ts';

function hostsOf(...parts: readonly string[]): WebhookHosts {
  const hosts = parseWebhookHosts(parts);
  if ('wrong' in hosts) {
    throw new Error(`No host: ${hosts.wrong}`);
  }
  return hosts;
}

test('a message is signed as the vector of Standard Webhooks says, with each secret', () => {
  const message = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', at: 1_614_265_330_999, body: '{"test": 2432232314}' };
  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
  const expected = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=';
  expect(webhookHeaders(message, [secret])).toEqual({
    'webhook-id': message.id,
    'webhook-timestamp': '1614265330',
    'webhook-signature': expected,
  });
  const both = webhookHeaders(message, ['whsec_AAAA', secret])['webhook-signature']?.split(' ');
  expect(both).toHaveLength(2);
  expect(both?.[1]).toBe(expected);
});

test('a message has one id however often it is sent, and another one to each webhook and of each event', () => {
  expect(messageId('a', 'x')).toBe(messageId('a', 'x'));
  expect(new Set([messageId('a', 'x'), messageId('b', 'x'), messageId('a', 'y'), messageId('ax', '')]).size).toBe(4);
  expect(messageId('a', 'x')).toMatch(/^msg_[0-9a-f]{32}$/);
});

describe('Pauses', () => {
  const longest = { fraction: () => 1 };

  test('double from five seconds, are drawn from nothing to there, and are never none', () => {
    expect([1, 2, 3, 4].map((failures) => pauseAfter(failures, null, longest))).toEqual(
      [5, 10, 20, 40].map((each) => each * second),
    );
    expect(pauseAfter(3, null, { fraction: () => 0.5 })).toBe(10 * second);
    expect(pauseAfter(3, null, { fraction: () => 0 })).toBe(second);
    expect(pauseAfter(99, null, longest)).toBe(4 * hour);
  });

  test('of all usual attempts are a day at most', () => {
    const failures = Array.from({ length: usualAttempts - 1 }, (_, index) => index + 1);
    const whole = failures.reduce((sum, each) => sum + pauseAfter(each, null, longest), 0);
    expect(whole).toBeLessThanOrEqual(longestTrying);
    expect(whole).toBeGreaterThan(longestTrying / 4);
  });

  test('are as long as a receiver asks for, within bounds', () => {
    expect(pauseAfter(1, 2 * minute, longest)).toBe(2 * minute);
    expect(pauseAfter(1, 0, longest)).toBe(5 * second);
    expect(pauseAfter(1, 99 * hour, longest)).toBe(hour);
  });

  test('of streams are a minute at most', () => {
    expect(pauseOfStream(20, longest)).toBe(minute);
  });
});

test('groups and types are added up, and none of either is all', () => {
  expect(chosenTypes({ groups: [], types: [] })).toBeUndefined();
  expect(chosenTypes({ groups: ['ledger'], types: ['logged_in'] })).toEqual(
    eventTypes.filter((type) =>
      ['ledger_disputed', 'order_key_changed', 'order_key_refused', 'logged_in'].includes(type),
    ),
  );
});

const notPublic = [
  ...['0.0.0.0', '10.1.2.3', '100.64.0.1', '127.0.0.1', '127.1.2.3', '169.254.169.254', '172.16.0.1', '172.31.255.255'],
  ...['192.168.1.1', '192.0.0.1', '198.18.0.1', '224.0.0.1', '255.255.255.255', '240.0.0.1'],
  ...[
    '::',
    '::1',
    '::ffff:169.254.169.254',
    '::ffff:a9fe:a9fe',
    '::127.0.0.1',
    '64:ff9b::a9fe:a9fe',
    'fe80::1',
    'fc00::1',
  ],
  ...['fd12:3456::1', 'ff02::1', '2002:a9fe:a9fe::1', '2001::1', '2001:db8::1', '100::1', 'fec0::1', '3fff::1'],
];

describe('Addresses', () => {
  test.each(notPublic)('%s is not public', (address) => {
    expect(isPublicAddress(address)).toBe(false);
    expect(addressRefusal('hooks.example.org', address, hostsOf('hooks.example.org'))).toContain('no public address');
    expect(addressRefusal('hooks.example.org', address, hostsOf('hooks.example.org', address))).toBeUndefined();
  });

  test.each(['1.1.1.1', '93.184.216.34', '172.32.0.1', '::ffff:1.1.1.1', '2606:4700::1111'])('%s is', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  test.each(['', 'localhost', '1.2.3', '1.2.3.4.5', 'fe80::1%eth0'])('%j is none', (text) => {
    expect(isPublicAddress(text)).toBe(false);
  });
});

describe('Webhooks go', () => {
  const refusal = (url: string, ...parts: readonly string[]) => webhookRefusal(url, hostsOf(...parts));

  test('nowhere while no host is named', () => {
    expect(webhookRefusal('https://hooks.example.org/', noWebhookHosts)).toContain('switched off');
  });

  test.each([
    ['https://hooks.example.org/a?b', 'hooks.example.org'],
    ['https://HOOKS.example.org./', 'hooks.example.org.'],
    ['https://hooks.example.org:8443/', 'hooks.example.org:8443'],
    ['https://10.1.2.3/', '10.1.2.3'],
    ['https://[fd00::1]/', 'fd00::1'],
    ['https://[fd00::1]:8443/', '[fd00::1]:8443'],
    ['http://127.0.0.1:9000/', '127.0.0.1:9000'],
    ['http://localhost:9000/', 'localhost:9000'],
    ['http://[::1]:9000/', '[::1]:9000'],
    ['http://2130706433:9000/', '127.0.0.1:9000'],
  ])('to %s where the list has %s', (url, part) => {
    expect(refusal(url, part)).toBeUndefined();
  });

  test.each([
    ['https://evil.example.org/', 'hooks.example.org'],
    ['https://hooks.example.org.evil.example/', 'hooks.example.org'],
    ['https://sub.hooks.example.org/', 'hooks.example.org'],
    ['https://hooks.example.org:8443/', 'hooks.example.org'],
    ['https://hooks.example.org/', 'hooks.example.org:8443'],
    ['http://hooks.example.org/', 'hooks.example.org'],
    ['http://hooks.example.org:80/', 'hooks.example.org:80'],
    ['http://10.1.2.3:80/', '10.1.2.3:80'],
    ['http://127.0.0.1/', '127.0.0.1'],
    ['https://user:pass@hooks.example.org/', 'hooks.example.org'],
    ['https://hooks.example.org@evil.example/', 'hooks.example.org'],
    ['https://hooks.example.org/#x', 'hooks.example.org'],
    ['https://2852039166/', 'hooks.example.org'],
    ['https://0xa9.0xfe.0xa9.0xfe/', 'hooks.example.org'],
    ['https://0251.0376.0251.0376/', 'hooks.example.org'],
    ['https://[::ffff:169.254.169.254]/', '169.254.169.0/24'],
    ['https://169.254.169.254/', '169.254.0.0/16'],
    ['https://10.1.2.3/', '10.0.0.0/8'],
    ['file:///etc/passwd', 'hooks.example.org'],
    ['gopher://hooks.example.org/', 'hooks.example.org'],
    ['//hooks.example.org/', 'hooks.example.org'],
    ['', 'hooks.example.org'],
  ])('not to %s where the list has %s', (url, part) => {
    expect(refusal(url, part)).toBeString();
  });

  test.each(['*.example.org', 'https://hooks.example.org', 'a/b', 'a@b', 'a b', '10.0.0.0/33', ':443', 'host:99999'])(
    'by no list with %j',
    (part) => {
      expect(parseWebhookHosts([part])).toEqual({ wrong: part });
    },
  );
});
