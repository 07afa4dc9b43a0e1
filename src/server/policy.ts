import { lifetimeBounds } from '#core/action/lifetimes.ts';
import type { GuardPolicy } from '#core/guard/guard.ts';
import type { Policy } from '#core/ports/policy.ts';
import { day, hour, minute, second } from '#core/time.ts';
import type { Config } from './config.ts';

/** Cortex XDR's own default for how long an action waits for its endpoint. */
const actionLifetime = 4 * day;
/** Whoever searches or scans is waiting for it; what an endpoint finds days later answers another question. */
const searchLifetime = 1 * day;
/** Whoever takes a quarantine back wants every file, from machines that return late as well. */
const undoLifetime = lifetimeBounds.most;
/** Less than the listener's patience with a connection on which nothing moves. */
const directFetchPatience = 100 * second;

const gibibyte = 1024 ** 3;

export function policyOf(config: Config, publicUrl: string): Policy {
  return {
    licences: config.CUSTODY_LICENSE,
    batchLimit: config.CUSTODY_BATCH_LIMIT,
    quarantineEndpointLimit: config.CUSTODY_QUARANTINE_LIMIT,
    guard: guardOf(config),
    confirmAfter: config.CUSTODY_CONFIRM_AFTER === undefined ? null : config.CUSTODY_CONFIRM_AFTER * hour,
    rings: {
      sizes: config.CUSTODY_RINGS,
      mostFailed: config.CUSTODY_RING_FAILURES,
      mostSilent: config.CUSTODY_RING_SILENT,
      patience: config.CUSTODY_RING_MINUTES * minute,
      watch: config.CUSTODY_RING_WATCH_SECONDS * second,
    },
    lifetime: {
      fetch: actionLifetime,
      quarantine: actionLifetime,
      restore: actionLifetime,
      restore_objects: actionLifetime,
      undo: undoLifetime,
      plan: searchLifetime,
      purge: actionLifetime,
      search: searchLifetime,
      logs: actionLifetime,
      scan: searchLifetime,
    },
    sessionLifetime: 8 * hour,
    nativeSession: {
      lifetime: config.CUSTODY_SESSION_HOURS * hour,
      idle: config.CUSTODY_SESSION_IDLE_MINUTES === 0 ? null : config.CUSTODY_SESSION_IDLE_MINUTES * minute,
    },
    passwordLifetime: config.CUSTODY_PASSWORD_DAYS === 0 ? null : config.CUSTODY_PASSWORD_DAYS * day,
    retrievalLifetime: config.CUSTODY_RETRIEVAL_DAYS * day,
    evidenceSizeLimit: 64 * gibibyte,
    uploads: {
      bytesOfEndpoint: config.CUSTODY_UPLOAD_ENDPOINT_GIB * gibibyte,
      bytesOfAction: config.CUSTODY_UPLOAD_ACTION_GIB * gibibyte,
    },
    reasonRequired: config.CUSTODY_REASON === 'required',
    publicUrl,
    cybereason: {
      guidSpelling: config.CUSTODY_CYBEREASON_GUIDS,
      sensorOffset: config.CUSTODY_CYBEREASON_SENSOR_OFFSET,
      honestUnauthorized: config.CUSTODY_CYBEREASON_UNAUTHORIZED === '401',
      directFetchPatience,
    },
    cortex: {
      idForm: config.CUSTODY_CORTEX_IDS,
      signatures: config.CUSTODY_CORTEX_SIGNATURES,
      retrieval: {
        mostFiles: config.CUSTODY_CORTEX_RETRIEVAL_FILES,
        mostEndpoints: config.CUSTODY_CORTEX_RETRIEVAL_ENDPOINTS,
        archiveForm: config.CUSTODY_CORTEX_ARCHIVES,
        linkLifetime: config.CUSTODY_CORTEX_LINK_MINUTES === 0 ? null : config.CUSTODY_CORTEX_LINK_MINUTES * minute,
      },
    },
  };
}

function guardOf(config: Config): GuardPolicy {
  return {
    reach: config.CUSTODY_GUARD,
    mostEndpoints: config.CUSTODY_GUARD_ENDPOINTS,
    mostPercent: config.CUSTODY_GUARD_PERCENT,
    mostFetchedFiles: config.CUSTODY_GUARD_FETCH_FILES,
    mostFetchEndpoints: config.CUSTODY_GUARD_FETCH_ENDPOINTS,
    mostFilesHourly: config.CUSTODY_GUARD_FETCH_HOURLY,
    patience: config.CUSTODY_GUARD_HOURS * hour,
  };
}
