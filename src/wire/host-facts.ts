import { z } from 'zod';
import type { HostFacts } from '#core/endpoint/endpoint.ts';
import { platforms } from '#core/endpoint/platform.ts';
import { text } from './text.ts';

const line = text.max(1_000);

export const hostFactsSchema = z.object({
  hostName: line,
  platform: z.enum(platforms),
  operatingSystem: line,
  operatingSystemVersion: line,
  architecture: line,
  addresses: z.array(line).max(64),
  macAddresses: z.array(line).max(64),
  users: z.array(line).max(256),
  domain: line,
  agentVersion: line,
  roots: z.array(text.max(32_768)).max(256),
  limitations: z.array(line).max(64),
}) satisfies z.ZodType<HostFacts>;
