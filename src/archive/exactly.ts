import { Fault } from '#core/fault.ts';

/**
 * The same stream; it breaks when it turns out longer or shorter than was promised, and ends, with its source, when
 * `signal` is given.
 */
export function exactly(
  stream: ReadableStream<Uint8Array>,
  size: number,
  signal: AbortSignal,
): ReadableStream<Uint8Array> {
  let passed = 0;
  return stream.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        passed += chunk.length;
        if (passed > size) {
          throw wrongLength(size);
        }
        controller.enqueue(chunk);
      },
      flush() {
        if (passed !== size) {
          throw wrongLength(size);
        }
      },
    }),
    { signal },
  );
}

function wrongLength(size: number): Fault {
  return new Fault('internal', `A file of an archive does not have the ${size} bytes that were recorded for it.`);
}
