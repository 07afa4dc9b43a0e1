/** What a server is told at start: flags by name, without dashes in front, then environment variables. */
export interface ServerSources {
  readonly flags: Readonly<Record<string, string | undefined>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Where a program puts its words for people. */
export interface Words {
  say(text: string): void;
}

export interface AgentEnrolment {
  /** The server's base URL, `https://...`. */
  readonly server: string;
  /** A file with the certificate authority to trust, PEM. */
  readonly caFile: string;
  readonly token: string;
  readonly dataDirectory: string;
  /** Directories to inventory. */
  readonly roots: readonly string[];
}

export interface EnrolledAgent {
  readonly endpointId: string;
  readonly endpointNumber: number;
}

export interface AgentOptions {
  readonly dataDirectory: string;
  /** Directories to inventory instead of those given at enrolment. */
  readonly roots?: readonly string[];
}

/**
 * The programs that the command line starts but may not import: `src/main.ts` hands them over, each loaded when it is
 * first called. Each rejects with a Fault whose message is one sentence that says what to do.
 */
export interface Programs {
  /** Runs until it is told to stop. */
  runServer(sources: ServerSources, words: Words): Promise<void>;
  /** A server and an agent for this machine, until they are told to stop. */
  runUp(sources: ServerSources, words: Words): Promise<void>;
  enrolAgent(enrolment: AgentEnrolment): Promise<EnrolledAgent>;
  /** Runs until it is told to stop. */
  runAgent(options: AgentOptions): Promise<void>;
}
