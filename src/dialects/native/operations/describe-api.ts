import { openApiDocument } from '../open-api.ts';
import { type NativeOperation, open } from '../operation.ts';
import { describeApi } from '../schemas/server.ts';

/** `operations` is asked for when the first request comes, so that the document lists this operation too. */
export function describeApiOperation(operations: () => readonly NativeOperation[]): NativeOperation {
  let document: Record<string, unknown> | undefined;
  return open(describeApi, 'it is the same for everyone and holds no data', async () => {
    document ??= openApiDocument(operations());
    return document;
  });
}
