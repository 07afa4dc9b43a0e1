import type { Milliseconds } from '../time.ts';

/** What came of sending one message. */
export type Receipt =
  | { readonly kind: 'taken'; readonly status: number }
  | {
      readonly kind: 'failed';
      /** Null where there was no answer. */
      readonly status: number | null;
      /** One sentence of our own: nothing that the receiver wrote. */
      readonly words: string;
      /** What the receiver asked for. */
      readonly retryAfter: Milliseconds | null;
      /** It was read, and will never be taken as it is. */
      readonly isFinal: boolean;
    }
  /** The settings do not let it go there: that says nothing about the message. */
  | { readonly kind: 'forbidden'; readonly words: string };
