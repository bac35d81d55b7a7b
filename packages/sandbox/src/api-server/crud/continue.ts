import { badRequest } from '../refusals.ts';

/** Where the next page of a list begins. */
export interface Position {
  /** Of the first page; -1: whatever is there now. */
  readonly revision: number;
  /** The last key that has been read. */
  readonly after: string;
}

export function encodeContinue({ revision, after }: Position): string {
  return Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: revision, start: `${after}\0` })).toString('base64url');
}

/** @throws {Refusal} 400 for a token that is not ours. */
export function decodeContinue(token: string): Position {
  const wrong = () => badRequest(`continue key is not valid: ${token}`);
  let read: unknown;
  try {
    read = JSON.parse(Buffer.from(token, 'base64url').toString());
  } catch {
    throw wrong();
  }
  const { v, rv, start } = (read ?? {}) as Readonly<Record<string, unknown>>;
  if (v !== 'meta.k8s.io/v1' || typeof rv !== 'number' || typeof start !== 'string' || !start.endsWith('\0')) throw wrong();
  return { revision: rv, after: start.slice(0, -1) };
}
