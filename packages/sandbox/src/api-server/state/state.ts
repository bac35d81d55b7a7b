import { appendFileSync, closeSync, existsSync, ftruncateSync, openSync, readFileSync, renameSync, writeFileSync, writeSync, fsyncSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { createAuthority, longLife } from '@binnacle/runtime';
import type { KeyPair } from '@binnacle/runtime';
import { makeFolder } from '../../make-folder.ts';
import { newTokenKey } from '../auth/tokens.ts';
import type { ApiObject } from '../object.ts';
import { internal } from '../refusals.ts';
import type { Change, Contents, Store } from '../store/store.ts';

/** What makes a server the same one after a restart. */
export interface Secrets {
  readonly authority: KeyPair;
  /** PEM of the key that ServiceAccount tokens are signed with. */
  readonly tokenKey: string;
  readonly adminToken: string;
}

/** A server's memory outside of its process. */
export interface State extends Disposable {
  readonly secrets: Secrets;
  readonly contents: Contents | undefined;
  /** Writes a change down before it is seen by anybody. @throws {Refusal} 500 when it cannot. */
  journal(change: Change): void;
  /** Tells where the whole is to be read from when the log has become long. */
  attach(store: Store): void;
}

/** Changes in the log after which it is replaced by a snapshot. */
const MAX_LOG_LINES = 20_000;
const PRIVATE = 0o600;
export const AUTHORITY_NAME = 'binnacle-ca';

/** Nothing outlives the process. */
export function forgetfulState(nowMs: number): State {
  return { secrets: newSecrets(nowMs), contents: undefined, journal: () => undefined, attach: () => undefined, [Symbol.dispose]: () => undefined };
}

function newSecrets(nowMs: number): Secrets {
  return { authority: createAuthority(AUTHORITY_NAME, longLife(nowMs)), tokenKey: newTokenKey(), adminToken: randomBytes(24).toString('base64url') };
}

interface Line {
  /** Revision. */
  readonly r: number;
  readonly b: string;
  readonly k: string;
  /** `null`: removed. */
  readonly o: ApiObject | null;
}

/** As `writeSync` of `node:fs`: how many bytes were taken. */
type Write = (file: number, bytes: Uint8Array) => number;

/**
 * Keeps everything in a directory: `snapshot.json`, and what has changed since in `log.jsonl`, one line a write. A process that is killed goes on where it was:
 * a write is in the log before anybody learns of it. One process at a time.
 * A write for which the disk has no room fails and leaves nothing behind. `write`: how bytes get there.
 * @throws {Error} when the directory cannot be written, or is not what this version wrote.
 */
export function directoryState(directory: string, nowMs: number, write: Write = writeSync): State {
  makeFolder(directory, 0o700);
  const unlock = lock(join(directory, 'lock'));
  const secrets = readSecrets(join(directory, 'secrets.json'), nowMs);
  const snapshotFile = join(directory, 'snapshot.json');
  const logFile = join(directory, 'log.jsonl');
  const { contents, lines, bytes } = load(snapshotFile, logFile);
  let log = openSync(logFile, existsSync(logFile) ? 'r+' : 'w', PRIVATE);
  // What a kill cut in half was told to nobody.
  ftruncateSync(log, bytes);
  closeSync(log);
  log = openSync(logFile, 'a', PRIVATE);
  let written = lines;
  let length = bytes;
  let store: Store | undefined;

  const snapshot = () => {
    if (store === undefined) return;
    const objects = store.buckets().flatMap((bucket) => store!.list(bucket, '').map(({ key, object }) => ({ bucket, key, object })));
    replaceFile(snapshotFile, JSON.stringify({ revision: store.revision, objects } satisfies Contents));
    // A kill before this line leaves changes in the log that the snapshot has already: reading skips them by their revision.
    ftruncateSync(log, 0);
    written = 0;
    length = 0;
  };
  return {
    secrets,
    contents,
    journal({ bucket, key, now, removed }) {
      if (written >= MAX_LOG_LINES) snapshot();
      const line: Line = { r: now.revision, b: bucket, k: key, o: removed ? null : now.object };
      const text = Buffer.from(`${JSON.stringify(line)}\n`);
      try {
        writeWhole(write, log, text);
      } catch (error) {
        // Half a line would run into the next one, and a log with such a line cannot be read any more.
        ftruncateSync(log, length);
        throw internal(`nothing was changed, since it cannot be kept in ${directory}: ${(error as Error).message}`);
      }
      written += 1;
      length += text.length;
    },
    attach(attached) {
      store = attached;
    },
    [Symbol.dispose]() {
      fsyncSync(log);
      closeSync(log);
      unlock();
    },
  };
}

/** A disk that is nearly full takes a part and says so with no error. */
function writeWhole(write: Write, file: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) done += write(file, bytes.subarray(done));
}

function load(snapshotFile: string, logFile: string): { readonly contents: Contents | undefined; readonly lines: number; readonly bytes: number } {
  const base = existsSync(snapshotFile) ? (parsed(snapshotFile, readFileSync(snapshotFile, 'utf8')) as Contents) : undefined;
  const text = existsSync(logFile) ? readFileSync(logFile) : Buffer.alloc(0);
  const end = text.lastIndexOf(0x0a) + 1;
  const lines = text
    .subarray(0, end)
    .toString()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => parsed(logFile, line) as Line);
  if (base === undefined && lines.length === 0) return { contents: undefined, lines: 0, bytes: 0 };
  const objects = new Map((base?.objects ?? []).map((one) => [`${one.bucket}\0${one.key}`, one]));
  let revision = base?.revision ?? 0;
  for (const { r, b, k, o } of lines) {
    if (r <= (base?.revision ?? 0)) continue;
    if (o === null) objects.delete(`${b}\0${k}`);
    else objects.set(`${b}\0${k}`, { bucket: b, key: k, object: o });
    revision = r;
  }
  return { contents: { revision, objects: [...objects.values()] }, lines: lines.length, bytes: end };
}

function readSecrets(file: string, nowMs: number): Secrets {
  if (existsSync(file)) return parsed(file, readFileSync(file, 'utf8')) as Secrets;
  const secrets = newSecrets(nowMs);
  replaceFile(file, JSON.stringify(secrets));
  return secrets;
}

/** @throws {Error} that names the file, and says nothing of what is in it: it may be a secret. */
function parsed(file: string, text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // Told below.
  }
  throw new Error(`${file}: not what a sandbox wrote, or damaged: choose another folder, or begin anew by taking this one away`);
}

/** All or nothing, whenever the process dies. */
function replaceFile(file: string, content: string): void {
  const fresh = `${file}.new`;
  writeFileSync(fresh, content, { mode: PRIVATE, flush: true });
  renameSync(fresh, file);
}

/** @throws {Error} while the process that holds it is alive. */
function lock(file: string): () => void {
  if (existsSync(file)) {
    const holder = Number(readFileSync(file, 'utf8'));
    if (holder !== process.pid && isAlive(holder))
      throw new Error(`${file}: process ${holder} is using this state directory: end it, or choose another folder`);
  }
  replaceFile(file, '');
  appendFileSync(file, String(process.pid));
  return () => replaceFile(file, '');
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Not ours to signal, and alive all the same.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
