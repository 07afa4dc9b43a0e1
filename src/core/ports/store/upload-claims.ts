import type { ActionId, TaskId } from '../../action/action-id.ts';
import type { EndpointId } from '../../endpoint/endpoint-id.ts';
import type { Sha256 } from '../../file/hash.ts';
import type { Milliseconds } from '../../time.ts';

/** How many bytes an agent said that it would send of one file of a task, whatever the file's content was each time. */
export interface UploadClaim {
  readonly taskId: TaskId;
  readonly ordinal: number;
  readonly endpointId: EndpointId;
  readonly actionId: ActionId;
  /** Of the content that was named last. */
  readonly sha256: Sha256;
  /** What was said of its size; null in claims that an older program wrote. */
  readonly namedSize: number | null;
  /** Of all contents that were named. */
  readonly size: number;
  readonly at: Milliseconds;
}

export interface UploadClaimReader {
  byFile(taskId: TaskId, ordinal: number): Promise<UploadClaim | undefined>;
  /** Bytes in all. */
  sumOfEndpoint(id: EndpointId, since: Milliseconds): Promise<number>;
  sumOfAction(id: ActionId): Promise<number>;
}

export interface UploadClaimWriter extends UploadClaimReader {
  /** Puts it in the place of an earlier one for the same file of the task. */
  put(claim: UploadClaim): Promise<void>;
  forgetBefore(time: Milliseconds): Promise<void>;
}
