import { createHash } from 'node:crypto';
import type { z } from 'zod';
import type { ZippedFile } from '#archive/open-zip.ts';
import { afterSums, bundleNames } from '#core/bundle/layout.ts';
import { readSums, type Sum } from '#core/bundle/sums.ts';
import { Finding } from './finding.ts';

/** More than any of those files has that are read whole. */
const mostText = 512 * 1024 ** 2;

/** Longer than a report of thousands of files is. */
const longestLine = 64 * 1024 ** 2;

/** The files of a bundle, of which each was found to be what the list says. */
export class BundleFiles {
  readonly #files: ReadonlyMap<string, ZippedFile>;

  /** @throws Finding where two files have one name, and for a directory */
  constructor(files: readonly ZippedFile[]) {
    this.#files = new Map(files.map((file) => [file.name, file]));
    if (this.#files.size !== files.length) {
      throw new Finding('malformed', 'Two files in the bundle have the same name.');
    }
    // What unpacks a bundle may write it as a file.
    const directory = files.find(({ isDirectory }) => isDirectory);
    if (directory !== undefined) {
      throw new Finding('file_unlisted', `${directory.name} calls itself a directory; a bundle has none.`);
    }
  }

  /** @throws Finding */
  async text(name: string): Promise<string> {
    const { size } = this.#demand(name);
    if (size > mostText) {
      throw new Finding('malformed', `${name} is larger than any that Custody writes.`);
    }
    const decoder = new TextPieces(name);
    const texts: string[] = [];
    await this.#pass(name, (chunk) => texts.push(decoder.next(chunk)));
    return texts.join('') + decoder.end();
  }

  /** @throws Finding, for JSON of another shape too */
  async json<Schema extends z.ZodType>(name: string, schema: Schema): Promise<z.output<Schema>> {
    return parse(name, await this.text(name), schema);
  }

  /** Every line of a file, one after the other. @throws Finding */
  async eachLine(name: string, take: (line: string, number: number) => void): Promise<void> {
    const decoder = new TextPieces(name);
    let begun: string[] = [];
    let length = 0;
    let number = 0;
    await this.#pass(name, (chunk) => {
      const [first = '', ...more] = decoder.next(chunk).split('\n');
      begun.push(first);
      length += first.length;
      if (length > longestLine) {
        throw new Finding('malformed', `${name} has a longer line than any that Custody writes.`);
      }
      for (const next of more) {
        number += 1;
        take(begun.join(''), number);
        begun = [next];
        length = next.length;
      }
    });
    if (begun.join('') + decoder.end() !== '') {
      throw new Finding('malformed', `${name} ends within a line.`);
    }
  }

  /**
   * That every file is what the list says, and that there is no other.
   * @returns what is listed, and the hash of the list. @throws Finding
   */
  async checkSums(): Promise<{ readonly sums: readonly Sum[]; readonly sha256: string }> {
    const text = await this.text(bundleNames.sums);
    const sums = readSums(text);
    if (sums === undefined) {
      throw new Finding('malformed', `${bundleNames.sums} is no list as \`sha256sum\` takes it.`);
    }
    const listed = new Set([...sums.map(({ name }) => name), ...afterSums]);
    const unlisted = [...this.#files.keys()].find((name) => !listed.has(name));
    if (unlisted !== undefined) {
      throw new Finding('file_unlisted', `${unlisted} is in the bundle, and not on its list.`);
    }
    for (const { name, sha256 } of sums) {
      const hash = createHash('sha256');
      await this.#pass(name, (chunk) => hash.update(chunk));
      if (hash.digest('hex') !== sha256) {
        throw new Finding('file_altered', `${name} is not what was exported: its SHA-256 is another one.`);
      }
    }
    return { sums, sha256: createHash('sha256').update(text).digest('hex') };
  }

  #demand(name: string): ZippedFile {
    const file = this.#files.get(name);
    if (file === undefined) {
      throw new Finding('file_missing', `${name} is not in the bundle.`);
    }
    return file;
  }

  async #pass(name: string, take: (chunk: Uint8Array) => void): Promise<void> {
    for await (const chunk of this.#demand(name).read()) {
      take(chunk);
    }
  }
}

/** UTF-8, in pieces. */
class TextPieces {
  readonly #name: string;
  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

  constructor(name: string) {
    this.#name = name;
  }

  next(chunk: Uint8Array): string {
    return this.#decode(chunk, true);
  }

  end(): string {
    return this.#decode(new Uint8Array(), false);
  }

  #decode(chunk: Uint8Array, stream: boolean): string {
    try {
      return this.#decoder.decode(chunk, { stream });
    } catch (cause) {
      throw new Finding('malformed', `${this.#name} is no text in UTF-8.`, { cause });
    }
  }
}

/** @throws Finding */
export function parse<Schema extends z.ZodType>(name: string, text: string, schema: Schema): z.output<Schema> {
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new Finding('malformed', `${name} does not have the form that a bundle has.`, { cause });
  }
}
