import { createHash } from 'node:crypto';
import { z } from 'zod';
import { checkShape } from '../check-shape.ts';
import { asFault } from '../fault.ts';
import type { Secrets } from '../ports/secrets.ts';
import { minute, second } from '../time.ts';

/** How long somebody may take at the provider. */
export const attemptLifetime = 10 * minute;
/** How long a command line may take to fetch its session after the log-in. */
export const handOverLifetime = 60 * second;

const secret = z.string().length(43);

const destinationSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('browser'), dialect: z.enum(['native', 'cybereason']), returnTo: z.string() }),
  z.strictObject({ kind: z.literal('command_line'), port: z.int(), challenge: secret, handle: secret }),
]);

/**
 * Who gets the session: the browser itself, for the API that its page asks, or a command line that listens on a port of the same machine
 * (RFC 8252, 7.3).
 */
export type Destination = z.output<typeof destinationSchema>;

/** A command line, as a log-in keeps it. */
export type CommandLine = Extract<Destination, { readonly kind: 'command_line' }>;

/** The purpose is sealed in: nothing else that was ever sealed under the same key can stand for it. */
const attemptSchema = z.strictObject({
  purpose: z.literal('log_in_attempt'),
  ...{ state: secret, nonce: secret, codeVerifier: secret },
  expiresAt: z.int(),
  destination: destinationSchema,
  /** Hash of the session that the browser carried when it began; absent where it carried none. */
  before: z.string().length(64).optional(),
});

/** A log-in that has begun, as the browser keeps it in a cookie that it cannot read. */
export type Attempt = Omit<z.output<typeof attemptSchema>, 'purpose'>;

const handOverSchema = z.strictObject({
  purpose: z.literal('log_in_hand_over'),
  id: secret,
  userId: z.string(),
  challenge: secret,
  expiresAt: z.int(),
});

/** A log-in that has succeeded, on its way to the command line that asked for it. */
export type HandOver = Omit<z.output<typeof handOverSchema>, 'purpose'>;

export function sealAttempt(secrets: Secrets, attempt: Attempt): string {
  return seal(secrets, { ...attempt, purpose: 'log_in_attempt' });
}

/** Undefined for what this server has not sealed for the purpose. */
export function openAttempt(secrets: Secrets, sealed: string): Attempt | undefined {
  return open(secrets, attemptSchema, sealed);
}

export function sealHandOver(secrets: Secrets, handOver: HandOver): string {
  return seal(secrets, { ...handOver, purpose: 'log_in_hand_over' });
}

/** Undefined for what this server has not sealed for the purpose. */
export function openHandOver(secrets: Secrets, sealed: string): HandOver | undefined {
  return open(secrets, handOverSchema, sealed);
}

/** What a verifier is the proof of (RFC 7636, 4.2: S256), and the form in which what was used up is kept. */
export function digestOf(text: string, form: 'base64url' | 'hex'): string {
  return createHash('sha256').update(text).digest(form);
}

function seal(secrets: Secrets, value: object): string {
  return Buffer.from(secrets.seal(new TextEncoder().encode(JSON.stringify(value)))).toString('base64url');
}

function open<Schema extends z.ZodType>(
  secrets: Secrets,
  schema: Schema,
  sealed: string,
): z.output<Schema> | undefined {
  const checked = checkShape(schema, parseJson(openText(secrets, sealed)));
  return checked.success ? checked.data : undefined;
}

function openText(secrets: Secrets, sealed: string): string {
  try {
    return new TextDecoder().decode(secrets.open(Buffer.from(sealed, 'base64url')));
  } catch (thrown) {
    if (asFault(thrown).code === 'internal') {
      // Whoever sends it may have made it up.
      return '';
    }
    throw thrown;
  }
}

/** Undefined, which no schema takes, for other things that are sealed under the same key. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
