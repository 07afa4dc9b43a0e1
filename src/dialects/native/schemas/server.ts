import { z } from 'zod';
import { licences } from '#core/access/licence.ts';
import { serverAlertKinds } from '#core/guard/server-alert.ts';
import { settingSources } from '#core/ports/installation.ts';
import { clockDoubt } from './clock.ts';
import { type Contract, nothing } from './contract.ts';
import { engagedStop } from './emergency-stop.ts';
import { actionId, actor, instant, nullableInstant } from './values.ts';

const alert = z
  .object({
    kind: z.enum(serverAlertKinds).meta({
      description:
        '`glass_broken`: within the last day one person let an order out for which two are needed; `rings_halted`: an order waits for a person.',
    }),
    actionId,
    by: actor,
    at: instant,
    reason: z.string(),
  })
  .meta({ id: 'ServerAlert' });

export const readServer = {
  name: 'readServer',
  summary: 'The version of this server, its time, whether it can take evidence now, and what everybody should know.',
  method: 'GET',
  path: '/server',
  parameters: nothing,
  query: nothing,
  body: null,
  status: 200,
  reply: z
    .object({
      version: z.string(),
      time: instant,
      clockDoubt: clockDoubt.nullable().meta({ description: 'Null: the machine’s clock is believed.' }),
      publicUrl: z.string(),
      licences: z.array(z.enum(licences)),
      feeds: z
        .array(
          z.object({
            feed: z.string().meta({ description: 'The id of a webhook, or where a stream goes.' }),
            kind: z.enum(['webhook', 'stream']),
            paused: z.boolean(),
            lag: z.int().meta({ description: 'Events that it has yet to go through.' }),
            failingSince: nullableInstant.meta({ description: 'Null: what was tried last was taken.' }),
            deadLetters: z.int(),
          }),
        )
        .meta({ description: 'Where events are sent to. Empty for whoever is limited to some endpoints.' }),
      evidence: z.object({
        state: z.enum(['ready', 'off', 'full', 'unavailable']),
        message: z.string().meta({ description: 'What evidence storage says when it is not ready.' }),
        freeBytes: z.int().nonnegative().nullable().meta({ description: 'Null where the medium does not say.' }),
        reservedBytes: z.int().nonnegative().nullable().meta({ description: 'How many of them no upload gets.' }),
      }),
      emergencyStop: engagedStop.nullable().meta({ description: 'Null: nothing is halted.' }),
      alerts: z.array(alert).meta({ description: 'What everybody who asks is told of, newest first.' }),
    })
    .meta({ id: 'Server' }),
} as const satisfies Contract;

const setting = z
  .object({
    name: z.string().meta({ description: 'The environment variable.' }),
    flag: z.string(),
    help: z.string(),
    fallback: z.string().nullable().meta({ description: 'What holds where nobody sets it, in words.' }),
    source: z.enum(settingSources).nullable().meta({ description: 'Where it was set; null: nowhere.' }),
    value: z.string().nullable().meta({ description: 'As it was written; null: it was not set, or is a secret.' }),
  })
  .meta({ id: 'ServerSetting' });

export const readInstallation = {
  name: 'readInstallation',
  summary: 'How this server was set up when it started: its settings, its certificate and where it keeps its records.',
  description:
    'Settings are read at the start alone: from flags, the environment and `custody.toml`. They are changed there, and no API changes them. Secrets are never answered.',
  method: 'GET',
  path: '/server/installation',
  parameters: nothing,
  query: nothing,
  body: null,
  status: 200,
  reply: z
    .object({
      store: z.enum(['sqlite', 'postgresql']),
      certificate: z
        .object({
          subject: z.string(),
          issuer: z.string(),
          names: z.array(z.string()),
          notBefore: instant,
          notAfter: instant,
          sha256: z.string().meta({ description: 'Of its bytes, in hex.' }),
        })
        .nullable()
        .meta({ description: 'What clients and agents are shown; null where nothing listens.' }),
      settings: z.array(setting),
    })
    .meta({ id: 'Installation' }),
} as const satisfies Contract;

export const readMetrics = {
  name: 'readMetrics',
  summary: 'What this server has done since it began, for Prometheus. It is at `/metrics`, too.',
  method: 'GET',
  path: '/metrics',
  parameters: nothing,
  query: nothing,
  body: null,
  status: 200,
  reply: { mediaType: 'text/plain; version=0.0.4; charset=utf-8' },
} as const satisfies Contract;

export const describeApi = {
  name: 'describeApi',
  summary: 'This document.',
  method: 'GET',
  path: '/openapi.json',
  parameters: nothing,
  query: nothing,
  body: null,
  status: 200,
  reply: z.record(z.string(), z.unknown()),
} as const satisfies Contract;
