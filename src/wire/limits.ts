import { minute, second } from '#core/time.ts';

/** The protocol versions that this build speaks, newest first. Version 2 has witnesses of the ledger, version 3 changes of the order key, version 4 the halt. */
export const wireVersions = [4, 3, 2, 1] as const;

export const firstWithWitnesses = 2;
export const firstWithKeyChanges = 3;
export const firstWithHalt = 4;

/** Every length is checked against these before anything is allocated. */
export const limits = {
  /** One WebSocket frame, in bytes. */
  frameBytes: 4 * 1024 * 1024,
  /** One string inside a frame, in bytes. */
  stringBytes: 64 * 1024,
  /** One byte string inside a frame: holds a whole signed order or report. */
  binaryBytes: 4 * 1024 * 1024,
  arrayItems: 20_000,
  mapEntries: 64,
  /** Files in one inventory frame. */
  inventoryFiles: 1_000,
  /** File outcomes in one report. */
  reportFiles: 20_000,
  /** One enrolment request, in bytes. */
  enrolmentBytes: 64 * 1024,
} as const;

export const heartbeat = {
  /** How often an agent speaks when it has nothing to say. */
  interval: 30 * second,
  /** Each interval is shortened by up to this share, at random. */
  jitter: 0.2,
  /** Silence after which the other side is taken for dead. */
  patience: 75 * second,
} as const;

export const reconnect = {
  first: 1 * second,
  longest: 5 * minute,
} as const;

/**
 * Bytes in one PATCH of an upload at most: the step in which a file becomes durable on the server, and so the most that is
 * sent again after a cut or a crash. Large enough that a round trip and two syncs a step do not slow a fast line down
 * (8 MiB at 1 Gbit/s take 67 ms), small enough that a slow one loses little (at 1 MB/s, 8 seconds).
 */
export const uploadChunkBytes = 8 * 1024 * 1024;
