import { expect, test } from 'bun:test';
import { displayPath, parsePath } from '#core/file/file-path.ts';
import { fetchedFiles } from '#core/verbs/fetched-files.ts';
import { retrieveFiles } from '#core/verbs/retrieve-files.ts';
import { archiveNames } from '#dialects/native/archive-name.ts';
import { contentDisposition } from '#dialects/native/content-disposition.ts';
import { startAgent } from '#kit/agent.ts';
import { administrator, enrolMachine } from '#kit/fleet.ts';
import { openPorts } from '#kit/ports.ts';

test.each([
  ['report.txt', 'attachment; filename="report.txt"'],
  ['a b (1).txt', 'attachment; filename="a b (1).txt"'],
  ['Übersicht.pdf', `attachment; filename="_bersicht.pdf"; filename*=UTF-8''%C3%9Cbersicht.pdf`],
  ['a"b;c', `attachment; filename="a_b_c"; filename*=UTF-8''a%22b%3Bc`],
  ['a/../b\\c', 'attachment; filename="a_.._b_c"'],
  ['😀', `attachment; filename="_"; filename*=UTF-8''%F0%9F%98%80`],
  [`${'x'.repeat(300)}.bin`, `attachment; filename="${'x'.repeat(196)}.bin"`],
])('the name %s is sent so that every client can read it', (name, expected) => {
  expect(contentDisposition(name)).toBe(expected);
});

test('names in an archive are relative, have no way out, and are all different', async () => {
  await using ports = await openPorts();
  const endpoint = await enrolMachine(ports, { hostName: '../evil/host' });
  const asked = ['/srv/a.txt', '/srv/A.TXT', '/srv/../etc/passwd', '/srv/a:b', '/srv/a?b', '/srv/\\x1b[2J', '//x//y'];
  const paths = asked.map(parsePath);
  const disk = Object.fromEntries(paths.map((path) => [displayPath(path), new Uint8Array([1])]));
  const action = await retrieveFiles(ports, {
    origin: { principal: administrator, dialect: 'native' },
    endpointIds: [endpoint.id],
    paths: { linux: paths },
  });
  await startAgent(ports, endpoint, disk).work();
  const names = archiveNames(await fetchedFiles(ports, [action]));
  expect(names).toHaveLength(asked.length);
  expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(asked.length);
  for (const name of names) {
    expect(name).toMatch(/^\.\._evil_host_[0-9a-f]{8}\//);
    expect(name.split('/').some((part) => part === '' || part === '.' || part === '..')).toBe(false);
    expect(name).not.toMatch(/[<>:"|?*\\\p{Cc}]/u);
  }
});
