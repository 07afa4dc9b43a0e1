import { asFault, Fault } from '#core/fault.ts';
import { beginProviderLogIn } from '#core/verbs/begin-provider-log-in.ts';
import { type FinishedLogIn, finishProviderLogIn } from '#core/verbs/finish-provider-log-in.ts';
import type { Destination } from '#core/verbs/sealed-log-in.ts';
import { takeSession } from '#core/verbs/take-session.ts';
import type { Call } from '../../dialect.ts';
import { faultRenderings } from '../faults.ts';
import { instantOf } from '../instant.ts';
import { attemptCookie, attemptOf, carriedSession, endedAttemptCookie, sessionCookie } from '../log-in-cookies.ts';
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
      const { address, attempt } = await beginProviderLogIn(call.ports, destinationOf(query));
      return replyRedirect(address, [attemptCookie(attempt)]);
    }),
  ),
  open(finishContract, 'it establishes who asks', async (_, call) =>
    forPeople(call, async () => {
      const { request, connection, ports } = call;
      const answer = new URL(request.url).search.slice(1);
      const attempt = attemptOf(request.headers);
      const { remoteAddress } = connection;
      const presented = carriedSession(request.headers);
      return replyFinished(call, await finishProviderLogIn(ports, { answer, attempt, remoteAddress, presented }));
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

function destinationOf({ returnTo, port, challenge, handle }: Asked): Destination {
  if (port !== undefined && challenge !== undefined && handle !== undefined && returnTo === undefined) {
    return { kind: 'command_line', port, challenge, handle };
  }
  if (port === undefined && challenge === undefined && handle === undefined) {
    return { kind: 'browser', returnTo: returnTo ?? '/' };
  }
  throw new Fault('invalid_request', 'port, challenge and handle belong together, and without returnTo.', {
    details: { in: 'query' },
  });
}

function replyFinished({ ports }: Call, finished: FinishedLogIn): Response {
  const ended = endedAttemptCookie(ports.clock.now());
  if (finished.kind === 'browser') {
    return replyRedirect(finished.returnTo, [sessionCookie(finished.session), ended]);
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
    // At the one address that the provider sends browsers back to, whatever this one has called the server.
    const again = { link: `${call.ports.policy.publicUrl}${beginning}`, words: 'Begin again' };
    return replyPage(
      { heading: 'Nobody was logged in', paragraphs: [fault.message, again] },
      faultRenderings[fault.code].status,
    );
  }
}
