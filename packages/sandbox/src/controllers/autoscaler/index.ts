import type { Api, Live, Ref } from '@binnacle/client';
import { ApiError, timestamp } from '@binnacle/client';
import type { Scale, V2HorizontalPodAutoscalerStatus } from '@binnacle/client/kinds';
import { Pod, V2HorizontalPodAutoscaler } from '@binnacle/client/kinds';
import type { Reconciler, World } from '@binnacle/runtime';
import { record } from '../event.ts';
import { same } from '../hash.ts';
import type { Memory } from './pace.ts';
import { remember } from './pace.ts';
import type { Condition, Verdict } from './plan.ts';
import { decide } from './plan.ts';
import type { MetricsSource } from './usage.ts';

type Autoscaler = Live<typeof V2HorizontalPodAutoscaler>;
const COMPONENT = 'horizontal-pod-autoscaler';
/** Between two looks; ms. */
const PERIOD_MS = 15_000;
const NOTHING: Memory = { wishes: [], changes: [] };

/**
 * Scales whatever has a scale subresource by the cpu and memory its pods use. Metrics of other types are told to be missing. Two autoscalers of one target
 * are not noticed. Source: spec/sandbox.md §7 case 73; the controller of Kubernetes.
 */
export function autoscaler(source: MetricsSource): Reconciler {
  const memories = new Map<string, { readonly uid: string; readonly memory: Memory }>();
  return {
    name: 'horizontalpodautoscaler',
    kind: V2HorizontalPodAutoscaler,
    changed: (before, now) => !same(before.spec, now.spec),
    async reconcile(ref, world) {
      const key = `${ref.namespace}/${ref.name}`;
      const object = world.cache.get(V2HorizontalPodAutoscaler, ref);
      if (object === undefined || object.metadata.deletionTimestamp !== undefined) return void memories.delete(key);
      const known = memories.get(key);
      const memory = known?.uid === object.metadata.uid ? known.memory : NOTHING;
      const next = await look(object, memory, source, world);
      memories.set(key, { uid: object.metadata.uid, memory: next });
      return { afterMs: PERIOD_MS };
    },
  };
}

async function look(object: Autoscaler, memory: Memory, source: MetricsSource, world: World): Promise<Memory> {
  const { api, clock, signal } = world;
  const got = await orReason(() => readScale(api, object, signal));
  if ('message' in got) {
    const message = `the HPA controller was unable to get the target's current scale: ${got.message}`;
    const failed: Condition = { type: 'AbleToScale', status: 'False', reason: 'FailedGetScale', message };
    if (isNews(object, failed)) await say(object, 'Warning', 'FailedGetScale', got.message, world);
    await writeStatus(object, [failed], {}, world);
    return memory;
  }
  const { path, scale } = got.value;
  const current = scale.spec?.replicas ?? 0;
  const { namespace } = object.metadata;
  const labelSelector = scale.status?.selector ?? '';
  const pods = labelSelector === '' ? [] : (await api.list(Pod, { namespace, labelSelector, signal })).items;
  const verdict = decide({ autoscaler: object, current, pods, source, memory, nowMs: clock.now() });
  const failed = verdict.conditions.find(({ type, status }) => type === 'ScalingActive' && status === 'False');
  if (failed !== undefined && failed.reason !== 'ScalingDisabled' && isNews(object, failed)) await say(object, 'Warning', failed.reason, failed.message, world);
  const able = await rescale(object, verdict, scale, path, world);
  const moved = able?.status === 'True';
  const conditions = [...verdict.conditions.filter(({ type }) => able === undefined || type !== 'AbleToScale'), ...(able === undefined ? [] : [able])];
  const seen: Condition = {
    type: 'AbleToScale',
    status: 'True',
    reason: 'SucceededGetScale',
    message: "the HPA controller was able to get the target's current scale",
  };
  const all = conditions.some(({ type }) => type === 'AbleToScale') ? conditions : [seen, ...conditions];
  const currentMetrics = verdict.metrics.filter((metric) => metric !== undefined);
  await writeStatus(
    object,
    all,
    {
      currentReplicas: scale.status?.replicas ?? 0,
      desiredReplicas: verdict.replicas,
      ...(currentMetrics.length === 0 ? {} : { currentMetrics }),
      ...(moved ? { lastScaleTime: timestamp(clock.now()) } : {}),
    },
    world,
  );
  return remember(memory, clock.now(), verdict.wish, moved ? verdict.replicas - current : 0);
}

