import { expect } from 'bun:test';
import { createHash } from 'node:crypto';
import type { GroupRule } from '#core/access/identity.ts';
import { wholeFleet } from '#core/access/scope.ts';
import type { CustodyEvent } from '#core/custody/event.ts';
import type { Log, LogFacts } from '#core/ports/log.ts';
import { createCybereasonDialect } from '#dialects/cybereason/index.ts';
import type { Dialect } from '#dialects/dialect.ts';
import { createNativeDialect } from '#dialects/native/index.ts';
import { Browser, type Visited } from '#kit/browser.ts';
import { clientId, clientSecret, type Person, TestProvider } from '#kit/oidc-provider.ts';
import { openPorts, type TestPorts } from '#kit/ports.ts';
import { OidcProvider } from '#server/oidc/identity-provider.ts';
import { providerFetch } from '#server/oidc/provider-fetch.ts';

export const site = 'https://custody.test:8443';
export const begin = `${site}/api/v1/sessions/provider`;
export const callback = `${begin}/callback`;

const rules: readonly GroupRule[] = [
  { group: 'custody-admins', role: 'Instance Administrator', scope: wholeFleet },
  { group: 'soc', role: 'Responder', scope: wholeFleet },
  { group: 'soc-berlin', role: 'Responder', scope: { kind: 'tags', tags: ['berlin'] } },
  { group: 'soc-paris', role: 'Responder', scope: { kind: 'tags', tags: ['paris'] } },
  { group: 'watchers', role: 'Viewer', scope: wholeFleet },
];

export interface ProviderWorldOptions {
  readonly people?: Record<string, Person>;
  readonly isInToken?: boolean;
  readonly groupsClaim?: string;
  readonly emailClaim?: string;
}

export interface ProviderWorld extends AsyncDisposable {
  readonly ports: TestPorts;
  readonly provider: TestProvider;
  readonly native: Dialect;
  readonly cybereason: Dialect;
  /** What the provider's port wrote down. */
  readonly logged: { readonly message: string; readonly facts: LogFacts | undefined }[];
  newBrowser(remoteAddress?: string): Browser;
  events(): Promise<readonly CustodyEvent[]>;
}

/** The dialects on a real store, and a real provider whose people log in there. */
export async function openProviderWorld(options: ProviderWorldOptions = {}): Promise<ProviderWorld> {
  const { people = {}, isInToken = true, groupsClaim: groups = 'groups', emailClaim: email = 'email' } = options;
  const provider = await TestProvider.open({ redirectUri: callback, people, isInToken });
  const { issuer } = provider;
  const settings = {
    ...{ name: 'Acme', issuer, clientId, clientSecret, rules, redirectUri: callback },
    scopes: 'openid email groups',
    claims: { email, groups },
  };
  const logged: ProviderWorld['logged'] = [];
  const note = (message: string, facts?: LogFacts) => void logged.push({ message, facts });
  const log: Log = { debug: note, info: note, warn: note, error: note };
  const clock = { monotonic: () => ports.clock.now() };
  const identityProvider = new OidcProvider(settings, { clock, log, fetch: providerFetch(undefined) });
  const ports: TestPorts = await openPorts({ identityProvider });
  const native = createNativeDialect({ ...ports, log });
  const cybereason = createCybereasonDialect(ports);
  return {
    ...{ ports, provider, native, cybereason, logged },
    newBrowser: (remoteAddress = '192.0.2.1') =>
      new Browser({
        sites: {
          [site]: (request) => {
            const { pathname } = new URL(request.url);
            return (native.owns(pathname) ? native : cybereason).handle(request, { remoteAddress, local: false });
          },
        },
      }),
    events: async () => ports.store.read(({ events }) => events.list({}, 0, 1_000)),
    async [Symbol.asyncDispose]() {
      await ports[Symbol.asyncDispose]();
      await provider[Symbol.asyncDispose]();
    },
  };
}

const backHere = (url: URL) => url.href.startsWith(callback);

/** Goes to the provider and logs in there. @returns where it sends the browser, which has not gone there yet */
export async function throughProvider(browser: Browser, login: string, query = ''): Promise<URL> {
  let visited = await browser.visit(`${begin}${query}`, { stop: backHere });
  for (const form of TestProvider.forms(login)) {
    if (!backHere(visited.url)) {
      visited = await browser.visit(visited.url.href, { form, stop: backHere });
    }
  }
  if (!backHere(visited.url)) {
    throw new Error(`The provider did not send the browser back, but to ${visited.url}: ${visited.text}`);
  }
  return visited.url;
}

/** The whole way of a log-in. */
export async function logIn(browser: Browser, login: string, query = ''): Promise<Visited> {
  return browser.visit((await throughProvider(browser, login, query)).href);
}

/** Asks our own site once, as a browser with this one cookie would. */
export async function ask(
  { native }: Pick<ProviderWorld, 'native'>,
  address: string,
  options: { readonly attempt?: string | undefined; readonly accept?: string; readonly remoteAddress?: string } = {},
): Promise<Response> {
  const { attempt, accept = 'text/html', remoteAddress = '192.0.2.1' } = options;
  const cookie = attempt === undefined ? {} : { cookie: `other=1; ${attemptCookie}=${attempt}; last=2` };
  return native.handle(new Request(address, { headers: { accept, ...cookie } }), { remoteAddress, local: false });
}

export const attemptCookie = '__Host-custody-log-in';

/** What is left to see after a refusal: why, in the record, and that nobody came in. */
export async function refusals(world: ProviderWorld): Promise<readonly unknown[]> {
  const events = await world.events();
  expect(events.filter(({ type }) => type === 'logged_in')).toEqual([]);
  return events.filter(({ type }) => type === 'log_in_failed').map(({ facts }) => facts['reason']);
}

/** What a command line makes up, as long as the real ones are. */
const verifier = 'v'.repeat(43);
export const challenge = createHash('sha256').update(verifier).digest('base64url');
export const handle = 'h'.repeat(43);

/** Logs in for a command line that listens on port 4711. @returns the code of the page's link, and the page */
export async function logInForCommandLine(
  browser: Browser,
  login: string,
): Promise<{ readonly code: string; readonly page: Visited }> {
  const page = await logIn(browser, login, `?${new URLSearchParams({ port: '4711', challenge, handle })}`);
  const link = /href="(http:[^"]+)"/.exec(page.text)?.[1]?.replaceAll('&amp;', '&') ?? '';
  return { code: URL.parse(link)?.searchParams.get('code') ?? '', page };
}

/** Trades the code of a command line's log-in for its session. */
export async function trade(
  { native }: Pick<ProviderWorld, 'native'>,
  body: { readonly code: string; readonly verifier?: string },
): Promise<Response> {
  const request = new Request(begin, { method: 'POST', body: JSON.stringify({ verifier, ...body }) });
  return native.handle(request, { remoteAddress: '192.0.2.1', local: false });
}
