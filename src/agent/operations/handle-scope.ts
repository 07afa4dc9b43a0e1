import type { Handle, Platform } from '../platform/platform.ts';

/** Closes what was opened in a block when the block ends, whichever way: `using scope = new HandleScope(platform)`. */
export class HandleScope implements Disposable {
  private readonly handles: Handle[] = [];
  private readonly platform: Platform;

  constructor(platform: Platform) {
    this.platform = platform;
  }

  keep<Kept extends Handle>(handle: Kept): Kept {
    this.handles.push(handle);
    return handle;
  }

  [Symbol.dispose](): void {
    for (const handle of this.handles.splice(0).toReversed()) {
      this.platform.close(handle);
    }
  }
}
