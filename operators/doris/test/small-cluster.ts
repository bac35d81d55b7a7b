import type { AnyKind, Live } from '@binnacle/client';
import { PersistentVolumeClaim, Pod, Secret, StatefulSet } from '@binnacle/client/kinds';
import { alone, silentLogger } from '@binnacle/runtime';
import type { Context, Outcome } from '@binnacle/runtime';
import type { DorisCluster } from '../src/api/doris-cluster.ts';
import type { Spec } from '../src/api/spec.ts';
import type { Status } from '../src/api/status.ts';
import { accountIn } from '../src/cluster/account.ts';
import { clusterController } from '../src/cluster/controller.ts';
import { accountSecretName } from '../src/cluster/names.ts';
import { META_PATH } from '../src/simulator/fe-self.ts';
import { dorisImages } from '../src/simulator/index.ts';
import type { Running, SmallWorld } from './small-world.ts';

type Stored = { metadata: { name: string; annotations?: Record<string, string>; labels?: Record<string, string> } } & Record<string, unknown>;

/**
 * The controller's steps on a toy of Kubernetes: objects in a map, and pods of StatefulSets as simulated processes. For stories about Doris; what
 * the API server, the runtime and real StatefulSets do is told on the sandbox.
 */
export function smallCluster(spec: Spec, world: SmallWorld) {
  const objects = new Map<string, Stored>();
  const pods = new Map<string, Running>();
  const applied: string[] = [];
  const opened: AsyncDisposable[] = [];
  const events: string[] = [];
  const key = (kind: AnyKind, name: string) => `${kind.kind}/${name}`;
  const of = <T>(kind: AnyKind) => [...objects].filter(([at]) => at.startsWith(`${kind.kind}/`)).map(([, object]) => object as T);
  let status: Status = {};
  const self = { spec };

  const stored = (
    kind: AnyKind,
    { name, labels, annotations, ...rest }: { readonly name: string; readonly labels?: object; readonly annotations?: object },
  ) => {
    const before = objects.get(key(kind, name)) ?? {};
    const object = { ...before, ...rest, metadata: { name, namespace: 'default', ...(labels && { labels }), ...(annotations && { annotations }) } } as Stored;
    objects.set(key(kind, name), object);
    applied.push(key(kind, name));
    return Promise.resolve(object);
  };
  const cx = {
    ...alone(new AbortController().signal),
    clock: world.clock,
    faults: [],
    log: silentLogger,
    get: (kind: AnyKind, name: string) => Promise.resolve(objects.get(key(kind, name))),
    list: (kind: AnyKind, { labels = {} }: { readonly labels?: Readonly<Record<string, string>> } = {}) =>
      Promise.resolve(of<Stored>(kind).filter((one) => Object.entries(labels).every(([name, value]) => one.metadata.labels?.[name] === value))),
    apply: stored,
    ensure: (kind: AnyKind, name: string, create: () => { readonly name: string }) =>
      objects.has(key(kind, name)) ? Promise.resolve(objects.get(key(kind, name))) : stored(kind, create()),
    async delete(kind: AnyKind, name: string) {
      objects.delete(key(kind, name));
      if (kind.kind === 'Pod') await stopPod(name);
      if (kind.kind === 'PersistentVolumeClaim') world.volumes.delete(`${name.replace('fe-meta-', '')} ${META_PATH}`);
    },
    shared: async (_key: object, open: () => Promise<AsyncDisposable>) => {
      const thing = await open();
      opened.push(thing);
      return thing;
    },
    keep: () => ({ type: 'done' }),
    status: (fields: Partial<Status>) => void (status = { ...status, ...fields }),
    condition: () => undefined,
    event: (_type: string, reason: string) => void events.push(reason),
  } as unknown as Context<typeof DorisCluster, AnyKind, AnyKind>; // the toy promises less than the type: enough for these steps

  const stopPod = async (name: string) => {
    const running = pods.get(name);
    pods.delete(name);
    await running?.stop();
  };
  /** What a StatefulSet controller and a kubelet would do by now. */
  const settle = async () => {
    for (const set of of<Live<typeof StatefulSet>>(StatefulSet)) {
      const { name } = set.metadata;
      const replicas = set.spec?.replicas ?? 0;
      for (const pod of pods.keys()) if (pod.startsWith(`${name}-`) && Number(pod.slice(name.length + 1)) >= replicas) await remove(pod);
      for (let ordinal = 0; ordinal < replicas; ordinal += 1) {
        const pod = `${name}-${ordinal}`;
        const running = pods.get(pod) ?? (await start(set, pod));
        const ready = world.listens(running.host);
        objects.set(key(Pod, pod), {
          metadata: { name: pod, labels: set.spec?.template.metadata?.labels as Record<string, string> },
          status: { phase: 'Running', conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
        });
        if (!ready && set.spec?.podManagementPolicy !== 'Parallel') break;
      }
    }
    world.services.set(
      'basic-fe.default.svc.cluster.local',
      [...pods].filter(([name]) => name.startsWith('basic-fe-')).map(([, one]) => one.host),
    );
  };
  const remove = async (pod: string) => {
    await stopPod(pod);
    objects.delete(key(Pod, pod));
  };
  const start = async (set: Live<typeof StatefulSet>, pod: string): Promise<Running> => {
    for (const template of set.spec?.volumeClaimTemplates ?? []) {
      const claim = key(PersistentVolumeClaim, `${template.metadata?.name}-${pod}`);
      if (!objects.has(claim)) objects.set(claim, { metadata: { name: `${template.metadata?.name}-${pod}` }, spec: template.spec });
    }
    const image = set.spec!.template.spec!.containers[0]!.image!;
    const account = accountIn(objects.get(key(Secret, accountSecretName('basic'))) as unknown as Live<typeof Secret>)!;
    const running = world.start({
      name: pod,
      peers: set.spec!.serviceName!,
      image,
      program: dorisImages.find((one) => one.image.test(image))!.program,
      env: { FE_SVC: 'basic-fe', ACC_USER: account.user, ACC_PWD: account.password },
    });
    pods.set(pod, running);
    return await Promise.resolve(running);
  };

  const controller = clusterController(world);
  const pass = async (): Promise<Outcome> => {
    const object = { metadata: { name: 'basic', namespace: 'default' }, spec: self.spec, status } as unknown as Live<typeof DorisCluster>;
    let outcome: Outcome = { type: 'done' };
    let at: string | undefined;
    for (const step of controller.steps) {
      outcome = await step.run(object, cx);
      at = step.name;
      if (outcome.type !== 'done') break;
    }
    for (const thing of opened.splice(0)) await thing[Symbol.asyncDispose]();
    const ended = outcome.type === 'done' ? { outcome } : { outcome, step: at! };
    status = { ...status, ...controller.report?.(object, ended) };
    return outcome;
  };
  return {
    world,
    pods,
    objects,
    applied,
    events,
    pass,
    get status() {
      return status;
    },
    leaveOut(name: 'be' | 'cn' | 'broker') {
      const { [name]: _, ...rest } = self.spec;
      self.spec = rest;
    },
    edit: (change: Partial<Spec>) => void (self.spec = { ...self.spec, ...change }),
    /** Passes until one ends as wanted; the test's own time limit bounds it. Calls `look` after each. */
    async until(right: (outcome: Outcome) => boolean, look: () => void = () => undefined): Promise<void> {
      for (;;) {
        const outcome = await pass();
        look();
        if (right(outcome)) return;
        await settle();
        await world.clock.sleep(1_000);
      }
    },
  };
}
