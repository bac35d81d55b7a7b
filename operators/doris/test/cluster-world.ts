import type { Live, Network } from '@binnacle/client';
import { isReady } from '@binnacle/client';
import { StatefulSet, Secret } from '@binnacle/client/kinds';
import { fate, world } from '@binnacle/testing';
import type { Running, Subject, World } from '@binnacle/testing';
import { alone } from '@binnacle/runtime';
import { DorisCluster } from '../src/index.ts';
import type { Spec } from '../src/api/spec.ts';
import { accountIn } from '../src/cluster/account.ts';
import { showBackends } from '../src/sql/backends.ts';
import type { Backend } from '../src/sql/backends.ts';
import type { Account, FrontEnd } from '../src/sql/front-end.ts';
import { frontEnd } from '../src/sql/front-end.ts';
import { showFrontends } from '../src/sql/frontends.ts';
import type { Frontend } from '../src/sql/frontends.ts';
import { withMaster } from '../src/sql/master.ts';
import type { Statement } from '../src/sql/statements.ts';
import { listening, statementDoor } from './statement-door.ts';
import { doris } from './subject.ts';

/** Where the story's cluster is. */
export const AT = { namespace: 'default', name: 'prod' } as const;
const SERVICE = { host: 'prod-fe.default.svc.cluster.local', port: 9030 };
const never = new AbortController().signal;

/** A component as stories write it. */
export const component = (name: string, replicas: number) => ({ baseImage: `ghcr.io/linsoss/doris-${name}`, replicas, requests: { storage: '1Gi' } });
/** `fe` front ends and `be` back ends of 2.0.3. */
export const sized = (fe: number, be: number): Spec => ({ version: '2.0.3', fe: component('fe', fe), be: component('be', be) });

/** A DorisCluster in a whole cluster of virtual time, and a DBA beside it. */
export interface Prod {
  readonly w: World;
  apply(spec: Spec, annotations?: Readonly<Record<string, string>>): Promise<void>;
  ready(withinMs?: number): Promise<Live<typeof DorisCluster>>;
  /** Waits until the condition Ready has this reason. */
  reason(reason: string): Promise<void>;
  cluster(): Promise<Live<typeof DorisCluster>>;
  set(component: string): Promise<Live<typeof StatefulSet>>;
  /** As root, on the master. */
  sql(...statements: readonly string[]): Promise<void>;
  /** Lets time pass until a promise is settled. */
  passing<T>(promise: Promise<T>): Promise<T>;
  asRoot<T>(use: (fe: FrontEnd, frontends: readonly Frontend[]) => Promise<T>): Promise<T>;
  backends(): Promise<readonly Backend[]>;
  frontends(): Promise<readonly Frontend[]>;
}

/** A world with the operator in it. */
export interface Story extends Prod, AsyncDisposable {
  /** Statements of all operator processes that change something, in order. */
  readonly statements: readonly string[];
  readonly process: () => Running;
}

/** What a story's world has beyond others: `ear` hears every statement, reads too; `images` may change what runs in pods. */
export interface Beyond {
  readonly ear?: (sql: string) => void;
  readonly images?: (images: Subject['images']) => Subject['images'];
}

/** Starts a world with the operator in it. */
export async function story({ ear = () => undefined, images = (all) => all }: Beyond = {}): Promise<Story> {
  const statements: string[] = [];
  const [door, all] = [statementDoor((sql) => statements.push(sql)), listening(ear)];
  const subject: Subject = {
    ...doris,
    images: images(doris.images),
    create: (parts) => doris.create({ ...parts, network: all(door(parts.network, fate()), fate()) }),
  };
  const w = await world([subject]);
  const running = w.start(subject);
  return { ...prod(w), statements, process: () => running, [Symbol.asyncDispose]: () => w[Symbol.asyncDispose]() };
}

/** The story's cluster in a world. */
export function prod(w: World): Prod {
  async function passing<T>(promise: Promise<T>): Promise<T> {
    let over = false;
    const settled = promise.finally(() => (over = true));
    settled.catch(() => undefined);
    await w.clock.until(() => over);
    return await settled;
  }
  const doors: { readonly network: Network; readonly clock: World['clock'] } = { network: w.sandbox.network, clock: w.clock };
  const asRoot: Prod['asRoot'] = (use) =>
    passing(withMaster(doors, { ...SERVICE, account: { user: 'root', password: '' } }, alone(never), ({ fe, frontends }) => use(fe, frontends)));
  const cluster = () => w.api.get(DorisCluster, AT);
  return {
    w,
    async apply(spec, annotations = {}) {
      await w.api.apply(DorisCluster, { metadata: { ...AT, annotations }, spec } as never, { fieldManager: 'user', force: true });
    },
    async ready(withinMs) {
      const { generation } = (await cluster()).metadata;
      await w.until(DorisCluster, AT, (now) => now !== undefined && isReady(now) && now.status?.observedGeneration === generation, withinMs);
      return await cluster();
    },
    async reason(reason) {
      await w.until(DorisCluster, AT, (now) => now?.status?.conditions?.some((one) => one.type === 'Ready' && one.reason === reason) === true);
    },
    cluster,
    set: (name) => w.api.get(StatefulSet, { namespace: AT.namespace, name: `${AT.name}-${name}` }),
    passing,
    asRoot,
    async sql(...statements) {
      await asRoot(async (fe) => {
        for (const statement of statements) await fe.query(statement as Statement, never);
      });
    },
    backends: () => asRoot((fe) => showBackends(fe, never)),
    frontends: () => asRoot((fe) => showFrontends(fe, never)),
  };
}

/** Logs in to one front end by its pod's name; without `as` as the operator does. */
export async function login(w: World, pod: string, use: (fe: FrontEnd) => Promise<void>, as?: Account): Promise<void> {
  let over = false;
  const done = (async () => {
    const account = as ?? accountIn((await w.api.get(Secret, { namespace: AT.namespace, name: 'prod-opr-account' })) as Live<typeof Secret>)!;
    const host = `${pod}.prod-fe-peer.default.svc.cluster.local`;
    await using fe = await frontEnd({ network: w.sandbox.network, clock: w.clock }, { host, port: SERVICE.port, account }, alone(never));
    await use(fe);
  })().finally(() => (over = true));
  done.catch(() => undefined);
  await w.clock.until(() => over);
  await done;
}

/** A table of one tablet each bucket, in the database `demo`. */
export const table = (name: string, buckets: number, replication: number): readonly string[] => [
  'CREATE DATABASE IF NOT EXISTS demo',
  `CREATE TABLE demo.${name} (k INT) DISTRIBUTED BY HASH(k) BUCKETS ${buckets} PROPERTIES ('replication_num' = '${replication}')`,
];
