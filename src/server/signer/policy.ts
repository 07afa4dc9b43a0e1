import { isAbsolute } from 'node:path';
import { parse } from 'smol-toml';
import { z } from 'zod';
import { type Verb, verbs } from '#core/action/verb.ts';
import { Fault } from '#core/fault.ts';
import type { StatementKind } from '#core/ports/order-signer.ts';
import { day, hour, type Milliseconds } from '#core/time.ts';

/** Where a signer listens: a socket file on the same machine, or an address with certificates on both sides. */
export type SignerAddress =
  | { readonly kind: 'unix'; readonly path: string; readonly group: number | undefined }
  | { readonly kind: 'tls'; readonly host: string; readonly port: number };

/** What the owner of a signer decided. */
export interface SignerPolicy {
  readonly address: SignerAddress;
  readonly verbs: readonly Verb[];
  readonly statements: readonly StatementKind[];
  readonly ordersPerMinute: number;
  readonly destructivePerMinute: number;
  readonly longestLifetime: Milliseconds;
  /** How far the beginning of an order may lie ahead of the signer's clock, and its deadline behind it. */
  readonly clockTolerance: Milliseconds;
}

const tlsAddress = /^tls:\/\/(?:\[([0-9a-fA-F:]+)\]|([^:[\]/]+)):(\d{1,5})$/;

const perMinute = z.int().min(1).max(100_000_000);

const fileSchema = z.strictObject({
  listen: z.string().min(1),
  /** May connect to the socket, beside the signer's own user; a number, as `getent group` has it. */
  socket_group: z.int().min(0).max(4_294_967_294).optional(),
  verbs: z.array(z.enum(verbs)).default([...verbs]),
  statements: z.array(z.enum(['trust', 'ledger'])).default(['trust', 'ledger']),
  orders_per_minute: perMinute.default(60_000),
  destructive_per_minute: perMinute.default(6_000),
  longest_lifetime_days: z.int().min(1).max(30).default(30),
  clock_tolerance_hours: z.int().min(0).max(48).default(25),
});

/**
 * Reads a `signer.toml`. A key that it does not know it does not take: a misspelt limit would limit nothing.
 * @throws Fault `invalid_request` with the first thing that is wrong.
 */
export function parseSignerPolicy(text: string): SignerPolicy {
  const parsed = fileSchema.safeParse(readToml(text));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const where = issue === undefined || issue.path.length === 0 ? '' : `${issue.path.join('.')}: `;
    throw new Fault('invalid_request', `signer.toml: ${where}${issue?.message ?? 'is wrong'}.`, {
      cause: parsed.error,
    });
  }
  const file = parsed.data;
  return {
    address: addressOf(file.listen, file.socket_group),
    verbs: file.verbs,
    statements: file.statements,
    ordersPerMinute: file.orders_per_minute,
    destructivePerMinute: file.destructive_per_minute,
    longestLifetime: file.longest_lifetime_days * day,
    clockTolerance: file.clock_tolerance_hours * hour,
  };
}

function addressOf(listen: string, group: number | undefined): SignerAddress {
  const path = listen.startsWith('unix:') ? listen.slice('unix:'.length) : undefined;
  if (path !== undefined && isAbsolute(path)) {
    return { kind: 'unix', path, group };
  }
  const match = tlsAddress.exec(listen);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  if (host === undefined || port > 65_535) {
    throw new Fault('invalid_request', 'signer.toml: listen: must be unix:/PATH or tls://HOST:PORT.');
  }
  if (group !== undefined) {
    throw new Fault('invalid_request', 'signer.toml: socket_group: is for unix: addresses alone.');
  }
  return { kind: 'tls', host, port };
}

function readToml(text: string): unknown {
  try {
    return parse(text);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : 'unreadable';
    throw new Fault('invalid_request', `signer.toml is no TOML: ${why}`, { cause });
  }
}
