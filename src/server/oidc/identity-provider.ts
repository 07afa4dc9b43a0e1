import {
  AuthorizationResponseError,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  type Configuration,
  calculatePKCECodeChallenge,
  fetchUserInfo,
  ResponseBodyError,
  type ServerMetadata,
  WWWAuthenticateChallengeError,
} from 'openid-client';
import type { GroupRule, ProvenIdentity } from '#core/access/identity.ts';
import type { Fault } from '#core/fault.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { IdentityProvider, LogInSecrets } from '#core/ports/identity-provider.ts';
import type { Log } from '#core/ports/log.ts';
import { hour, type Milliseconds, second } from '#core/time.ts';
import { refusedLogIn, whyOf } from '#core/verbs/provider-refusal.ts';
import { type ClaimNames, type Claims, identityOf, readClaim } from './claims.ts';
import { type ProviderFetch, ProviderUnreachable } from './provider-fetch.ts';
import { configure, discover, type Registration } from './provider-metadata.ts';

export interface ProviderSettings extends Registration {
  readonly name: string;
  readonly rules: readonly GroupRule[];
  readonly scopes: string;
  readonly claims: ClaimNames;
  /** Where the provider sends browsers back to; registered there, character by character. */
  readonly redirectUri: string;
}

export interface ProviderMachine {
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly log: Log;
  readonly fetch: ProviderFetch;
}

interface Known {
  readonly metadata: ServerMetadata;
  readonly at: Milliseconds;
}

interface Failed {
  readonly fault: Fault;
  readonly at: Milliseconds;
}

/** For so long what the provider says of itself is taken for granted. */
const metadataLifetime = 1 * hour;
/** So long after a failure it is not asked again: strangers can begin log-ins as often as they like. */
const failurePause = 5 * second;

/** One OpenID Connect provider. What it says of itself is asked when it is first needed, so that it may be away at any time. */
export class OidcProvider implements IdentityProvider {
  readonly name: string;
  readonly issuer: string;
  readonly rules: readonly GroupRule[];
  readonly #settings: ProviderSettings;
  readonly #machine: ProviderMachine;
  #known: Known | undefined;
  #failed: Failed | undefined;
  #asking: Promise<ServerMetadata> | undefined;

  constructor(settings: ProviderSettings, machine: ProviderMachine) {
    this.name = settings.name;
    this.issuer = settings.issuer;
    this.rules = settings.rules;
    this.#settings = settings;
    this.#machine = machine;
  }

  async addressFor({ state, nonce, codeVerifier }: LogInSecrets): Promise<string> {
    const configuration = await this.#configuration();
    const { scopes, redirectUri } = this.#settings;
    return buildAuthorizationUrl(configuration, {
      ...{ redirect_uri: redirectUri, scope: scopes, state, nonce },
      code_challenge: await calculatePKCECodeChallenge(codeVerifier),
      code_challenge_method: 'S256',
    }).href;
  }

  async redeem(answer: string, secrets: LogInSecrets): Promise<ProvenIdentity> {
    const configuration = await this.#configuration();
    try {
      return await this.#prove(configuration, answer, secrets);
    } catch (thrown) {
      throw this.#refusalOf(thrown);
    }
  }

  /** Asks the provider now, for an administrator to read in the log whether it can be reached. */
  async look(): Promise<void> {
    const { log } = this.#machine;
    const { name, issuer } = this;
    try {
      await this.#metadata();
      log.info('People can log in through the identity provider.', { name, issuer });
    } catch (thrown) {
      const why = thrown instanceof Error ? thrown.message : String(thrown);
      log.warn('Nobody can log in through the identity provider yet.', { name, issuer, why });
    }
  }

