import type { DeepReadonly, Live } from '@binnacle/client';
import type { Container, PodTemplateSpec, StatefulSet } from '@binnacle/client/kinds';
import { contains } from '@binnacle/runtime';
import { given } from '../../given.ts';
import { sorted } from '../config/emit.ts';
import { MEMBER_ACCESS, TAKEN_OVER, TEMPLATE_HASH } from '../names.ts';

type Template = DeepReadonly<PodTemplateSpec>;

/**
 * The pod template of a cluster that is taken over, as it is, if all that the existing operator keeps up to date in it is what the spec wants. The rest it wrote
 * once and never again (labels, annotations, probes, the sidecar), or never took out again (resources, scheduling): brought up to date at once, it would restart
 * every member for nothing. Undefined: something restarts them anyway, or already has. Source: spec/hazelcast-core.md §2.10, §10.2.
 */
export function takenTemplate(wanted: Template, live: Live<typeof StatefulSet> | undefined): Template | undefined {
  const old = live?.spec?.template;
  if (old === undefined || !isTaken(live)) return undefined;
  if (!contains(old, { metadata: keptUp(wanted, old), spec: keptUpSpec(wanted, old) })) return undefined;
  // Sound: the same content. In order, since its fingerprint must not depend on how a server sends it.
  return sorted({ ...old, spec: applicable(old.spec) }) as Template;
}

/** Whether the pod template is still the existing operator's. */
export function isTaken(live: Live<typeof StatefulSet> | undefined): boolean {
  const noted = live?.metadata.annotations;
  return live !== undefined && (noted?.[TEMPLATE_HASH] === undefined || noted[TAKEN_OVER] !== undefined);
}

/** Whether clients reach members is part of what they start with, also when it is no more. */
function keptUp({ metadata }: Template, old: Template): object {
  const ours = Object.entries(metadata?.annotations ?? {}).filter(([key]) => key.startsWith('hazelcast.com/') || key.startsWith('binnacle.dev/'));
  const gone = old.metadata?.annotations?.[MEMBER_ACCESS] !== undefined && metadata?.annotations?.[MEMBER_ACCESS] === undefined;
  return { annotations: { ...Object.fromEntries(ours), ...(gone ? { [MEMBER_ACCESS]: '' } : {}) } };
}

function keptUpSpec({ spec }: Template, old: Template): object {
  const { securityContext: _, terminationGracePeriodSeconds: __, containers = [], ...rest } = spec ?? {};
  const [member, sidecar] = containers;
  const before = old.spec?.containers.find(({ name }) => name === member?.name);
  return {
    ...rest,
    containers: [keptUpMember(member, before), given({ name: sidecar?.name, volumeMounts: sidecar?.volumeMounts, resources: sidecar?.resources })],
  };
}

function keptUpMember(member: DeepReadonly<Container> | undefined, before: DeepReadonly<Container> | undefined): object {
  const { livenessProbe: _, readinessProbe: __, securityContext: ___, env, ...rest } = member ?? {};
  // The existing operator wrote a variable that the user sets as well beside its own, and the last one counts.
  return contains(lastOf(before?.env), lastOf(env)) && contains(lastOf(env), lastOf(before?.env)) ? rest : { ...rest, env };
}

/** Variables by name. */
function lastOf(env: Container['env'] = []): Readonly<Record<string, object>> {
  return Object.fromEntries(env.map((one) => [one.name, one]));
}

/** Server-side apply takes each variable once: where one is there twice, they are left alone. */
function applicable(spec: Template['spec']): Template['spec'] {
  if (spec === undefined) return undefined;
  const once = (one: DeepReadonly<Container>) => {
    const { env = [], ...rest } = one;
    return new Set(env.map(({ name }) => name)).size === env.length ? one : rest;
  };
  return { ...spec, containers: spec.containers.map(once) };
}
