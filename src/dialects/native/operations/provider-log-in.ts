import { asFault, Fault } from '#core/fault.ts';
import type { Policy } from '#core/ports/policy.ts';
import { beginProviderLogIn } from '#core/verbs/begin-provider-log-in.ts';
import { type FinishedLogIn, finishProviderLogIn } from '#core/verbs/finish-provider-log-in.ts';
import { type Destination, openAttempt } from '#core/verbs/sealed-log-in.ts';
import { takeSession } from '#core/verbs/take-session.ts';
import type { Call } from '../../dialect.ts';
import { faultRenderings } from '../faults.ts';
import { instantOf } from '../instant.ts';
import {
  attemptCookie,
  attemptOf,
  carriedSession,
  consoleCookie,
  consoleSessionOf,
  endedAttemptCookie,
  sessionCookie,
} from '../log-in-cookies.ts';
import { type NativeOperation, open } from '../operation.ts';
import { type Paragraph, replyPage, replyRedirect } from '../page.ts';
import { basePath } from '../schemas/contract.ts';
import {
  beginProviderLogIn as beginContract,
  finishProviderLogIn as finishContract,
  takeSession as takeContract,
  readLogInWays as waysContract,
} from '../schemas/provider.ts';
import { showUser } from '../show-access.ts';

const beginning = `${basePath}${beginContract.path}`;

export const providerLogInOperations: readonly NativeOperation[] = [
  open(waysContract, 'whoever is to log in must know how', async (_, { ports }) => {
    const { identityProvider: provider, policy } = ports;
    if (provider === undefined) {
      return { provider: null };
    }
    const { name, issuer } = provider;
    return { provider: { name, issuer, address: `${policy.publicUrl}${beginning}` } };
  }),
  open(beginContract, 'it leads to where somebody is identified', async ({ query }, call) =>
    forPeople(call, async () => {
      const destination = destinationOf(query, call.ports.policy);
      const presented = presentedFor(destination, call.request.headers);
      const { address, attempt } = await beginProviderLogIn(call.ports, { destination, presented });
      return replyRedirect(address, [attemptCookie(attempt)]);
    }),
  ),
  open(finishContract, 'it establishes who asks', async (_, call) =>
    forPeople(call, async () => {
      const { request, connection, ports } = call;
      const answer = new URL(request.url).search.slice(1);
      const attempt = attemptOf(request.headers);
      const { remoteAddress } = connection;
      return replyFinished(call, await finishProviderLogIn(ports, { answer, attempt, remoteAddress }));
    }),
  ),
  open(takeContract, 'it establishes who asks', async ({ body }, { ports, connection: { remoteAddress } }) => {
    const { token, expiresAt, user } = await takeSession(ports, { ...body, remoteAddress });
    return { token, expiresAt: instantOf(expiresAt), user: showUser(user) };
  }),
];

interface Asked {
  readonly returnTo?: string | undefined;
  readonly port?: number | undefined;
  readonly challenge?: string | undefined;
  readonly handle?: string | undefined;
}

function destinationOf({ returnTo, port, challenge, handle }: Asked, policy: Pick<Policy, 'publicUrl'>): Destination {
  if (port !== undefined && challenge !== undefined && handle !== undefined && returnTo === undefined) {
    return { kind: 'command_line', port, challenge, handle };
  }
  if (port === undefined && challenge === undefined && handle === undefined) {
    return browserDestination(returnTo ?? '/', policy);
  }
  throw new Fault('invalid_request', 'port, challenge and handle belong together, and without returnTo.', {
    details: { in: 'query' },
  });
}

/** The console's own base, which asks this API; every other page of this server is the Cybereason API's. */
const consolePages = /^\/console(?=\/|$)/;

function browserDestination(returnTo: string, { publicUrl }: Pick<Policy, 'publicUrl'>): Destination {
  const isConsole = consolePages.test(URL.parse(returnTo, publicUrl)?.pathname ?? '');
  return { kind: 'browser', dialect: isConsole ? 'native' : 'cybereason', returnTo };
}

/** Of the API that the log-in is for; a command line takes the place of no session of the browser. */
function presentedFor(destination: Destination, headers: Headers): string | undefined {
  if (destination.kind === 'command_line') {
    return undefined;
  }
  return destination.dialect === 'native' ? consoleSessionOf(headers) : carriedSession(headers);
}

function replyFinished({ ports }: Call, finished: FinishedLogIn): Response {
  const ended = endedAttemptCookie(ports.clock.now());
  if (finished.kind === 'browser') {
    const { dialect, session, returnTo } = finished;
    return replyRedirect(returnTo, [dialect === 'native' ? consoleCookie(session) : sessionCookie(session), ended]);
  }
  const response = replyHandOver(finished);
  response.headers.append('set-cookie', ended);
  return response;
}

/**
 * A page and not a redirect: a page of another site could begin this for a program that somebody else runs on the same machine, and only
 * a person can tell that they have started none.
 */
function replyHandOver(finished: Extract<FinishedLogIn, { kind: 'command_line' }>): Response {
  const { code, handle, port, challenge, user } = finished;
  const link = `http://127.0.0.1:${port}/?${new URLSearchParams({ code, handle })}`;
  const paragraphs: Paragraph[] = [
    `You are ${user.email}. A command line on this computer asks to go on as you. It shows: ${challenge.slice(0, 8)}`,
    'If you have just started it and it shows the same, hand the log-in to it within a minute. If not, close this page.',
    { link, words: 'Hand the log-in to the command line' },
  ];
  return replyPage({ heading: 'Log in the command line', paragraphs });
}

/** Whoever asks for a page is told in a page what went wrong, and everyone else as by every operation. */
async function forPeople(call: Call, answer: () => Promise<Response>): Promise<Response> {
  try {
    return await answer();
  } catch (thrown) {
    const fault = asFault(thrown);
    const wantsPage = call.request.headers.get('accept')?.includes('text/html') === true;
    if (!wantsPage || fault.code === 'internal') {
      throw thrown;
    }
    call.ports.log.debug('A log-in was refused.', { code: fault.code, message: fault.message });
    const again = { link: beginningAgain(call), words: 'Begin again' };
    return replyPage(
      { heading: 'Nobody was logged in', paragraphs: [fault.message, again] },
      faultRenderings[fault.code].status,
    );
  }
}

/** At the one address that the provider sends browsers back to, whatever this one has called the server, and to the same page. */
function beginningAgain({ request, ports: { policy, secrets } }: Call): string {
  const address = `${policy.publicUrl}${beginning}`;
  const attempt = openAttempt(secrets, attemptOf(request.headers) ?? '');
  if (attempt?.destination.kind !== 'browser' || attempt.destination.dialect !== 'native') {
    return address;
  }
  const { pathname, search } = new URL(attempt.destination.returnTo);
  return `${address}?${new URLSearchParams({ returnTo: `${pathname}${search}` })}`;
}
