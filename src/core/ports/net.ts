/** One open connection that carries binary frames in order. */
export interface FrameConnection {
  send(frame: Uint8Array): void;
  close(why: string): void;
}

export interface FrameHandlers {
  opened(): void;
  frame(bytes: Uint8Array): void;
  /** Called exactly once, also when the connection never opened. Frames that were under way may still come after it. */
  closed(why: string): void;
}

/** How an agent reaches its server: frames over a WebSocket and plain HTTPS requests, both to one pinned authority. */
export interface Net {
  connect(handlers: FrameHandlers): FrameConnection;
  /** @throws Fault `unavailable` when the request was called off, the server cannot be reached or its certificate is not the pinned authority's. */
  request(request: NetRequest): Promise<NetResponse>;
}

export interface NetRequest {
  readonly method: 'GET' | 'POST' | 'HEAD' | 'PATCH';
  /** Begins with `/`. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | ReadableStream<Uint8Array>;
  /** Calls it off: a server that fell silent must not hold up an agent that is to stop. */
  readonly signal?: AbortSignal;
}

export interface NetResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}
