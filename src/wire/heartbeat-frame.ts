import { encode } from './codec.ts';
import type { AgentMessage } from './messages.ts';

const heartbeat = { type: 'heartbeat' } as const satisfies AgentMessage;

/** As every agent says it. */
const frame = encode(heartbeat);

/** Most of what a server hears is this, byte by byte: it is known by its bytes. @returns undefined for any other frame */
export function heartbeatOf(bytes: Uint8Array): typeof heartbeat | undefined {
  return bytes.length === frame.length && Buffer.compare(bytes, frame) === 0 ? heartbeat : undefined;
}
