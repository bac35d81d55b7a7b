import type { List, ListOptions } from './api.ts';
import { call } from './caller.ts';
import type { Wire } from './caller.ts';
import { ApiError, isExpired } from './error.ts';
import type { AnyKind, Live } from './kind.ts';
import { isObject, live } from './objects.ts';
import { collectionPath, query } from './urls.ts';

/** Objects asked for at a time, as client-go does. */
const PAGE = 500;

/** Reads a whole collection, page by page, all pages from one state of the server. */
export async function list<K extends AnyKind>(wire: Wire, kind: K, options: ListOptions): Promise<List<K>> {
  const items: Live<K>[] = [];
  let next: string | undefined;
  for (;;) {
    let page: Page;
    try {
      page = await readPage(wire, kind, options, next === undefined ? { limit: PAGE } : { limit: PAGE, continue: next });
    } catch (error) {
      // The state that the pages come from was compacted away while we read them: one answer with everything cannot expire.
      if (next === undefined || !isExpired(error)) throw error;
      page = await readPage(wire, kind, options, {});
      items.length = 0;
    }
    for (const item of page.items) items.push(live(kind, item));
    if (page.continue === undefined) return { items, resourceVersion: page.resourceVersion };
    // A server that answers with the token it was asked with would have us read for ever.
    if (page.continue === next) throw unreadable(kind, 'the same page again');
    next = page.continue;
  }
}

interface Page {
  readonly items: readonly unknown[];
  readonly resourceVersion: string;
  readonly continue: string | undefined;
}

async function readPage(wire: Wire, kind: AnyKind, options: ListOptions, part: { readonly limit?: number; readonly continue?: string }): Promise<Page> {
  const path = `${collectionPath(kind, options)}${query({
    labelSelector: options.labelSelector,
    fieldSelector: options.fieldSelector,
    // The token names the state already; both together are refused (spec/sandbox.md §2.5).
    resourceVersion: part.continue === undefined ? options.resourceVersion : undefined,
    limit: part.limit,
    continue: part.continue,
  })}`;
  const answer = await call(wire, { method: 'GET', path }, options.signal);
  if (!isObject(answer)) throw unreadable(kind, 'no list');
  const { metadata, items } = answer as { metadata: { resourceVersion?: string; continue?: string }; items?: unknown };
  // Go writes an empty list as null where a type does not say otherwise.
  if (items !== null && items !== undefined && !Array.isArray(items)) throw unreadable(kind, 'items that are no list');
  return { items: items ?? [], resourceVersion: metadata.resourceVersion ?? '', continue: metadata.continue || undefined };
}

function unreadable(kind: AnyKind, what: string): ApiError {
  return new ApiError({ code: 200, reason: 'Unreadable', message: `listing ${kind.plural}: the server answered with ${what}` });
}
