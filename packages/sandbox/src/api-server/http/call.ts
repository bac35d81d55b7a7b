import type { ApiObject } from '../object.ts';

/** Who asks. */
export interface User {
  readonly name: string;
  readonly groups: readonly string[];
  readonly uid?: string;
  /** What else its credentials say, as the pod that a token belongs to. */
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/** A user as reviews and webhooks are told of it. */
export function userInfo({ name, uid, groups, extra }: User) {
  return { username: name, ...(uid === undefined ? {} : { uid }), groups, ...(extra === undefined ? {} : { extra }) };
}

/** A request as it came in, its body read. */
export interface Incoming {
  readonly method: string;
  /** With query. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** Aborted when the asker has gone. */
  readonly signal: AbortSignal;
}

/** An answer. A body that is a stream goes on until the server or `signal` ends it. */
export interface Outgoing {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | Json | Events;
}

/** What is written as JSON, if at all: who asks within the process takes the value. */
export interface Json {
  readonly value: unknown;
  text(): string;
}

/** A stream of lines; of a watch also as values, of which either the ones or the others are read. */
export interface Events extends AsyncIterable<Uint8Array> {
  readonly values?: AsyncIterable<unknown>;
}

/** The bytes of a body that is no stream. */
export function bytesOf(body: Exclude<Outgoing['body'], Events>): Uint8Array {
  if (body instanceof Uint8Array) return body;
  return Buffer.from(typeof body === 'string' ? body : body.text());
}

export function isStream(body: Outgoing['body']): body is Events {
  return typeof body === 'object' && Symbol.asyncIterator in body;
}

/** A request that is being answered. */
export interface Call extends Incoming {
  /** Without query, decoded. */
  readonly pathname: string;
  readonly query: URLSearchParams;
  readonly user: User;
  /** Adds a Warning header to the answer; the same text once. */
  warn(text: string): void;
}

/** What a handler of a resource answers with, before it is put into the form that was asked for. */
export interface Result {
  readonly status: number;
  readonly object: ApiObject;
}

export const JSON_TYPE = 'application/json';

/** A JSON answer. */
export function jsonAnswer(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Outgoing {
  return { status, headers: { 'content-type': JSON_TYPE, ...headers }, body: typeof body === 'string' ? body : JSON.stringify(body) };
}

/** A plain text answer. */
export function textAnswer(status: number, body: string): Outgoing {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body };
}
