import fs from 'node:fs';
import { Decoder, Encoder } from '@msgpack/msgpack';
import { systemErrorCode } from '../platform/system-error.ts';

/** Between an agent and its children: each value is MessagePack behind its length as 4 bytes, big-endian. */
const lengthBytes = 4;
const longestFrame = 64 * 1024 * 1024;
const encoder = new Encoder({ ignoreUndefined: true });
const decoder = new Decoder();

export function encodeFrame(value: unknown): Uint8Array {
  const body = encoder.encode(value);
  const frame = new Uint8Array(lengthBytes + body.length);
  new DataView(frame.buffer).setUint32(0, body.length);
  frame.set(body, lengthBytes);
  return frame;
}

/** Collects bytes and hands out whole values. */
export class FrameReader {
  private held: Buffer = Buffer.alloc(0);

  /** @throws Error when a frame announces more than there can be, or is no MessagePack. */
  push(bytes: Uint8Array): readonly unknown[] {
    this.held = this.held.length === 0 ? Buffer.from(bytes) : Buffer.concat([this.held, bytes]);
    const values: unknown[] = [];
    for (let frame = this.take(); frame !== undefined; frame = this.take()) {
      values.push(decoder.decode(frame));
    }
    return values;
  }

  private take(): Uint8Array | undefined {
    if (this.held.length < lengthBytes) {
      return undefined;
    }
    const length = this.held.readUInt32BE(0);
    if (length > longestFrame) {
      throw new Error('A frame between the agent and its child is too long.');
    }
    if (this.held.length < lengthBytes + length) {
      return undefined;
    }
    const frame = this.held.subarray(lengthBytes, lengthBytes + length);
    this.held = this.held.subarray(lengthBytes + length);
    return frame;
  }
}

/** Writes a whole frame at once, also from the middle of synchronous work. */
export function writeFrame(descriptor: number, value: unknown): void {
  const frame = encodeFrame(value);
  let written = 0;
  while (written < frame.length) {
    try {
      written += fs.writeSync(descriptor, frame, written);
    } catch (failure) {
      if (systemErrorCode(failure) !== 'EAGAIN') {
        throw failure;
      }
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}
