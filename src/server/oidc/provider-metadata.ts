import {
  allowInsecureRequests,
  type ClientAuth,
  ClientSecretBasic,
  ClientSecretPost,
  Configuration,
  clockTolerance,
  customFetch,
  discovery,
  enableNonRepudiationChecks,
  None,
  type ServerMetadata,
} from 'openid-client';
import { isLoopback } from './loopback.ts';
import { type ProviderFetch, ProviderUnreachable } from './provider-fetch.ts';

/** What this server is to the provider. */
export interface Registration {
  readonly issuer: string;
  readonly clientId: string;
  /** Undefined for a public client. */
  readonly clientSecret: string | undefined;
}

/** In seconds. */
const patience = 10;
/** In seconds: how far the provider's clock may be off. */
const tolerance = 30;

/**
 * What the provider says of itself (OpenID Connect Discovery 1.0, 4).
 * @throws Error for one that cannot be reached, or is another than was named.
 */
export async function discover(registration: Registration, fetch: ProviderFetch): Promise<ServerMetadata> {
  const { issuer, clientId } = registration;
  const url = new URL(issuer);
  const options = {
    [customFetch]: fetch,
    timeout: patience,
    ...(isLoopback(url) && { execute: [allowInsecureRequests] }),
  };
  const found = await discovery(url, clientId, undefined, None(), options);
  const metadata = found.serverMetadata();
  if (metadata.issuer !== issuer) {
    throw new ProviderUnreachable(
      `it calls itself ${metadata.issuer}, and CUSTODY_OIDC_ISSUER ${issuer}: they must be the same`,
    );
  }
  // Without the functions that the library adds.
  return JSON.parse(JSON.stringify(metadata));
}

/**
 * The library's settings for one log-in. They are made anew for each because they keep the provider's keys: log-ins are few, and so a
 * key that was changed is never an old one.
 */
export function configure(registration: Registration, metadata: ServerMetadata, fetch: ProviderFetch): Configuration {
  const { issuer, clientId, clientSecret } = registration;
  const client = { [clockTolerance]: tolerance };
  const configuration = new Configuration(metadata, clientId, client, authentication(metadata, clientSecret));
  configuration.timeout = patience;
  configuration[customFetch] = fetch;
  // Without it the library trusts the connection that a token came over, and looks at no signature; it takes those alone that nobody
  // but the provider can make, whatever the provider says that it signs with.
  enableNonRepudiationChecks(configuration);
  if (isLoopback(new URL(issuer))) {
    allowInsecureRequests(configuration);
  }
  return configuration;
}

/** How the secret is shown: OpenID Connect Core 1.0, 9, where the first is the rule for who says nothing. */
function authentication(metadata: ServerMetadata, secret: string | undefined): ClientAuth {
  if (secret === undefined) {
    return None();
  }
  const known = metadata.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
  return known.includes('client_secret_basic') ? ClientSecretBasic(secret) : ClientSecretPost(secret);
}
