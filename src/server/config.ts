import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { parse as parseToml } from 'smol-toml';
import { z } from 'zod';
import { type Licence, licences } from '#core/access/licence.ts';
import { Fault } from '#core/fault.ts';
import { guardReaches } from '#core/guard/guard.ts';
import type { Fs } from '#core/ports/fs.ts';
import { type GivenSetting, settingSources } from '#core/ports/installation.ts';
import { archiveForms, guidSpellings, idForms, sensorOffsets, signatureRules } from '#core/ports/policy.ts';
import { type SettingName, settings } from '#core/settings.ts';
import { streamsSchema, webhookHostsSchema } from './feed/feed-settings.ts';
import { logFormats, logLevels } from './log.ts';
import { groupRulesSchema, issuerSchema, scopesSchema } from './oidc/oidc-settings.ts';

/** What an administrator decided, read once at start and never again. */
export type Config = z.infer<typeof configSchema>;

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** More would look like a disk that is broken. */
const mostReservedPercent = 90;

const host = /^(?:\[([0-9a-fA-F:]+)\]|([^:[\]]+)):(\d{1,5})$/;

const listenSchema = z.string().transform((text, context): ListenAddress => {
  const match = host.exec(text);
  const port = Number(match?.[3]);
  const name = match?.[1] ?? match?.[2];
  if (name === undefined || port > 65_535) {
    context.addIssue('must be HOST:PORT, for example 127.0.0.1:8443 or [::1]:8443');
    return z.NEVER;
  }
  return { host: name, port };
});

const publicUrlSchema = z.string().transform((text, context): string => {
  const url = URL.parse(text);
  if (url === null || url.protocol !== 'https:' || url.pathname !== '/' || url.search !== '' || url.hash !== '') {
    context.addIssue('must be an https address without a path, for example https://custody.example.org');
    return z.NEVER;
  }
  if (text.includes('download')) {
    context.addIssue('must not hold the word "download": Cortex XDR clients cut links there');
    return z.NEVER;
  }
  return url.origin;
});

const licenceSchema = z.string().transform((text, context): readonly Licence[] => {
  if (text === 'all') {
    return licences;
  }
  const names = text === 'none' ? [] : listOf(text, ',');
  const unknown = names.find((name) => !licences.some((licence) => licence === name));
  if (unknown !== undefined) {
    context.addIssue(`names no licence with "${unknown}"; it takes all, none, or some of ${licences.join(', ')}`);
    return z.NEVER;
  }
  return licences.filter((licence) => names.includes(licence));
});

const storeSchema = z.string().refine((text) => text === 'sqlite' || /^postgres(ql)?:\/\//.test(text), {
  message: 'must be sqlite or postgres://USER:PASSWORD@HOST:PORT/DATABASE',
});

/** What no upload may take of the evidence's disk; the larger of the two counts. */
export interface EvidenceReserve {
  readonly percent: number;
  readonly bytes: number;
}

const mebibyte = 1024 ** 2;
const gibibyte = 1024 ** 3;
const units: Readonly<Record<string, number>> = { mib: mebibyte, gib: gibibyte, tib: 1024 ** 4 };

const reserveSchema = z.string().transform((text, context): EvidenceReserve => {
  const parts = listOf(text, ',').map((part) => /^(\d{1,6})(%|MiB|GiB|TiB)$/i.exec(part));
  const shares = parts.flatMap((part) => (part?.[2] === '%' ? [Number(part[1])] : []));
  const sizes = parts.flatMap((part) => {
    const unit = units[part?.[2]?.toLowerCase() ?? ''];
    return unit === undefined ? [] : [Number(part?.[1]) * unit];
  });
  const isWhole =
    shares.length <= 1 && sizes.length <= 1 && parts.length > 0 && parts.length === shares.length + sizes.length;
  const [percent = 0, bytes = 0] = [shares[0], sizes[0]];
  if (text.trim() !== '0' && (!isWhole || percent > mostReservedPercent)) {
    context.addIssue('must be a share up to 90%, a size in MiB, GiB or TiB, or both, as in 5%,2GiB; or 0');
    return z.NEVER;
  }
  return { percent, bytes };
});

