import { connect } from '@binnacle/client';
import type { AnyKind, Api, Clock, Live, Network, Ref } from '@binnacle/client';
import { isNotFound } from '@binnacle/client';
import { CustomResourceDefinition } from '@binnacle/client/kinds';
import * as kinds from '@binnacle/client/kinds';
import { rbacOf, runOperator, silentLogger, webhookManifests } from '@binnacle/runtime';
import type { AnyResource, Logger, Manager, Operator, WebhookOptions } from '@binnacle/runtime';
import { startSandbox } from '@binnacle/sandbox';
import type { Image, Sandbox } from '@binnacle/sandbox';
import { crd } from '@binnacle/schema';
import { apiDoor } from './api-door.ts';
import type { Door } from './api-door.ts';
import { fate as fateOf } from './fate.ts';
import type { Fate } from './fate.ts';
import { hooksInside } from './hooks-inside.ts';
import type { HooksInside } from './hooks-inside.ts';
import { faulty } from './faults.ts';
import type { FaultPlan } from './faults.ts';
import { virtualClock } from './virtual-clock.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** An operator as the world starts it: everything it gets, it gets from here. */
export interface Subject {
  readonly name: string;
  readonly resources: readonly AnyResource[];
  readonly images: readonly Image[];
  readonly create: (world: { readonly network: Network; readonly clock: Clock; readonly log: Logger }) => Operator;
}

/** A running operator process. */
export interface Running {
  readonly door: Door;
  /** Waits, in virtual time, until its caches are filled and, in a world with webhooks, the API server knows whom to ask. */
  ready(): Promise<void>;
  /** As SIGKILL: nothing more leaves it. */
  kill(): void;
  /** As SIGTERM; resolves when it has ended. */
  stop(): Promise<void>;
}

/** A cluster in virtual time: API server, controllers, a node, and operators with rights of their own, all in this process. */
export interface World extends AsyncDisposable {
  readonly clock: VirtualClock;
  readonly sandbox: Sandbox;
  /** As the administrator. */
  readonly api: Api;
  start(subject: Subject, options?: StartOptions): Running;
  find<K extends AnyKind>(kind: K, ref: Ref): Promise<Live<K> | undefined>;
  /** Waits, in virtual time, until the object is there and `holds`; the error tells what it was instead. */
  until<K extends AnyKind>(kind: K, ref: Ref, holds: (object: Live<K> | undefined) => boolean, withinMs?: number): Promise<void>;
}

/** How an operator is started. */
export interface StartOptions {
  /** What befalls it. */
  readonly fate?: Fate;
  /** What goes wrong between it and the API server. */
  readonly faults?: FaultPlan;
  /** As in `RunOptions`. */
  readonly resyncMs?: number;
}

const SYSTEM_NAMESPACE = 'binnacle-system';

/** What a world is like. */
export interface WorldOptions {
  /** The same seed replays the same run. Default: 1. */
  readonly seed?: number;
  /** Folder that keeps the cluster. Absent: in memory. */
  readonly state?: string;
  readonly clock?: VirtualClock;
  /** Operators that are started judge and fill in writes, as in production: rules of their kinds, guards and fillers. Default: nobody is asked. */
  readonly webhooks?: boolean;
}

