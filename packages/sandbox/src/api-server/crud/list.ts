import type { Served } from '../catalog/served.ts';
import type { Core } from '../core/core.ts';
import { viewing } from '../core/present.ts';
import { wrongForm } from '../http/accept.ts';
import type { Form } from '../http/accept.ts';
import { jsonAnswer } from '../http/call.ts';
import type { Call, Outgoing } from '../http/call.ts';
import { partialMetadata } from '../http/partial-metadata.ts';
import { encoded, json } from '../http/present-answer.ts';
import type { ResourceRequest } from '../http/request-info.ts';
import { groupVersion } from '../object.ts';
import type { ApiObject } from '../object.ts';
import { badRequest, expired } from '../refusals.ts';
import { listOptions, selection } from '../select/selection.ts';
import type { Selection } from '../select/selection.ts';
import { HistoryGone } from '../store/store.ts';
import type { Entry } from '../store/store.ts';
import { tableOf, tableOptions } from '../tables/table.ts';
import { decodeContinue, encodeContinue } from './continue.ts';
import type { Position } from './continue.ts';
import { reached } from './revision.ts';

const CONTINUE_EXPIRED =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.';

interface Page {
  readonly revision: number;
  readonly entries: readonly Entry[];
  readonly next: string | undefined;
  /** Only known when nothing is filtered out. */
  readonly remaining: number | undefined;
}

/** Answers a list: all objects, or one page of them, always from one revision (spec/sandbox.md §2.5). */
export async function listObjects(core: Core, served: Served, info: ResourceRequest, call: Call, form: Form): Promise<Outgoing> {
  const wanted = listOptions(call);
  const selected = selection(served, info, call);
  if (wanted !== undefined) await reached(core, wanted, call.signal);
  const token = call.query.get('continue') ?? '';
  if (token === '') return await render(core, served, await firstPage(core, served, selected, call.query, wanted), call, form);
  if (wanted !== undefined) throw badRequest('specifying resource version is not allowed when using continue');
  const position = decodeContinue(token);
  try {
    return await render(core, served, await furtherPage(core, served, selected, call.query, position), call, form);
  } catch (error) {
    if (!(error instanceof HistoryGone)) throw error;
    const fresh = encodeContinue({ revision: -1, after: position.after });
    const status = {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: { continue: fresh },
      status: 'Failure',
      message: CONTINUE_EXPIRED,
      reason: 'Expired',
      code: 410,
    };
    return jsonAnswer(410, status);
  }
}

async function firstPage(core: Core, served: Served, selected: Selection, query: URLSearchParams, wanted: number | undefined): Promise<Page> {
  const exact = query.get('resourceVersionMatch') === 'Exact' && wanted !== undefined;
  const revision = exact ? wanted : core.store.revision;
  const present = exact ? atRevision(core, served, selected, wanted) : core.store.list(served.bucket, selected.prefix);
  // A list from the cache is never cut: limits are for lists that reach the storage.
  const limit = wanted === 0 ? 0 : Number(query.get('limit') ?? 0);
  return page(core, served, present, selected, limit, revision);
}

function atRevision(core: Core, served: Served, selected: Selection, revision: number): readonly Entry[] {
  try {
    return core.store.listAt(served.bucket, selected.prefix, revision);
  } catch (error) {
    throw error instanceof HistoryGone ? expired('The resourceVersion for the provided list is too old.') : error;
  }
}

/** @throws {HistoryGone} when the first page's revision is no longer known. */
async function furtherPage(core: Core, served: Served, selected: Selection, query: URLSearchParams, position: Position): Promise<Page> {
  const revision = position.revision === -1 ? core.store.revision : position.revision;
  const all = core.store.listAt(served.bucket, selected.prefix, revision);
  const rest = all.filter((entry) => entry.key > position.after);
  return page(core, served, rest, selected, Number(query.get('limit') ?? 0), revision);
}

async function page(core: Core, served: Served, candidates: readonly Entry[], selected: Selection, limit: number, revision: number): Promise<Page> {
  const matching = selected.selective ? await selectedFrom(core, served, candidates, selected) : candidates;
  if (!(limit > 0) || matching.length <= limit) return { revision, entries: matching, next: undefined, remaining: undefined };
  const entries = matching.slice(0, limit);
  const next = encodeContinue({ revision, after: entries.at(-1)!.key });
  return { revision, entries, next, remaining: selected.selective ? undefined : matching.length - limit };
}

/** Those that a request is about. What a webhook converts is selected as it looks then: it may have other fields, and labels. */
export async function selectedFrom(core: Core, served: Served, candidates: readonly Entry[], selected: Selection): Promise<readonly Entry[]> {
  if (served.custom?.converter === undefined) return candidates.filter((entry) => selected.matches(entry.object));
  const view = await viewing(core, served, candidates);
  return candidates.filter((entry) => selected.matches(view(entry)));
}

async function render(core: Core, served: Served, { revision, entries, next, remaining }: Page, call: Call, form: Form): Promise<Outgoing> {
  const metadata = {
    resourceVersion: String(revision),
    ...(form.as === 'object' ? continueOf(served, next) : next === undefined ? {} : { continue: next }),
    ...(remaining === undefined ? {} : { remainingItemCount: remaining }),
  };
  const view = await viewing(core, served, entries);
  const shown = entries.map(view);
  if (form.as === 'table') {
    const table = tableOf(core, served, shown, tableOptions(call.query), metadata);
    return encoded(200, form, json(table));
  }
  if (form.as === 'metadata') throw wrongForm(form.as);
  if (form.as === 'metadataList') {
    const items = shown.length === 0 ? null : shown.map(partialMetadata);
    return encoded(200, form, json({ kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1', metadata, items }));
  }
  const head = { kind: served.listKind, apiVersion: groupVersion(served), metadata };
  const text = () => `${JSON.stringify(head).slice(0, -1)},"items":[${shown.map((one) => itemJson(core, served, one)).join(',')}]}`;
  return encoded(200, form, { value: { ...head, items: shown.map((one) => itemOf(served, one)) }, text });
}

/** Lists of custom kinds say it even when there is no more; so do those of the real server. */
export function continueOf(served: Served, next: string | undefined): { readonly continue?: string } {
  if (next !== undefined) return { continue: next };
  return served.custom === undefined ? {} : { continue: '' };
}

/** Items of built-in lists carry neither kind nor apiVersion (spec/sandbox.md §2.5); stored objects begin with both, so they are cut off the cached text. */
function itemJson(core: Core, served: Served, object: ApiObject): string {
  const json = core.texts.json(object);
  if (served.custom !== undefined) return json;
  const head = `${JSON.stringify({ apiVersion: object.apiVersion, kind: object.kind }).slice(0, -1)},`;
  if (json.startsWith(head)) return `{${json.slice(head.length)}`;
  return JSON.stringify(itemOf(served, object));
}

/** An object as lists hold it. */
export function itemOf(served: Served, object: ApiObject): object {
  if (served.custom !== undefined) return object;
  const { apiVersion: _version, kind: _kind, ...rest } = object;
  return rest;
}
