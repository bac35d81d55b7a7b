import { createHash } from 'node:crypto';
import { closeSync, openSync, writeSync } from 'node:fs';

/** A file of an archive. Nothing but this is written: no times, owners or names of the machine that packs. */
export type Entry =
  | { readonly path: string; readonly type: 'folder'; readonly mode: number }
  | { readonly path: string; readonly type: 'link'; readonly target: string }
  | { readonly path: string; readonly type: 'file'; readonly mode: number; readonly content: Uint8Array | (() => Uint8Array) };

const BLOCK = 512;
const TYPE = { file: '0', link: '2', folder: '5', extended: 'x' } as const;

/** What was written. */
export interface Written {
  /** Hex. */
  readonly sha256: string;
  readonly bytes: number;
}

/** Writes entries as a tar archive (POSIX.1-2001), in the order given: the same entries make the same bytes. */
export function writeTar(file: string, entries: Iterable<Entry>): Written {
  const fd = openSync(file, 'w');
  const hash = createHash('sha256');
  let bytes = 0;
  const put = (chunk: Uint8Array): void => {
    hash.update(chunk);
    bytes += chunk.byteLength;
    for (let at = 0; at < chunk.byteLength;) at += writeSync(fd, chunk, at);
  };
  const padded = (content: Uint8Array): void => {
    put(content);
    put(new Uint8Array((BLOCK - (content.byteLength % BLOCK)) % BLOCK));
  };
  try {
    for (const entry of entries) {
      const content = entry.type !== 'file' ? new Uint8Array() : typeof entry.content === 'function' ? entry.content() : entry.content;
      const more = extended(entry);
      if (more.byteLength > 0) {
        put(header({ name: 'extended', mode: 0o644, type: TYPE.extended, bytes: more.byteLength, target: '' }));
        padded(more);
      }
      put(
        header({
          name: entry.path,
          mode: entry.type === 'link' ? 0o777 : entry.mode,
          type: TYPE[entry.type],
          bytes: content.byteLength,
          target: targetOf(entry),
        }),
      );
      padded(content);
    }
    put(new Uint8Array(2 * BLOCK));
  } finally {
    closeSync(fd);
  }
  return { sha256: hash.digest('hex'), bytes };
}

const targetOf = (entry: Entry): string => (entry.type === 'link' ? entry.target : '');

/** What does not fit into the fields of a header, as the records of an extended one; empty when all fits. */
function extended(entry: Entry): Uint8Array {
  const long = (key: string, text: string) => (Buffer.byteLength(text) > 100 ? record(key, text) : '');
  return Buffer.from(long('path', entry.path) + long('linkpath', targetOf(entry)));
}

/** `<length> <key>=<value>\n`, where the length counts itself. */
function record(key: string, value: string): string {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest;
  while (length !== rest + String(length).length) length = rest + String(length).length;
  return `${length} ${key}=${value}\n`;
}

function header(of: { readonly name: string; readonly mode: number; readonly type: string; readonly bytes: number; readonly target: string }): Uint8Array {
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, at: number, digits: number) => block.write(`${value.toString(8).padStart(digits, '0')}\0`, at, 'latin1');
  Buffer.from(of.name).copy(block, 0, 0, 100);
  octal(of.mode, 100, 7);
  octal(0, 108, 7);
  octal(0, 116, 7);
  octal(of.bytes, 124, 11);
  octal(0, 136, 11);
  block.write('        ', 148, 'latin1');
  block.write(of.type, 156, 'latin1');
  Buffer.from(of.target).copy(block, 157, 0, 100);
  block.write('ustar\x0000', 257, 'latin1');
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}