/** Starts a world in which the subjects' CRDs and rights are installed. */
export async function world(subjects: readonly Subject[], options: WorldOptions = {}): Promise<World> {
  const clock = options.clock ?? virtualClock({ seed: options.seed ?? 1 });
  const hooks = options.webhooks === true ? hooksInside() : undefined;
  await using started = new AsyncDisposableStack();
  const sandbox = started.use(
    await startSandbox({
      clock,
      log: silentLogger,
      images: subjects.flatMap((subject) => subject.images),
      seed: options.seed ?? 1,
      ...(hooks === undefined ? {} : { hooks: hooks.door }),
      ...(options.state === undefined ? {} : { state: options.state }),
    }),
  );
  const api = started.use(
    connect({ clock, transport: sandbox.transport({ name: 'admin', groups: ['system:masters', 'system:authenticated'] }), userAgent: 'world' }),
  );
  for (const subject of subjects) await install(api, subject, subject.create({ network: sandbox.network, clock, log: silentLogger }), hooks !== undefined);
  // Accounts and certificates of the namespaces are the cluster's, not what an operator leaves behind.
  await clock.settle();
  const running = new Set<Running>();
  const all = started.move();

  const find = async <K extends AnyKind>(kind: K, ref: Ref): Promise<Live<K> | undefined> => {
    try {
      return await api.get(kind, ref);
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  };

  return {
    clock,
    sandbox,
    api,
    find,
    start(subject, options = {}) {
      const process = launch({ sandbox, clock, api, hooks }, subject, options);
      running.add(process);
      return process;
    },
    async until(kind, ref, holds, withinMs) {
      let last: Live<typeof kind> | undefined;
      await clock.until(async () => holds((last = await find(kind, ref))), {
        ...(withinMs === undefined ? {} : { withinMs }),
        describe: () => `${kind.kind} ${ref.name} is ${last === undefined ? 'absent' : JSON.stringify((last as { status?: unknown }).status)}`,
      });
    },
    async [Symbol.asyncDispose]() {
      for (const process of running) process.kill();
      let ended = false;
      const closing = all.disposeAsync().finally(() => (ended = true));
      await clock.until(() => ended);
      await closing;
    },
  };
}

async function install(api: Api, subject: Subject, operator: Operator, hooked: boolean): Promise<void> {
  const options = { fieldManager: 'world', force: true };
  await api.apply(kinds.Namespace, { metadata: { name: SYSTEM_NAMESPACE } }, options);
  for (const resource of subject.resources)
    await api.apply(CustomResourceDefinition, { ...crd(resource), metadata: { name: `${resource.plural}.${resource.group}` } }, options);
  const byKind = new Map(Object.values(kinds as Readonly<Record<string, AnyKind>>).map((kind) => [kind.kind, kind]));
  const where = { namespace: SYSTEM_NAMESPACE, serviceAccount: `${subject.name}-operator` };
  for (const object of [...rbacOf(operator, where), ...(hooked ? webhookManifests(operator, where) : [])]) {
    await api.apply(byKind.get(object.kind)!, object, options);
  }
}

/** What operators are started in. */
interface Place {
  readonly sandbox: Sandbox;
  readonly clock: VirtualClock;
  /** As the administrator. */
  readonly api: Api;
  readonly hooks: HooksInside | undefined;
}

function launch({ sandbox, clock, api: admin, hooks }: Place, subject: Subject, { fate = fateOf(), faults, resyncMs }: StartOptions): Running {
  const account = `system:serviceaccount:${SYSTEM_NAMESPACE}:${subject.name}-operator`;
  const user = { name: account, groups: ['system:serviceaccounts', `system:serviceaccounts:${SYSTEM_NAMESPACE}`, 'system:authenticated'] };
  const stopping = new AbortController();
  const line = sandbox.transport(user);
  const gate = apiDoor(faults === undefined ? line : faulty(line, clock, faults), fate);
  fate.dead.addEventListener('abort', () => stopping.abort(), { once: true });
  const api = connect({ clock, transport: gate.transport, userAgent: `binnacle-${subject.name}` });
  const operator = subject.create({ network: sandbox.network, clock, log: silentLogger });
  let manager: Manager | undefined;
  const service = `${subject.name}-operator`;
  const webhook: WebhookOptions | undefined =
    hooks === undefined ? undefined : { port: 443, host: '', namespace: SYSTEM_NAMESPACE, reach: { service }, serve: hooks.serve(service, fate.dead) };
  const ended = runOperator(operator, {
    api,
    clock,
    log: silentLogger,
    namespaces: 'all',
    leaderElection: false,
    signal: stopping.signal,
    started: (running) => (manager = running),
    ...(webhook === undefined ? {} : { webhook }),
    ...(resyncMs === undefined ? {} : { resyncMs }),
  });
  const quietly = ended.catch((error: unknown) => {
    if (!stopping.signal.aborted) throw error;
  });
  return {
    door: gate,
    async ready() {
      await clock.until(async () => manager?.ready === true && (hooks === undefined || (await isAnnounced(admin, operator))));
    },
    kill: () => fate.kill(),
    async stop() {
      stopping.abort();
      await quietly;
    },
  };
}

/** Whether the API server knows whom to ask, and whom to trust. */
async function isAnnounced(api: Api, operator: Operator): Promise<boolean> {
  const sorts = [kinds.ValidatingWebhookConfiguration, ...(operator.hooks.some(({ type }) => type === 'filler') ? [kinds.MutatingWebhookConfiguration] : [])];
  for (const sort of sorts) {
    const { webhooks = [] } = await api.get(sort, { name: `${operator.name}-operator` });
    if (webhooks.length === 0 || webhooks.some(({ clientConfig }) => (clientConfig.caBundle ?? '') === '')) return false;
  }
  return true;
}
