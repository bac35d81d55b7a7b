import { KINDS } from './kinds.ts';
import { byText, heard, isMade, nameIn, normal } from './normal.ts';
import type { Method, Reply, Server } from './server.ts';
import { ACCEPT, CONTENT_TYPES, edited } from './step.ts';
import type { Form, Heard, Json, Query, Step } from './step.ts';

/** All that a script heard of one server: an answer for each step, then the watches' events by kind. */
export interface Transcript {
  readonly answers: readonly Heard[];
  readonly events: Readonly<Record<string, readonly Json[]>>;
  readonly requests: number;
}

const LAST = 'last-of-all';
const MAX_PAGES = 50;
const MEMORY = 4;
/** Of what a script did: all, and what is selected by labels that come and go. */
const WATCHES: Readonly<Record<string, string>> = { '': '', ' of a label': '&labelSelector=app%3Dx' };

/** Plays a script in a new namespace of a server, and afterwards watches what it did from the beginning on. */
export async function play(server: Server, namespace: string, script: readonly Step[]): Promise<Transcript> {
  let requests = 0;
  const ask: Server['ask'] = (...parts) => {
    requests += 1;
    return server.ask(...parts);
  };
  const must = async (...parts: Parameters<Server['ask']>): Promise<Reply> => {
    const reply = await ask(...parts);
    if (reply.status < 300) return reply;
    throw new Error(`${server.name}: ${parts[0]} ${parts[1]}: ${reply.status} ${JSON.stringify(reply.json).slice(0, 300)}`);
  };
  await must('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  // Pods need one, and no controller is there that would make it.
  await must('POST', `/api/v1/namespaces/${namespace}/serviceaccounts`, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } });
  const kinds = [...new Set(script.map(({ kind }) => kind))];
  const path = (kind: string, ...more: readonly string[]) =>
    [`${KINDS[kind]!.base}/namespaces/${namespace}/${kind}`, ...more.map(encodeURIComponent)].join('/');
  const since: Record<string, string> = {};
  for (const kind of kinds) since[kind] = (await must('GET', path(kind))).json.metadata.resourceVersion;
  const seen = new Map<string, Json[]>();
  const remember = (kind: string, object: Json) => {
    const name = object?.metadata?.name;
    if (object?.kind === 'Status' || object?.metadata?.resourceVersion === undefined) return;
    const key = `${kind}/${name}`;
    seen.set(key, [object, ...(seen.get(key) ?? [])].slice(0, MEMORY));
  };
  const answers: Heard[] = [];
  for (const step of script) {
    const answer = await take(step, { ask, path, seen, remember });
    answers.push(answer);
    if (step.kind === 'limitranges' && isWrite(step) && answer.status < 300 && kinds.includes('persistentvolumeclaims')) await server.limitsSeen?.();
  }
  const events: Record<string, readonly Json[]> = {};
  for (const kind of kinds) {
    const { apiVersion, kind: title, valid } = KINDS[kind]!;
    const base = edited({ apiVersion, kind: title, ...valid }, [
      { at: ['metadata', 'name'], to: LAST },
      { at: ['metadata', 'labels', 'app'], to: 'x' },
    ]);
    const made = await ask('POST', path(kind), base);
    if (made.status !== 201) {
      events[kind] = [{ unseen: heard(made).said }];
      continue;
    }
    requests += 1;
    for (const [name, query] of Object.entries(WATCHES)) {
      const at = `${path(kind)}?watch=1&resourceVersion=${since[kind]}&timeoutSeconds=60${query}`;
      const all = await server.watch(at, ({ object }) => object.metadata?.name === LAST);
      events[kind + name] = settled(all.map(({ type, object }) => ({ type, object: normal(object) })));
    }
  }
  return { answers, events, requests };
}

const isWrite = (step: Step): boolean => step.do !== 'get' && step.do !== 'list';

/** Events without what is by chance: a collection is deleted, or marked for it, in the order of names, and some of those the server has made. */
function settled(events: readonly Json[]): readonly Json[] {
  const out: Json[] = [];
  for (let at = 0; at < events.length;) {
    let end = at + 1;
    while (events[at].type !== 'ADDED' && events[end]?.type === events[at].type) end += 1;
    const run = events.slice(at, end);
    out.push(...(run.some(({ object }) => isMade(object.metadata?.name)) ? byText(run) : run));
    at = end;
  }
  return out;
}

interface World {
  readonly ask: Server['ask'];
  readonly path: (kind: string, ...more: readonly string[]) => string;
  readonly seen: ReadonlyMap<string, readonly Json[]>;
  readonly remember: (kind: string, object: Json) => void;
}