/** Who signs orders. */
export type SignerChoice =
  | { readonly kind: 'local' }
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'tls'; readonly host: string; readonly port: number };

const signerSchema = z.string().transform((text, context): SignerChoice => {
  if (text === 'local') {
    return { kind: 'local' };
  }
  const path = text.startsWith('unix:') ? text.slice('unix:'.length) : '';
  if (isAbsolute(path)) {
    return { kind: 'unix', path };
  }
  const match = text.startsWith('tls://') ? host.exec(text.slice('tls://'.length)) : null;
  const [name, port] = [match?.[1] ?? match?.[2], Number(match?.[3])];
  if (name === undefined || port > 65_535) {
    context.addIssue('must be local, unix:/PATH or tls://HOST:PORT');
    return z.NEVER;
  }
  return { kind: 'tls', host: name, port };
});

const mostRings = 10;

const wholeNumber = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,12}$/, `must be a whole number from ${least} to ${most}`)
    .transform(Number)
    .refine((value) => value >= least && value <= most, `must be a whole number from ${least} to ${most}`);

const ringsSchema = z.string().transform((text, context): readonly number[] => {
  const sizes = text === 'off' ? [] : listOf(text, ',').map((each) => (/^\d{1,7}$/.test(each) ? Number(each) : 0));
  const isAscending = sizes.every((size, index) => size > (sizes[index - 1] ?? 0));
  if (text !== 'off' && (sizes.length === 0 || sizes.length > mostRings || !isAscending)) {
    context.addIssue(`must be off, or at most ${mostRings} numbers of endpoints, each more than the last: 1,10,100`);
    return z.NEVER;
  }
  return sizes;
});

const separated = (separator: ',' | ':') => z.string().transform((text) => listOf(text, separator));
const agentUrlsSchema = separated(',').transform((texts, context): readonly string[] => {
  const urls = texts.map((text) => URL.parse(text));
  if (urls.length > 16 || !urls.every((url) => url?.protocol === 'https:' && url.pathname === '/')) {
    context.addIssue('must be at most 16 https addresses without a path, for example https://custody.example.org');
    return z.NEVER;
  }
  return [...new Set(urls.map((url) => url?.origin ?? ''))];
});
const path = z.string().min(1, 'must be a path').transform(expandHome);

