import { z } from 'zod';
import type { Brand } from '../brand.ts';
import type { Random } from '../ports/random.ts';
import type { Milliseconds } from '../time.ts';

/** Digits only, 1 to 2^53-1, because clients turn it into a number and back. */
export type ActionId = Brand<string, 'ActionId'>;

export function isActionId(value: string): value is ActionId {
  return /^[1-9]\d{0,15}$/.test(value) && Number.isSafeInteger(Number(value));
}

export const actionIdSchema = z.string().refine(isActionId, 'must be an action id: digits only');

const idsPerMillisecond = 2_000;

/**
 * Grows with time, so that listings by id are by age, and has a random tail, so that a server restored from an
 * old backup does not hand out an id that an agent has already seen. Good until the year 2112.
 */
export function newActionId(now: Milliseconds, random: Random): ActionId {
  const tail = random.int32() >>> 0;
  return String(now * idsPerMillisecond + (tail % idsPerMillisecond)) as ActionId;
}

/** A signed 32-bit number: a fetch action as Cybereason clients see it. */
export type BatchNumber = Brand<number, 'BatchNumber'>;

export function isBatchNumber(value: number): value is BatchNumber {
  return Number.isInteger(value) && value >= -(2 ** 31) && value < 2 ** 31;
}

/** 32 lower-case hex digits, random: an agent executes an order at most once per task id. */
export type TaskId = Brand<string, 'TaskId'>;

export const taskIdSchema = z
  .string()
  .refine((value): value is TaskId => /^[0-9a-f]{32}$/.test(value), 'must be 32 lower-case hex digits');

export function newTaskId(random: Random): TaskId {
  return Buffer.from(random.bytes(16)).toString('hex') as TaskId;
}
