import { expect, test } from 'bun:test';
import { longestPath } from '#core/file/file-path.ts';
import { createNativeDialect } from '#dialects/native/index.ts';
import { enrolMachine } from '#kit/fleet.ts';
import { openPorts } from '#kit/ports.ts';

test.each([
  ['one with a NUL', '/srv/\u0000'],
  ['one with a NUL that is written out', '/srv/\\x00'],
  ['a longer one than there are', `/${'ü'.repeat(longestPath / 2)}`],
])('a path that is none is refused as what was asked wrongly: %s', async (_, path) => {
  await using ports = await openPorts();
  const { id } = await enrolMachine(ports, { hostName: 'web-1' });
  const answer = await createNativeDialect(ports).handle(
    new Request('https://custody.test/api/v1/actions/retrieve', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ endpointIds: [id], paths: ['/srv/good', path] }),
    }),
    { remoteAddress: 'local', local: true },
  );
  expect([answer.status, await answer.json()]).toMatchObject([400, { code: 'invalid_request' }]);
});