/** One entry per setting, no more and no fewer: a new setting does not compile until it is read here. */
const configSchema = z.object({
  CUSTODY_DATA: path.default(resolve('data')),
  CUSTODY_LISTEN: listenSchema.default({ host: '127.0.0.1', port: 8443 }),
  CUSTODY_AGENT_LISTEN: listenSchema.optional(),
  CUSTODY_PUBLIC_URL: publicUrlSchema.optional(),
  CUSTODY_TLS_CERT: path.optional(),
  CUSTODY_TLS_KEY: path.optional(),
  CUSTODY_TLS_NAMES: separated(',').default([]),
  CUSTODY_AGENT_URLS: agentUrlsSchema.default([]),
  CUSTODY_AGENT_AUTHORITIES: separated(',')
    .transform((files) => files.map(expandHome))
    .default([]),
  CUSTODY_SIGNER: signerSchema.default({ kind: 'local' }),
  CUSTODY_SIGNER_IDENTITY: path.optional(),
  CUSTODY_ADMIN_EMAIL: z.email('must be an e-mail address').default('admin@custody.local'),
  CUSTODY_ADMIN_PASSWORD: z.string().min(12, 'must have at least 12 characters').optional(),
  CUSTODY_AGENT_ROOTS: separated(':')
    .transform((roots) => roots.map(expandHome))
    .optional(),
  CUSTODY_LICENSE: licenceSchema.default(licences),
  CUSTODY_BATCH_LIMIT: wholeNumber(1, 20_000).default(1_000),
  CUSTODY_QUARANTINE_LIMIT: wholeNumber(1, 1_000_000).default(1_000),
  CUSTODY_GUARD: z.enum(guardReaches, 'must be off, native or all').default('native'),
  CUSTODY_GUARD_ENDPOINTS: wholeNumber(1, 1_000_000).default(25),
  CUSTODY_GUARD_PERCENT: wholeNumber(1, 100).default(1),
  CUSTODY_GUARD_FETCH_FILES: wholeNumber(1, 1_000_000).default(1_000),
  CUSTODY_GUARD_FETCH_ENDPOINTS: wholeNumber(1, 1_000_000).default(200),
  CUSTODY_GUARD_FETCH_HOURLY: wholeNumber(1, 100_000_000).default(10_000),
  CUSTODY_GUARD_HOURS: wholeNumber(1, 720).default(24),
  CUSTODY_CONFIRM_AFTER: wholeNumber(1, 720).optional(),
  CUSTODY_RINGS: ringsSchema.default([1, 10, 100]),
  CUSTODY_RING_FAILURES: wholeNumber(0, 100).default(10),
  CUSTODY_RING_SILENT: wholeNumber(0, 100).default(2),
  CUSTODY_RING_MINUTES: wholeNumber(1, 43_200).default(10),
  CUSTODY_RING_WATCH_SECONDS: wholeNumber(0, 86_400).default(120),
  CUSTODY_STORE_DEADLINE_MS: wholeNumber(10, 600_000).default(5_000),
  CUSTODY_STORE: storeSchema.default('sqlite'),
  CUSTODY_EVIDENCE: z.string().min(1, 'must be a directory or off').optional(),
  CUSTODY_EVIDENCE_RESERVE: reserveSchema.default({ percent: 5, bytes: 2 * gibibyte }),
  CUSTODY_STORE_RESERVE_MIB: wholeNumber(0, 1_000_000).default(64),
  CUSTODY_RETRIEVAL_DAYS: wholeNumber(1, 3_650).default(30),
  CUSTODY_PASSWORD_DAYS: wholeNumber(0, 3_650).default(0),
  CUSTODY_SESSION_HOURS: wholeNumber(1, 720).default(12),
  CUSTODY_SESSION_IDLE_MINUTES: wholeNumber(0, 43_200).default(30),
  CUSTODY_RATE_PER_MINUTE: wholeNumber(0, 10_000_000).default(6_000),
  CUSTODY_RATE_BURST: wholeNumber(1, 10_000_000).default(3_000),
  CUSTODY_ADDRESS_REQUESTS: wholeNumber(0, 10_000_000).default(1_000),
  CUSTODY_STREAMS: wholeNumber(0, 100_000).default(200),
  CUSTODY_STREAMS_PER_PRINCIPAL: wholeNumber(0, 100_000).default(20),
  CUSTODY_HTTP2: z.enum(['on', 'off'], 'must be on or off').default('on'),
  CUSTODY_UPLOAD_ENDPOINT_GIB: wholeNumber(1, 1_000_000).default(256),
  CUSTODY_UPLOAD_ACTION_GIB: wholeNumber(1, 1_000_000).default(1_024),
  CUSTODY_ENDPOINT_FILES: wholeNumber(1_000, 100_000_000).default(2_000_000),
  CUSTODY_CYBEREASON_GUIDS: z.enum(guidSpellings, 'must be numeric or compact').default('numeric'),
  CUSTODY_CYBEREASON_SENSOR_OFFSET: z.enum(sensorOffsets, 'must be page or row').default('page'),
  CUSTODY_CYBEREASON_UNAUTHORIZED: z.enum(['redirect', '401'], 'must be redirect or 401').default('redirect'),
  CUSTODY_CORTEX_IDS: z.enum(idForms, 'must be text or integer').default('text'),
  CUSTODY_CORTEX_SIGNATURES: z.enum(signatureRules, 'must be lenient or strict').default('lenient'),
  CUSTODY_CORTEX_RETRIEVAL_FILES: wholeNumber(1, 20_000).default(20),
  CUSTODY_CORTEX_RETRIEVAL_ENDPOINTS: wholeNumber(1, 1_000_000).default(10),
  CUSTODY_CORTEX_ARCHIVES: z.enum(archiveForms, 'must be plain or password').default('plain'),
  CUSTODY_CORTEX_LINK_MINUTES: wholeNumber(0, 5_256_000).default(0),
  CUSTODY_REASON: z.enum(['optional', 'required'], 'must be optional or required').default('optional'),
  CUSTODY_OIDC_ISSUER: issuerSchema.optional(),
  CUSTODY_OIDC_NAME: z.string().max(100, 'must have at most 100 characters').optional(),
  CUSTODY_OIDC_CLIENT_ID: z.string().optional(),
  CUSTODY_OIDC_CLIENT_SECRET: z.string().optional(),
  CUSTODY_OIDC_CLIENT_SECRET_FILE: path.optional(),
  CUSTODY_OIDC_SCOPES: scopesSchema.default('openid email profile'),
  CUSTODY_OIDC_EMAIL_CLAIM: z.string().default('email'),
  CUSTODY_OIDC_GROUPS_CLAIM: z.string().default('groups'),
  CUSTODY_OIDC_ROLES: groupRulesSchema.optional(),
  CUSTODY_OIDC_AUTHORITY: path.optional(),
  CUSTODY_WEBHOOK_HOSTS: webhookHostsSchema.optional(),
  CUSTODY_WEBHOOK_AUTHORITY: path.optional(),
  CUSTODY_SYSLOG: streamsSchema.default([]),
  CUSTODY_LOG: z.enum(logLevels, `must be one of ${logLevels.join(', ')}`).default('info'),
  CUSTODY_LOG_FORMAT: z.enum(logFormats, `must be one of ${logFormats.join(', ')}`).default('auto'),
} satisfies Record<SettingName, z.ZodType>);

