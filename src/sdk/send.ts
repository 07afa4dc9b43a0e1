/** A request as the client makes it; a transport adds where it goes. */
export interface ApiRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'DELETE';
  /** Absolute, with its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON text; undefined where there is none. */
  readonly body: string | undefined;
  /** Aborted: nobody waits for the reply any more, or reads on in it. */
  readonly signal?: AbortSignal | undefined;
}

/** A reply whose head has come; the body streams. */
export interface ApiReply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: ReadableStream<Uint8Array> | null;
}

/** Carries one request to a server. Rejects when no reply came, whatever the reason. */
export type Send = (request: ApiRequest) => Promise<ApiReply>;
