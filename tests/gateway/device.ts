import type { KeyObject } from 'node:crypto';
import type { Endpoint } from '#core/endpoint/endpoint.ts';

export interface Device {
  readonly endpoint: Endpoint;
  readonly key: KeyObject;
}