  async #prove(
    configuration: Configuration,
    answer: string,
    { state, nonce, codeVerifier }: LogInSecrets,
  ): Promise<ProvenIdentity> {
    const { redirectUri, claims: names, issuer } = this.#settings;
    const tokens = await authorizationCodeGrant(configuration, new URL(`${redirectUri}?${answer}`), {
      expectedState: state,
      expectedNonce: nonce,
      pkceCodeVerifier: codeVerifier,
      idTokenExpected: true,
    });
    const claims: Claims = tokens.claims() ?? {};
    const isLacking = [names.email, names.groups].some((name) => readClaim(claims, name) === undefined);
    const hasMore = isLacking && configuration.serverMetadata().userinfo_endpoint !== undefined;
    const more = hasMore ? await fetchUserInfo(configuration, tokens.access_token, String(claims['sub'])) : {};
    const proven = identityOf({ ...more, ...claims }, issuer, names);
    if (proven === undefined) {
      throw new Error('the subject is no text of 1 to 255 printable ASCII characters');
    }
    return proven;
  }

  #refusalOf(cause: unknown): Fault {
    const { name } = this;
    if (isUnreachable(cause)) {
      return this.#unavailable(cause);
    }
    if (cause instanceof AuthorizationResponseError) {
      return refusedLogIn(
        'refused_by_provider',
        `${name} did not log you in (${shown(cause.error)}). Begin again, or ask its administrator.`,
        { cause },
      );
    }
    if (cause instanceof ResponseBodyError && cause.error === 'invalid_grant') {
      return refusedLogIn('code_refused', `${name} did not accept the code of this log-in. Begin again.`, { cause });
    }
    if (cause instanceof ResponseBodyError || cause instanceof WWWAuthenticateChallengeError) {
      const why = cause instanceof ResponseBodyError ? shown(cause.error) : 'unauthorized';
      const advice = 'An administrator must compare client id, secret and redirect address there and here.';
      return refusedLogIn('code_refused', `${name} refused this server (${why}). ${advice}`, {
        code: 'unavailable',
        cause,
      });
    }
    return refusedLogIn(
      'answer_refused',
      `What came from ${name} does not prove who you are. Begin again; if it stays so, an administrator finds the reason in the server's log.`,
      { cause },
    );
  }

  #unavailable(cause: unknown): Fault {
    const message = `${this.name} cannot be reached at the moment, so nobody can log in through it. Try again later, or log in with a password if you have one.`;
    return refusedLogIn('provider_unavailable', message, { code: 'unavailable', cause });
  }

  async #configuration(): Promise<Configuration> {
    return configure(this.#settings, await this.#metadata(), this.#machine.fetch);
  }

  /** @throws Fault `unavailable`; what is known from before is good enough until the provider is back. */
  async #metadata(): Promise<ServerMetadata> {
    const now = this.#machine.clock.monotonic();
    if (this.#known !== undefined && now - this.#known.at < metadataLifetime) {
      return this.#known.metadata;
    }
    if (this.#failed === undefined || now - this.#failed.at >= failurePause) {
      this.#asking ??= this.#ask();
      await this.#asking.catch(() => undefined);
    }
    if (this.#known !== undefined) {
      return this.#known.metadata;
    }
    throw this.#failed?.fault ?? this.#unavailable(undefined);
  }

  async #ask(): Promise<ServerMetadata> {
    const { clock, log } = this.#machine;
    try {
      const metadata = await discover(this.#settings, this.#machine.fetch);
      this.#known = { metadata, at: clock.monotonic() };
      this.#failed = undefined;
      return metadata;
    } catch (cause) {
      this.#failed = { fault: this.#unavailable(cause), at: clock.monotonic() };
      log.warn('The identity provider did not say how people log in.', { issuer: this.issuer, why: whyOf(cause) });
      throw this.#failed.fault;
    } finally {
      this.#asking = undefined;
    }
  }
}

/** The provider's own short word; a longer or stranger one is not shown to anyone. */
function shown(word: string): string {
  return /^[\w.-]{1,64}$/.test(word) ? word : 'without a reason';
}

function isUnreachable(thrown: unknown): boolean {
  for (let one = thrown; one instanceof Error; one = one.cause) {
    if (one instanceof ProviderUnreachable) {
      return true;
    }
  }
  return false;
}
