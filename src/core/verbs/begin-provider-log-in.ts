import { Fault } from '../fault.ts';
import type { IdentityProvider } from '../ports/identity-provider.ts';
import type { Ports } from '../ports/ports.ts';
import type { Random } from '../ports/random.ts';
import { hashToken } from './log-in.ts';
import { attemptLifetime, type Destination, sealAttempt } from './sealed-log-in.ts';

export interface BeginLogIn {
  readonly destination: Destination;
  /**
   * Token of the session that the browser carries for the API of its destination: where it is the same person's it ends, and the new
   * one takes its place. It goes with the attempt, for browsers do not carry a `Strict` cookie to where another site sends them.
   */
  readonly presented?: string | undefined;
}

export interface BegunLogIn {
  /** The provider's, where the browser goes next. */
  readonly address: string;
  /** Comes back with the provider's answer, from the same browser or it counts for nothing. */
  readonly attempt: string;
}

const longestReturn = 1_024;

/**
 * Begins a log-in through the identity provider. Nothing is stored: what it is bound to goes with the browser, sealed, so that
 * beginning costs no row however often a stranger does it.
 * @throws Fault `not_found` where there is no provider, `unavailable` while it cannot be reached, `invalid_request` for a page that
 * is not this server's.
 */
export async function beginProviderLogIn(
  ports: Pick<Ports, 'clock' | 'random' | 'secrets' | 'identityProvider' | 'policy'>,
  { destination, presented }: BeginLogIn,
): Promise<BegunLogIn> {
  const provider = demandProvider(ports);
  const checked =
    destination.kind === 'browser' ? { ...destination, returnTo: ownPage(ports, destination.returnTo) } : destination;
  const secrets = {
    state: randomText(ports.random),
    nonce: randomText(ports.random),
    codeVerifier: randomText(ports.random),
  };
  const address = await provider.addressFor(secrets);
  const expiresAt = ports.clock.now() + attemptLifetime;
  const before = presented === undefined ? {} : { before: hashToken(presented) };
  return { address, attempt: sealAttempt(ports.secrets, { ...secrets, expiresAt, destination: checked, ...before }) };
}

/** @throws Fault `not_found` where people log in with passwords only. */
export function demandProvider({ identityProvider }: Pick<Ports, 'identityProvider'>): IdentityProvider {
  if (identityProvider === undefined) {
    throw new Fault(
      'not_found',
      'This server has no identity provider: log in with a password, or have an administrator set CUSTODY_OIDC_ISSUER.',
      { details: { what: 'identity provider' } },
    );
  }
  return identityProvider;
}

/** 256 bits in base64url, 43 characters. */
export function randomText(random: Pick<Random, 'bytes'>): string {
  return Buffer.from(random.bytes(32)).toString('base64url');
}

/** A page of this server, whole: a relative address could be another server's (`//host`, `/\host`). */
function ownPage({ policy }: Pick<Ports, 'policy'>, returnTo: string): string {
  const own = new URL(policy.publicUrl).origin;
  const page = returnTo.startsWith('/') && returnTo.length <= longestReturn ? URL.parse(returnTo, own) : null;
  if (page === null || page.origin !== own || page.username !== '' || page.password !== '') {
    throw new Fault(
      'invalid_request',
      `returnTo: must be the path of a page of this server, such as /, of at most ${longestReturn} characters.`,
      { details: { field: 'returnTo' } },
    );
  }
  return page.href;
}