/** Whatever holds a password, or may. */
const secretSettings: readonly SettingName[] = [
  'CUSTODY_ADMIN_PASSWORD',
  'CUSTODY_OIDC_CLIENT_SECRET',
  'CUSTODY_STORE',
];

/** Those that somebody made, as they were written. */
export type GivenSettings = ReadonlyMap<SettingName, GivenSetting>;

export interface LoadedSettings {
  readonly config: Config;
  readonly given: GivenSettings;
}

export interface ConfigSources {
  /** By flag name, without dashes in front. */
  readonly flags: Readonly<Record<string, string | undefined>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * Reads the settings: flags, then environment, then `custody.toml` (`--config`, else in the data directory).
 * @throws Fault `invalid_request`, one sentence that names the setting and says what it takes.
 */
export async function loadSettings(fs: Fs, sources: ConfigSources): Promise<LoadedSettings> {
  const { flags, environment } = sources;
  const data = expandHome(flags['data'] ?? emptyIsUnset(environment['CUSTODY_DATA']) ?? 'data');
  const file = await readSettingsFile(fs, flags['config'], data);
  const written = settings.map(({ name, flag }) => ({
    name,
    texts: { flag: flags[flag], environment: emptyIsUnset(environment[name]), file: file[flag.replaceAll('-', '_')] },
  }));
  const values = written.map(({ name, texts }) => [name, texts.flag ?? texts.environment ?? texts.file]);
  const config = checked({ ...Object.fromEntries(values), CUSTODY_DATA: data });
  return { config, given: new Map(written.flatMap(({ name, texts }) => givenSetting(name, texts))) };
}

/** The settings alone. @throws Fault as `loadSettings`. */
export async function loadConfig(fs: Fs, sources: ConfigSources): Promise<Config> {
  return (await loadSettings(fs, sources)).config;
}

function givenSetting(
  name: SettingName,
  texts: Readonly<Record<GivenSetting['source'], string | undefined>>,
): readonly (readonly [SettingName, GivenSetting])[] {
  const source = settingSources.find((each) => texts[each] !== undefined);
  if (source === undefined) {
    return [];
  }
  return [[name, { source, text: secretSettings.includes(name) ? null : (texts[source] ?? null) }]];
}

function checked(values: Readonly<Record<string, unknown>>): Config {
  const parsed = configSchema.safeParse(values);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw settingFault(String(issue?.path[0]), issue?.message ?? 'is wrong');
  }
  if ((parsed.data.CUSTODY_TLS_CERT === undefined) !== (parsed.data.CUSTODY_TLS_KEY === undefined)) {
    throw settingFault('CUSTODY_TLS_CERT', 'and CUSTODY_TLS_KEY must be set both, or neither');
  }
  demandWholeProvider(parsed.data);
  if ((parsed.data.CUSTODY_SIGNER.kind === 'tls') !== (parsed.data.CUSTODY_SIGNER_IDENTITY !== undefined)) {
    throw settingFault(
      'CUSTODY_SIGNER_IDENTITY',
      'must be set where CUSTODY_SIGNER is a tls:// address, and nowhere else',
    );
  }
  return parsed.data;
}

