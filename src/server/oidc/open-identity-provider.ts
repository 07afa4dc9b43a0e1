import { rootCertificates } from 'node:tls';
import { Fault } from '#core/fault.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { Fs } from '#core/ports/fs.ts';
import type { Log } from '#core/ports/log.ts';
import type { Config } from '../config.ts';
import { OidcProvider } from './identity-provider.ts';
import { providerFetch } from './provider-fetch.ts';

interface Machine {
  readonly clock: Clock;
  readonly fs: Fs;
  readonly log: Log;
}

interface Settings {
  readonly config: Config;
  /** Providers compare it character by character. */
  readonly redirectUri: string;
}

/**
 * The provider that the settings name; undefined for none. It need not answer yet.
 * @throws Fault `invalid_request` for a file that is named and is not what it should be.
 */
export async function openIdentityProvider(
  machine: Machine,
  { config, redirectUri }: Settings,
): Promise<OidcProvider | undefined> {
  const { CUSTODY_OIDC_ISSUER: issuer, CUSTODY_OIDC_CLIENT_ID: clientId, CUSTODY_OIDC_ROLES: rules } = config;
  if (issuer === undefined || clientId === undefined || rules === undefined) {
    return undefined;
  }
  const { clock, log } = machine;
  const settings = {
    ...{ issuer, clientId, rules },
    name: config.CUSTODY_OIDC_NAME ?? new URL(issuer).host,
    clientSecret: await secretOf(machine.fs, config),
    scopes: config.CUSTODY_OIDC_SCOPES,
    claims: { email: config.CUSTODY_OIDC_EMAIL_CLAIM, groups: config.CUSTODY_OIDC_GROUPS_CLAIM },
    redirectUri,
  };
  return new OidcProvider(settings, { clock, log, fetch: providerFetch(await authoritiesOf(machine.fs, config)) });
}

async function secretOf(fs: Fs, config: Config): Promise<string | undefined> {
  const { CUSTODY_OIDC_CLIENT_SECRET: secret, CUSTODY_OIDC_CLIENT_SECRET_FILE: path } = config;
  if (path === undefined) {
    return secret;
  }
  const text = (await readNamed(fs, 'CUSTODY_OIDC_CLIENT_SECRET_FILE', path)).trim();
  if (text === '') {
    throw new Fault('invalid_request', `CUSTODY_OIDC_CLIENT_SECRET_FILE names an empty file: ${path}.`);
  }
  return text;
}

/** Undefined: the public ones alone. */
async function authoritiesOf(fs: Fs, config: Config): Promise<readonly string[] | undefined> {
  const { CUSTODY_OIDC_AUTHORITY: path } = config;
  if (path === undefined) {
    return undefined;
  }
  const pem = await readNamed(fs, 'CUSTODY_OIDC_AUTHORITY', path);
  if (!pem.includes('-----BEGIN CERTIFICATE-----')) {
    throw new Fault('invalid_request', `CUSTODY_OIDC_AUTHORITY names a file without a certificate (PEM): ${path}.`);
  }
  return [...rootCertificates, pem];
}

async function readNamed(fs: Fs, setting: string, path: string): Promise<string> {
  const bytes = await fs.read(path).catch((cause: unknown) => {
    throw new Fault('invalid_request', `${setting} names a file that cannot be read: ${path}.`, { cause });
  });
  if (bytes === undefined) {
    throw new Fault('invalid_request', `${setting} names a file that is not there: ${path}.`);
  }
  return new TextDecoder().decode(bytes);
}
