import { expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Glob } from 'bun';
import { checkout } from '#kit/program.ts';

/** Everything that a server is; the agent and the command line call servers, and whom, their owners say. */
const rooms = ['core', 'wire', 'dialects', 'gateway', 'store', 'blobs', 'archive', 'server'];

/** What can reach out. */
const callers = [
  /(?<![.\w]|async )fetch\(/,
  /\bnew (?:WebSocket|EventSource|XMLHttpRequest)\b/,
  /\bBun\.(?:connect|udpSocket|dns|SQL|sql|redis|s3|S3Client|RedisClient)\b/,
  /from '(?:node:)?(?:http|https|http2|net|tls|dns|dns\/promises|dgram)'/,
  /from 'pg'/,
] as const;

/** Each with what it is for; nothing of it takes an address from an agent, and from a client only what settings let be asked. */
const known: Readonly<Record<string, string>> = {
  'src/server/start-server.ts': 'looks for a free port to listen on',
  'src/server/authority.ts': 'asks whether a name is an address',
  'src/server/feed/datagram-stream.ts': 'receivers that CUSTODY_SYSLOG names',
  'src/server/feed/open-feeds.ts': 'the public authorities',
  'src/server/feed/socket-stream.ts': 'receivers that CUSTODY_SYSLOG names',
  'src/server/feed/webhook-sender.ts':
    'webhooks: addresses that administrators give, at the hosts that CUSTODY_WEBHOOK_HOSTS names and nowhere else',
  'src/server/oidc/open-identity-provider.ts': 'the provider that CUSTODY_OIDC_ISSUER names',
  'src/server/oidc/provider-fetch.ts': 'its addresses, as it names them itself, held to its own host or https',
  'src/server/read-message.ts': 'the form of a message that others have received',
  'src/server/remote-signer.ts': 'the signer that CUSTODY_SIGNER names',
  'src/server/signer/listen.ts': 'listens for servers',
  'src/store/drivers/postgres/postgres-backend.ts': 'the database that CUSTODY_STORE names',
  'src/store/drivers/postgres/postgres-failure.ts': 'its failures',
  'src/store/drivers/postgres/postgres-transaction.ts': 'its transactions',
  'src/store/drivers/postgres/column-types.ts': 'its types',
};

test('No part of a server calls an address but those that its settings name', () => {
  const files = rooms.flatMap((room) => [...new Glob(`src/${room}/**/*.ts`).scanSync(checkout)]);
  expect(files.length).toBeGreaterThan(500);
  const callings = files.filter((file) => {
    const text = readFileSync(join(checkout, file), 'utf8');
    return callers.some((caller) => caller.test(text));
  });
  expect(callings.toSorted()).toEqual(Object.keys(known).toSorted());
});

test('What it looks for is found', () => {
  const reaching = [
    'const a = await fetch(url);',
    'new WebSocket(url)',
    'Bun.connect({})',
    "import { request } from 'node:https';",
    "import { lookup } from 'dns/promises';",
  ];
  expect(reaching.filter((text) => !callers.some((caller) => caller.test(text)))).toEqual([]);
  expect(callers.some((caller) => caller.test('async fetch(request, server) {'))).toBe(false);
});
