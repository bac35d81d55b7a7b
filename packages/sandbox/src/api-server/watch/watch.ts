import type { Served } from '../catalog/served.ts';
import type { Core } from '../core/core.ts';
import { wantedRevision } from '../crud/revision.ts';
import type { Form } from '../http/accept.ts';
import { JSON_TYPE } from '../http/call.ts';
import type { Call, Events, Outgoing } from '../http/call.ts';
import { isTrue } from '../http/request-info.ts';
import type { ResourceRequest } from '../http/request-info.ts';
import { expired, invalidOptions } from '../refusals.ts';
import { selection } from '../select/selection.ts';
import type { Selection } from '../select/selection.ts';
import { HistoryGone } from '../store/store.ts';
import { tableOptions } from '../tables/table.ts';
import { convertedTeller } from './converted.ts';
import { failedLine, watchLines } from './lines.ts';
import type { Lines } from './lines.ts';
import { eventStream } from './stream.ts';
import { firstLines, plainLook, plainTeller } from './tell.ts';
import type { Start } from './tell.ts';

/** Source: the real server's bookmark period. */
const BOOKMARK_MS = 60_000;
/** A watch without `timeoutSeconds` lives for one to two of these; ms. */
const DEFAULT_TIMEOUT_MS = 1_800_000;
const CUSTOM_DEFINITIONS = 'customresourcedefinitions.apiextensions.k8s.io';

/**
 * Follows the changes of a kind: one JSON line each, in the order of revisions (spec/sandbox.md §2.4). Everything up to here is subscribed within the call, so that
 * nothing written after it is missed.
 */
export function watchObjects(core: Core, served: Served, info: ResourceRequest, call: Call, form: Form): Outgoing {
  checkOptions(call.query);
  const wanted = wantedRevision(call.query);
  const selected = named(selection(served, info, call), info.name);
  const lines = watchLines(core, served, form, tableOptions(call.query));
  const signal = AbortSignal.any([call.signal, core.closing]);
  const answer = (body: Events): Outgoing => ({ status: 200, headers: { 'content-type': JSON_TYPE }, body });

  const start = startOf(core, served, selected, lines, call.query, wanted);
  if (start === undefined) return answer(once(failedLine(expired(`too old resource version: ${wanted} (${core.store.revision})`)).line()));

  const cleanup = new DisposableStack();
  const watch = { core, served, selected, lines };
  const converts = served.custom?.converter !== undefined;
  const stream = eventStream({ first: converts ? [] : firstLines(start, plainLook(watch)), signal, closed: () => cleanup.dispose() });
  if (signal.aborted) return answer(stream.body);
  const teller = converts ? convertedTeller(watch, start, stream) : plainTeller(watch, stream);
  const from = wanted ?? 0;
  cleanup.use(
    core.store.subscribe(served.bucket, (change) => {
      if (change.now.revision <= from) return;
      teller.change(change);
    }),
  );
  if (served.custom !== undefined) {
    cleanup.use(
      core.store.subscribe(CUSTOM_DEFINITIONS, () => {
        // The kind has gone or has changed: whoever watches starts again, and sees it as it is now.
        if (core.catalog.find(served.group, served.version, served.plural) !== served) stream.end();
      }),
    );
  }
  const bookmarks = isTrue(call.query.get('allowWatchBookmarks'));
  if (bookmarks) cleanup.use(every(core, BOOKMARK_MS, () => teller.line(lines.bookmark(core.store.revision, false))));
  cleanup.use(
    core.clock.timer(timeoutMs(core, call.query), () => {
      if (bookmarks) teller.line(lines.bookmark(core.store.revision, false));
      stream.end();
    }),
  );
  return answer(stream.body);
}

/** @throws {Refusal} 422 */
function checkOptions(query: URLSearchParams): void {
  const match = query.get('resourceVersionMatch') ?? '';
  const initial = query.has('sendInitialEvents');
  const wrong = (field: string, message: string) => invalidOptions('ListOptions', [{ reason: 'FieldValueForbidden', field, message: `Forbidden: ${message}` }]);
  if (initial && match !== 'NotOlderThan') throw wrong('resourceVersionMatch', 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan');
  if (!initial && match !== '') throw wrong('resourceVersionMatch', 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided');
}

/** What is sent before any change: the present objects, or what has changed since `wanted`. `undefined`: that is too long ago. */
function startOf(core: Core, served: Served, selected: Selection, lines: Lines, query: URLSearchParams, wanted: number | undefined): Start | undefined {
  const initial = query.get('sendInitialEvents');
  const present = isTrue(initial) || (initial === null && (wanted ?? 0) === 0);
  if (present) {
    const entries = core.store.list(served.bucket, selected.prefix);
    const closing = isTrue(initial) && isTrue(query.get('allowWatchBookmarks')) ? [lines.bookmark(core.store.revision, true)] : [];
    return { present: entries, missed: [], closing };
  }
  if (wanted === undefined || wanted === 0 || wanted > core.store.revision) return { present: [], missed: [], closing: [] };
  try {
    return { present: [], missed: core.store.changesSince(served.bucket, wanted), closing: [] };
  } catch (error) {
    if (error instanceof HistoryGone) return undefined;
    throw error;
  }
}

function named(selected: Selection, name: string | undefined): Selection {
  if (name === undefined) return selected;
  return { ...selected, matches: (object) => object.metadata.name === name && selected.matches(object) };
}

function timeoutMs(core: Core, query: URLSearchParams): number {
  const asked = Number(query.get('timeoutSeconds') ?? 0) * 1000;
  return asked > 0 ? asked : DEFAULT_TIMEOUT_MS * (1 + core.chance.random());
}

function every(core: Core, ms: number, task: () => void): Disposable {
  let timer = core.clock.timer(ms, run);
  function run() {
    timer = core.clock.timer(ms, run);
    task();
  }
  return { [Symbol.dispose]: () => timer[Symbol.dispose]() };
}

async function* once(chunk: Uint8Array): AsyncGenerator<Uint8Array> {
  yield chunk;
}
