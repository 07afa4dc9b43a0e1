import type { Download } from '#sdk/download.ts';
import type { Context, OutputOptions } from './context.ts';
import { safeText } from './safe-text.ts';

/** How far long work is, on one line that is drawn anew and leaves no trace. */
export interface Progress {
  /** @param words what is counted, such as `endpoints`. @param total undefined: nobody knows. */
  show(counted: { readonly done: number; readonly total: number | undefined; readonly words: string }): void;
  /** Clears the line. May be called twice. */
  end(): void;
}

const silent: Progress = { show: () => undefined, end: () => undefined };

const control = '\u001b[';
const clearLine = `\r${control}2K`;
const hideCursor = `${control}?25l`;
const showCursor = `${control}?25h`;

/** On a terminal only, and not where a program reads the result or nobody wants words. */
export function openProgress({ io }: Context, options: OutputOptions, label: string): Progress {
  const { terminal } = io;
  if (terminal === undefined || options.json === true || options.quiet === true) {
    return silent;
  }
  let drawn = '';
  let release = (): void => undefined;
  const end = () => {
    if (drawn !== '') {
      drawn = '';
      release();
      terminal.draw(`${clearLine}${showCursor}`);
    }
  };
  return {
    show(counted) {
      const line = progressLine(label, counted, terminal.columns - 1);
      if (drawn === '') {
        release = terminal.onInterrupt(end);
        terminal.draw(hideCursor);
      }
      if (line !== drawn) {
        drawn = line;
        terminal.draw(`${clearLine}${line}`);
      }
    },
    end,
  };
}

const widestBar = 30;
const narrowestBar = 8;

/** At most `columns` characters. */
function progressLine(label: string, { done, total, words }: Parameters<Progress['show']>[0], columns: number): string {
  const counts = total === undefined ? `${done} ${words}` : `${done} of ${total} ${words}`;
  const text = `${safeText(label)}  ${counts}`;
  const room = Math.min(widestBar, columns - text.length - 4);
  const bar = total === undefined || room < narrowestBar ? '' : `  ${barOf(total === 0 ? 1 : done / total, room)}`;
  return `${text}${bar}`.slice(0, Math.max(columns, 1));
}

function barOf(share: number, width: number): string {
  const filled = Math.round(Math.min(Math.max(share, 0), 1) * width);
  return `[${'#'.repeat(filled)}${'.'.repeat(width - filled)}]`;
}

const mebibyte = 1024 * 1024;

/** In tenths. */
export function inMebibytes(bytes: number): number {
  return Math.round((bytes / mebibyte) * 10) / 10;
}

/** The same bytes; how many have passed is drawn. */
export function watchDownload(context: Context, options: OutputOptions, download: Download): Download {
  const progress = openProgress(context, options, 'Downloading');
  const total = download.size === undefined ? undefined : inMebibytes(download.size);
  let seen = 0;
  const reader = download.body.getReader();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (done) {
          progress.end();
          controller.close();
          return;
        }
        seen += value.length;
        progress.show({ done: inMebibytes(seen), total, words: 'MiB' });
        controller.enqueue(value);
      } catch (error) {
        progress.end();
        throw error;
      }
    },
    async cancel(reason) {
      progress.end();
      await reader.cancel(reason);
    },
  });
  return { ...download, body };
}
