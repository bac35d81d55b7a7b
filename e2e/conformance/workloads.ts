import { randomUUID } from 'node:crypto';
import { eventually } from '../eventually.ts';
import type { Target, TestNamespace } from '../target.ts';
import { done } from './requests.ts';

/** A pod template with one container that is Ready when it runs. */
export function template(app: string, image: string, more: object = {}) {
  return { metadata: { labels: { app } }, spec: { terminationGracePeriodSeconds: 5, containers: [{ name: 'c', image }], ...more } };
}

export function ready(pod: any): boolean {
  return pod.status.conditions?.some(({ type, status }: any) => type === 'Ready' && status === 'True') === true;
}

/** Names of the pods of an app that are not on their way out, sorted. */
export async function podNames(target: Target, ns: TestNamespace, app: string): Promise<readonly string[]> {
  return (await pods(target, ns, app)).filter(({ metadata }) => metadata.deletionTimestamp === undefined).map(({ metadata }) => metadata.name);
}

export async function pods(target: Target, ns: TestNamespace, app: string): Promise<readonly any[]> {
  const { items } = await done(target, 'GET', `${ns.path('pods')}?labelSelector=app%3D${app}`);
  return items;
}

/** Reads the object again and again until it holds. */
export function until(target: Target, path: string, what: string, holds: (object: any) => boolean): Promise<any> {
  return eventually(what, async () => {
    const { status, json } = await target.ask('GET', path);
    if (status !== 200) throw new Error(`${path}: ${status}`);
    if (holds(json)) return json;
    throw new Error(JSON.stringify(json.status ?? json.spec));
  });
}

/**
 * Waits until the garbage collector knows of each pod that is there: it meets what happens to pods in order, and a pod whose owner never was is gone when it has met it. An owner that is
 * deleted before that has no dependents to be orphaned, and they are collected later.
 */
export async function metByCollector(target: Target, ns: TestNamespace): Promise<void> {
  const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'never', uid: randomUUID() }];
  const spec = { nodeSelector: { 'example.com/none': 'here' }, containers: [{ name: 'c', image: target.images.sleeper }] };
  await done(target, 'POST', ns.path('pods'), { metadata: { name: 'ownerless', ownerReferences }, spec });
  await eventually('what has no owner is collected', async () => (await target.ask('GET', `${ns.path('pods')}/ownerless`)).status === 404);
}

/** Makes so many ConfigMaps, fifty at a time. */
export async function fill(target: Target, ns: TestNamespace, count: number): Promise<void> {
  for (let made = 0; made < count; made += 50) {
    const some = Array.from({ length: Math.min(50, count - made) }, () =>
      done(target, 'POST', ns.path('configmaps'), { metadata: { generateName: 'filler-' } }),
    );
    await Promise.all(some);
  }
}