/** A provider that is set up by halves would let nobody in, or the server would seem to have none. */
function demandWholeProvider(config: Config): void {
  const hasIssuer = config.CUSTODY_OIDC_ISSUER !== undefined;
  for (const name of ['CUSTODY_OIDC_CLIENT_ID', 'CUSTODY_OIDC_ROLES'] as const) {
    if (hasIssuer !== (config[name] !== undefined)) {
      throw settingFault(name, 'and CUSTODY_OIDC_ISSUER must be set both, or neither');
    }
  }
  if (config.CUSTODY_OIDC_CLIENT_SECRET !== undefined && config.CUSTODY_OIDC_CLIENT_SECRET_FILE !== undefined) {
    throw settingFault(
      'CUSTODY_OIDC_CLIENT_SECRET',
      'and CUSTODY_OIDC_CLIENT_SECRET_FILE are two words on one thing: set one of them',
    );
  }
}

async function readSettingsFile(
  fs: Fs,
  asked: string | undefined,
  data: string,
): Promise<Readonly<Record<string, string>>> {
  const path = asked ?? join(data, 'custody.toml');
  const bytes = await fs.read(path);
  if (bytes === undefined) {
    if (asked !== undefined) {
      throw settingFault('--config', `names no file: ${asked}`);
    }
    return {};
  }
  return checkKeys(parseFile(path, new TextDecoder().decode(bytes)), path);
}

function parseFile(path: string, text: string): Readonly<Record<string, unknown>> {
  try {
    return parseToml(text);
  } catch (cause) {
    throw new Fault('invalid_request', `${path} is no TOML: ${cause instanceof Error ? cause.message : 'unreadable'}`, {
      cause,
    });
  }
}

function checkKeys(table: Readonly<Record<string, unknown>>, path: string): Readonly<Record<string, string>> {
  const keys = settings.map(({ flag }) => flag.replaceAll('-', '_'));
  return Object.fromEntries(
    Object.entries(table).map(([key, value]) => {
      if (!keys.includes(key)) {
        throw settingFault(`${path}: ${key}`, `is no setting; there are ${keys.join(', ')}`);
      }
      if (typeof value !== 'string' && typeof value !== 'number') {
        throw settingFault(`${path}: ${key}`, 'must be a text or a number');
      }
      return [key, String(value)];
    }),
  );
}

function settingFault(name: string, message: string): Fault {
  return new Fault('invalid_request', `${name} ${message}.`, { details: { field: name } });
}

function listOf(text: string, separator: string): readonly string[] {
  return text
    .split(separator)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function emptyIsUnset(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}

function expandHome(path: string): string {
  return resolve(path.startsWith('~/') ? join(homedir(), path.slice(2)) : path);
}

/** Where clients find this server when nobody said so. */
export function publicUrlOf(config: Config, port: number): string {
  const { host: name } = config.CUSTODY_LISTEN;
  const shown = name === '0.0.0.0' || name === '::' ? 'localhost' : name;
  return config.CUSTODY_PUBLIC_URL ?? `https://${shown.includes(':') ? `[${shown}]` : shown}:${port}`;
}
