import { ApiError } from './api-error.ts';

/** One event of a stream (https://html.spec.whatwg.org/multipage/server-sent-events.html), as far as the server uses the form. */
export interface Frame {
  /** Undefined where it has none; clients go on from the last. */
  readonly id: string | undefined;
  readonly event: string;
  /** Empty where the frame is a sign of life or a number alone. */
  readonly data: string;
}

/** As much of a reader of a body as is needed; runtimes differ in the rest. */
export interface BodyReader {
  read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>;
  cancel(): Promise<void>;
}

/** More than the server puts into one event: a body that never ends a line is no stream of events. */
const longestFrame = 16 * 1024 * 1024;

/** The frames of a body, until it ends. @throws ApiError when the connection breaks, or what comes is no stream of events */
export async function* readFrames(reader: BodyReader): AsyncGenerator<Frame> {
  const decoder = new TextDecoder();
  let rest = '';
  for (;;) {
    const { done, value } = await read(reader);
    if (done) {
      return;
    }
    const blocks = `${rest}${decoder.decode(value, { stream: true })}`.split('\n\n');
    rest = blocks.pop() ?? '';
    if (rest.length > longestFrame) {
      throw new ApiError('The server’s reply is no stream of events.', { code: 'unexpected_reply', status: 200 });
    }
    yield* blocks.map(frameOf);
  }
}

async function read(reader: BodyReader) {
  try {
    return await reader.read();
  } catch (cause) {
    throw new ApiError('The connection broke during a stream.', { code: 'unreachable', status: 200, cause });
  }
}

function frameOf(block: string): Frame {
  const fields = block.split('\n').map((line) => {
    const [, name = '', value = ''] = /^([^:]*)(?:: ?(.*))?$/.exec(line) ?? [];
    return [name, value] as const;
  });
  const lastValue = (wanted: string) => fields.findLast(([name]) => name === wanted)?.[1];
  return {
    id: lastValue('id'),
    event: lastValue('event') ?? 'message',
    data: fields.flatMap(([name, value]) => (name === 'data' ? [value] : [])).join('\n'),
  };
}
