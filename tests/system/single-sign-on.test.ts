import { expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Browser, type Visited } from '#kit/browser.ts';
import { freePort } from '#kit/free-port.ts';
import { clientId, clientSecret, TestProvider } from '#kit/oidc-provider.ts';
import { custody, runProgram, startProgram } from '#kit/program.ts';
import { startServer } from '#kit/real-server.ts';
import { until } from '#kit/until.ts';

const roles = JSON.stringify([{ group: 'soc-berlin', role: 'Responder', tags: ['berlin'] }]);

/** Fills in the provider's forms until it sends the browser back to the server. */
async function logIn(browser: Browser, address: string, site: string): Promise<Visited> {
  let visited = await browser.visit(address);
  for (const form of TestProvider.forms('ada')) {
    if (visited.url.origin !== site) {
      visited = await browser.visit(visited.url.href, { form });
    }
  }
  return visited;
}

test('A person logs in the command line through a provider that was away when the server started', async () => {
  const data = await mkdtemp(join(tmpdir(), 'custody-oidc-'));
  const port = await freePort();
  const url = `https://127.0.0.1:${port}`;
  const people = { ada: { email: 'ada@example.org', email_verified: true, groups: ['soc-berlin'] } };
  await using provider = await TestProvider.open({ redirectUri: `${url}/api/v1/sessions/provider/callback`, people });
  provider.isAway = true;
  const secretFile = join(data, 'client-secret');
  await writeFile(secretFile, `${clientSecret}\n`, { mode: 0o600 });
  const settings = {
    ...{ CUSTODY_OIDC_ISSUER: provider.issuer, CUSTODY_OIDC_CLIENT_ID: clientId, CUSTODY_OIDC_ROLES: roles },
    ...{ CUSTODY_OIDC_CLIENT_SECRET_FILE: secretFile, CUSTODY_OIDC_NAME: 'Acme' },
    CUSTODY_OIDC_SCOPES: 'openid email groups',
  };
  const server = await startServer({ data, port, settings });
  await using _ = server.program;
  await until('the server says that the provider is away', async () =>
    server.program.err().includes('Nobody can log in through the identity provider yet.'),
  );
  provider.isAway = false;
  const environment = { CUSTODY_TOKEN: '' };
  const words = ['login', '--oidc', '--json', '--server', url, '--ca', server.caFile] as const;
  await using program = startProgram([custody, ...words], { environment });
  const address = await until('the command line shows an address', async () => /https:\S+/.exec(program.err())?.[0]);
  const browser = new Browser({ sites: { [url]: siteOf(server.caFile) } });
  const page = await until('the provider is asked again', async () => {
    const visited = await logIn(browser, address, url);
    return visited.status === 200 ? visited : undefined;
  });
  const shown = /must show (\S+)\./.exec(program.err())?.[1] ?? 'nothing';
  expect(page.text).toContain(`It shows: ${shown}`);
  const link = /href="(http:[^"]+)"/.exec(page.text)?.[1]?.replaceAll('&amp;', '&') ?? '';
  const wrong = await fetch(link.replace(/handle=.*/, 'handle=x'));
  expect(wrong.status).toBe(404);
  expect((await fetch(link)).status).toBe(200);
  const { code, out } = await program.finished();
  expect(code).toBe(0);
  const { token } = JSON.parse(out);
  expect(await server.clientOf(token).whoAmI()).toMatchObject({ name: 'ada@example.org', tags: ['berlin'] });
  const linkWords = ['user', 'link', 'admin@custody.local', '--subject', 'boss', '--data', data] as const;
  const refused = await runProgram([custody, ...linkWords]);
  expect([refused.code, refused.err]).toEqual([
    1,
    expect.stringContaining('Make another Instance Administrator with a password first'),
  ]);
  const second = {
    email: 'second@example.org',
    password: 'correct horse battery staple',
    role: 'Instance Administrator',
  };
  await server.client.createUser(second);
  expect(await runProgram([custody, ...linkWords])).toMatchObject({ code: 0 });
  expect((await server.client.listUsers()).items).toMatchObject([
    { email: 'admin@custody.local', identity: { issuer: provider.issuer, subject: 'boss' } },
    { email: 'ada@example.org', identity: { issuer: provider.issuer, subject: 'ada' } },
    { email: 'second@example.org', identity: null },
  ]);
  expect(server.program.err() + server.program.out()).not.toContain(clientSecret);
  await server.end('SIGTERM');
  await rm(data, { recursive: true });
}, 60_000);

/** The server over TLS, with its own authority. */
function siteOf(caFile: string): (request: Request) => Promise<Response> {
  const tls = { ca: readFileSync(caFile, 'utf8') };
  return (request) => fetch(request, { tls, redirect: 'manual' });
}