/** Undefined: there was nothing to change. */
async function rescale(object: Autoscaler, verdict: Verdict, scale: Scale, path: string, world: World): Promise<Condition | undefined> {
  if (verdict.replicas === (scale.spec?.replicas ?? 0)) return undefined;
  const body = { ...scale, spec: { replicas: verdict.replicas } };
  const done = await orReason(() => world.api.raw({ method: 'PUT', path, body, signal: world.signal }));
  if ('message' in done) {
    await say(object, 'Warning', 'FailedRescale', `New size: ${verdict.replicas}; reason: ${verdict.why}; error: ${done.message}`, world);
    return {
      type: 'AbleToScale',
      status: 'False',
      reason: 'FailedUpdateScale',
      message: `the HPA controller was unable to update the target scale: ${done.message}`,
    };
  }
  await say(object, 'Normal', 'SuccessfulRescale', `New size: ${verdict.replicas}; reason: ${verdict.why}`, world);
  return {
    type: 'AbleToScale',
    status: 'True',
    reason: 'SucceededRescale',
    message: `the HPA controller was able to update the target scale to ${verdict.replicas}`,
  };
}

/** The scale of the target, whatever kind it is: discovery says under which name the kind is served. */
async function readScale(api: Api, { spec, metadata }: Autoscaler, signal: AbortSignal): Promise<{ readonly path: string; readonly scale: Scale }> {
  const { apiVersion = 'v1', kind, name } = spec.scaleTargetRef;
  const base = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  // Sound: it is what every API server answers here.
  const { resources = [] } = (await api.raw({ method: 'GET', path: base, signal })) as {
    readonly resources?: readonly { readonly name: string; readonly kind: string }[];
  };
  const plural = resources.find((resource) => resource.kind === kind && !resource.name.includes('/'))?.name;
  if (plural === undefined) throw new UnknownTarget(`no matches for kind "${kind}" in version "${apiVersion}"`);
  const path = `${base}/namespaces/${metadata.namespace}/${plural}/${name}/scale`;
  return { path, scale: (await api.raw({ method: 'GET', path, signal })) as Scale };
}

/** A target that cannot be, told in the same way as one that the server refuses. */
class UnknownTarget extends Error {
  override readonly name = 'UnknownTarget';
}

/** It looks every few seconds: what is wrong is told once, not each time. */
function isNews({ status }: Autoscaler, { type, reason, message }: Condition): boolean {
  return status?.conditions?.some((condition) => condition.type === type && condition.reason === reason && condition.message === message) !== true;
}

async function orReason<T>(task: () => Promise<T>): Promise<{ readonly value: T } | { readonly message: string }> {
  try {
    return { value: await task() };
  } catch (error) {
    if (error instanceof ApiError || error instanceof UnknownTarget) return { message: error.message };
    throw error;
  }
}

async function writeStatus(
  object: Autoscaler,
  conditions: readonly Condition[],
  rest: Partial<V2HorizontalPodAutoscalerStatus>,
  { api, clock, signal }: World,
): Promise<void> {
  const before = object.status?.conditions ?? [];
  const merged = new Map(before.map((condition) => [condition.type, condition]));
  for (const condition of conditions) {
    const was = merged.get(condition.type);
    const lastTransitionTime = was?.status === condition.status ? was.lastTransitionTime : timestamp(clock.now());
    merged.set(condition.type, { ...condition, ...(lastTransitionTime === undefined ? {} : { lastTransitionTime }) });
  }
  const status = { desiredReplicas: 0, ...object.status, ...rest, observedGeneration: object.metadata.generation ?? 0, conditions: [...merged.values()] };
  if (same(object.status, status)) return;
  await api.patch(V2HorizontalPodAutoscaler, object.metadata as Ref, { type: 'merge', body: { status } }, { subresource: 'status', signal });
}

function say(object: Autoscaler, type: 'Normal' | 'Warning', reason: string, message: string, world: World): Promise<void> {
  return record(world, V2HorizontalPodAutoscaler, object, { type, reason, message, component: COMPONENT });
}
