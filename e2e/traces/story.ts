import { done, PATCH } from '../conformance/requests.ts';
import { eventually, WITHIN_MS } from '../eventually.ts';
import type { Target, TestNamespace } from '../target.ts';

/** Something that somebody does to a cluster, step by step, each after what the one before led to. */
export interface Story {
  readonly name: string;
  /** It is about where Services lead, too. */
  readonly endpoints?: true;
  tell(world: StoryWorld): Promise<void>;
}

/** The namespace in which a story is told, and what those do who tell it. Paths are of objects: `apps/v1/statefulsets/w`, `v1/pods/w-0`; those outside of the namespace are whole: `/api/v1/namespaces/x`. */
export interface StoryWorld {
  readonly target: Target;
  readonly ns: TestNamespace;
  /** Makes an object of `apps/v1/statefulsets`. */
  make(of: string, object: object): Promise<any>;
  /** Merges into an object. */
  patch(path: string, change: object): Promise<any>;
  remove(path: string, options?: object): Promise<void>;
  /** Reads an object until it holds. */
  until(path: string, what: string, holds: (object: any) => boolean): Promise<any>;
  gone(path: string): Promise<void>;
  /** Reads all of a kind until they hold. */
  all(of: string, what: string, holds: (objects: readonly any[]) => boolean): Promise<readonly any[]>;
  /** As whoever else has a part in it. */
  ask(method: string, path: string, body: object): Promise<number>;
}

/** Many stories are told at once, and those who ask are not to be what keeps the servers busy. */
const EVERY_MS = 250;
/** Of an answer that is not what was waited for. */
const SHOWN = 400;

/** Where somebody tells a story. */
export function storyWorld(target: Target, ns: TestNamespace): StoryWorld {
  const wait = <T>(what: string, ask: () => Promise<T | undefined | false>) => eventually(what, ask, WITHIN_MS, EVERY_MS);
  const at = (path: string) => {
    if (path.startsWith('/')) return path;
    const parts = path.split('/');
    const grouped = parts[0] !== 'v1';
    const [groupVersion, [plural, ...rest]] = grouped ? [`${parts[0]}/${parts[1]}`, parts.slice(2)] : ['v1', parts.slice(1)];
    return [ns.path(plural!, groupVersion), ...rest].join('/');
  };
  return {
    target,
    ns,
    make: (of, object) => done(target, 'POST', at(of), object),
    patch: (path, change) => done(target, 'PATCH', at(path), change, PATCH.merge),
    remove: async (path, options) => void (await done(target, 'DELETE', at(path), options)),
    until: (path, what, holds) =>
      wait(what, async () => {
        const { status, json } = await target.ask('GET', at(path));
        if (status === 200 && holds(json)) return json;
        throw new Error(`GET ${at(path)}: ${status} ${JSON.stringify(json?.status ?? json)?.slice(0, SHOWN)}`);
      }),
    gone: async (path) => void (await wait(`${path} is gone`, async () => (await target.ask('GET', at(path))).status === 404)),
    all: (of, what, holds) =>
      wait(what, async () => {
        const { items } = await done(target, 'GET', at(of));
        if (holds(items)) return items as readonly any[];
        throw new Error(`GET ${at(of)}: ${items.map(({ metadata }: any) => metadata.name).join(', ')}`);
      }),
    ask: async (method, path, body) => (await target.ask(method, at(path), { body })).status,
  };
}
