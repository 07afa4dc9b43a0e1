import { z } from 'zod';
import type { Brand } from '../brand.ts';

/** 32 lower-case hex digits: the head of the SHA-256 of the endpoint's device key, so that it cannot be chosen. */
export type EndpointId = Brand<string, 'EndpointId'>;

const pattern = /^[0-9a-f]{32}$/;

export function isEndpointId(value: string): value is EndpointId {
  return pattern.test(value);
}

export const endpointIdSchema = z.string().refine(isEndpointId, 'must be 32 lower-case hex digits');

/**
 * A signed 32-bit integer of at least nine digits, unique per endpoint: the first half of every Cybereason GUID
 * on that machine (reference clients match `-?\d{9,10}`).
 */
export type EndpointNumber = Brand<number, 'EndpointNumber'>;

export function isEndpointNumber(value: number): value is EndpointNumber {
  return Number.isInteger(value) && Math.abs(value) >= 100_000_000 && value >= -(2 ** 31) && value < 2 ** 31;
}

export const endpointNumberSchema = z
  .number()
  .refine(isEndpointNumber, 'must be a 32-bit integer of nine digits or more');
