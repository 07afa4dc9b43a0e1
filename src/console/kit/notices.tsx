import type { ReactNode } from 'react';
import {
  UNSTABLE_Toast as AriaToast,
  Text,
  UNSTABLE_ToastContent as ToastContent,
  UNSTABLE_ToastQueue as ToastQueue,
  UNSTABLE_ToastRegion as ToastRegion,
} from 'react-aria-components';
import { Button } from './button.tsx';
import { Words } from './shown-text.tsx';

type More = (putAway: () => void) => ReactNode;

interface Notice {
  readonly words: ReactNode;
  /** What can be done with it now: a link, mostly, which puts the notice away. */
  readonly more: More | undefined;
  readonly tone: 'good' | 'bad';
}

const queue = new ToastQueue<Notice>({ maxVisibleToasts: 4 });
const goodStays = 8_000;

/**
 * Tells what came of something; names of endpoints, files or people in it are each a `ShownText`. Bad news, and what leads on, stays until
 * it is put away.
 */
export function tell(words: ReactNode, tone: Notice['tone'] = 'good', more?: More): void {
  queue.add({ words, tone, more }, tone === 'good' && more === undefined ? { timeout: goodStays } : {});
}

export function putAllAway(): void {
  for (let [notice] = queue.visibleToasts; notice !== undefined; [notice] = queue.visibleToasts) {
    queue.close(notice.key);
  }
}

export function Notices() {
  return (
    <ToastRegion className="notices" queue={queue}>
      {({ toast }) => (
        <AriaToast className={`notice ${toast.content.tone}`} toast={toast}>
          <ToastContent>
            <Text slot="title">
              <Words words={toast.content.words} />
            </Text>{' '}
            {toast.content.more?.(() => queue.close(toast.key))}
          </ToastContent>
          <Button aria-label="Put away" look="quiet" slot="close">
            ✕
          </Button>
        </AriaToast>
      )}
    </ToastRegion>
  );
}