async function take(step: Step, world: World): Promise<Heard> {
  const { ask, path, remember } = world;
  const one = async (method: Method, at: string, query: Query | undefined, body?: Json, type?: string, accept?: string): Promise<Heard> => {
    const reply = await ask(method, at + search(query), body, type, accept);
    if (reply.status < 300) remember(step.kind, reply.json);
    return heard(reply);
  };
  switch (step.do) {
    case 'create':
      return await one('POST', path(step.kind), step.query, step.body);
    case 'get':
      return await one('GET', path(step.kind, step.name, ...subOf(step.sub)), step.query, undefined, undefined, acceptOf(step.as));
    case 'post':
      return await one('POST', path(step.kind, step.name, step.sub), step.query, step.body);
    case 'patch':
      return await one('PATCH', path(step.kind, step.name, ...subOf(step.sub)), step.query, step.body, CONTENT_TYPES[step.type]);
    case 'update': {
      const at = path(step.kind, step.name, ...subOf(step.sub));
      const { apiVersion, kind, valid } = KINDS[step.kind]!;
      const read = await ask('GET', at);
      const found = read.status === 200;
      const made = step.sub === 'scale' ? { apiVersion: 'autoscaling/v1', kind: 'Scale', spec: { replicas: 1 } } : { apiVersion, kind, ...valid };
      const base = found ? read.json : { ...made, metadata: { name: step.name } };
      const old = world.seen.get(`${step.kind}/${step.name}`)?.at(-1)?.metadata.resourceVersion;
      const version = step.version === 'none' || !found ? undefined : step.version === 'old' ? (old ?? '1') : base.metadata.resourceVersion;
      const body = edited(base, [{ at: ['metadata', 'resourceVersion'], ...(version === undefined ? {} : { to: version }) }, ...step.edits]);
      return await one('PUT', at, step.query, body);
    }
    case 'delete': {
      const known = world.seen.get(`${step.kind}/${step.name}`);
      const preconditions = {
        right: { uid: known?.[0]?.metadata.uid },
        wrong: { uid: '33333333-3333-3333-3333-333333333333' },
        version: { resourceVersion: known?.[0]?.metadata.resourceVersion },
        oldVersion: { resourceVersion: known?.at(-1)?.metadata.resourceVersion },
      };
      const guarded = step.precondition === undefined ? {} : { preconditions: preconditions[step.precondition] };
      if (step.options === undefined) return await one('DELETE', path(step.kind, step.name), step.query);
      return await one('DELETE', path(step.kind, step.name), step.query, { apiVersion: 'v1', kind: 'DeleteOptions', ...step.options, ...guarded });
    }
    case 'deletecollection':
      return await one('DELETE', path(step.kind), step.query, step.options && { apiVersion: 'v1', kind: 'DeleteOptions', ...step.options });
    case 'list': {
      const at = step.at === undefined ? undefined : world.seen.get(`${step.kind}/${step.at}`)?.at(-1)?.metadata.resourceVersion;
      const exact = at === undefined ? {} : { resourceVersion: at, resourceVersionMatch: 'Exact' };
      return await pages(world, path(step.kind), { ...step.query, ...exact }, acceptOf(step.as));
    }
    default:
      return step satisfies never;
  }
}

async function pages({ ask }: World, at: string, query: Query, accept: string | undefined): Promise<Heard> {
  const all: Json[] = [];
  let next: Query = query;
  for (let count = 0; count < MAX_PAGES; count += 1) {
    const reply = await ask('GET', at + search(next), undefined, undefined, accept);
    const page = heard(reply);
    all.push(page.said);
    const token = reply.json?.metadata?.continue;
    if (reply.status !== 200 || token === undefined || token === '') return { status: page.status, said: byName(withoutLast(all)) };
    const { resourceVersion: _, resourceVersionMatch: __, ...rest } = query;
    next = { ...rest, continue: token };
  }
  throw new Error(`${at}: more than ${MAX_PAGES} pages`);
}

/** Whether more are said to come when none of them is selected is by chance: the real server's cache looks, its storage does not. */
function withoutLast(said: readonly Json[]): readonly Json[] {
  const [before, last] = said.slice(-2);
  if (last === undefined || (last.items ?? last.rows)?.length !== 0) return said;
  return [...said.slice(0, -2), { ...before, metadata: last.metadata }];
}

/** Which objects are on which page is by chance where the server has made names: then they are compared as one list, and pages by how many they hold. */
function byName(said: readonly Json[]): readonly Json[] {
  const items: readonly Json[] = said.flatMap((page) => page?.items ?? page?.rows ?? []);
  if (said.length === 1 || !items.some((item) => isMade(nameIn(item)))) return said;
  return [...said.map((page) => ({ ...page, items: page?.items?.length, rows: page?.rows?.length })), byText(items)];
}

function acceptOf(form: Form | undefined): string | undefined {
  return form === undefined ? undefined : ACCEPT[form];
}

function subOf(sub: string | undefined): readonly string[] {
  return sub === undefined ? [] : [sub];
}

function search(query: Query | undefined): string {
  const text = new URLSearchParams(query ?? {}).toString();
  return text === '' ? '' : `?${text}`;
}
