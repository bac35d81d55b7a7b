import type { DeepReadonly, Live } from '@binnacle/client';
import type { PodTemplateSpec, StatefulSet } from '@binnacle/client/kinds';
import { contains } from '@binnacle/runtime';
import type { Center } from '../api/management-center.ts';
import { sorted } from '../hazelcast/config/emit.ts';
import { TAKEN_OVER } from '../hazelcast/names.ts';
import { given } from '../given.ts';
import { initCommand } from './config.ts';

type Template = DeepReadonly<PodTemplateSpec>;

/**
 * The pod template of a Management Center that is taken over, as it is, while all that the existing operator keeps up to date in it is what the spec wants:
 * nothing else is worth a restart. `config`: what it is configured with, in short; on take-over it counts as what the pod runs with. Undefined: it restarts
 * anyway, or already has. Source: spec/hazelcast-core.md §4.3.
 */
export function takenTemplate(mc: Center, wanted: Template, live: Live<typeof StatefulSet> | undefined, config: string): Template | undefined {
  const old = live?.spec?.template;
  if (old === undefined || !isTaken(live)) return undefined;
  if ((live?.metadata.annotations?.[TAKEN_OVER] ?? config) !== config || !initialised(mc, old)) return undefined;
  // Sound: the same content. In order, so that it is the same text however a server sends it.
  return contains(old, keptUp(wanted)) && contains(variables(old), variables(wanted)) ? (sorted(old) as Template) : undefined;
}

/** On the pod template: which client configurations it started with. They are read at start alone, so another one means another start. */
export const CONFIG_HASH = 'binnacle.dev/config-hash';

/** Whether the pod template is still the existing operator's. */
export function isTaken(live: Live<typeof StatefulSet> | undefined): boolean {
  return live !== undefined && live.spec?.template?.metadata?.annotations?.[CONFIG_HASH] === undefined;
}

/** The clusters are added as they are to be; what came after that was there for the first start alone, and took the LDAP account as text. */
function initialised(mc: Center, { spec }: Template): boolean {
  const { securityProvider: _, ...rest } = mc.spec;
  const clusters = initCommand({ ...mc, spec: rest });
  const command = spec?.containers[0]?.env?.find(({ name }) => name === 'MC_INIT_CMD')?.value ?? '';
  return command === clusters || (command.startsWith(clusters) && command.includes('./bin/hz-mc conf security reset'));
}

/** What is kept up to date in the pod, and in the environment of its container but for the command. */
function keptUp({ spec }: Template): object {
  const { securityContext: _, serviceAccountName: __, containers = [], ...rest } = spec ?? {};
  const { env: ___, securityContext: ____, readinessProbe: _____, livenessProbe, ...container } = containers[0] ?? {};
  return { spec: { ...rest, containers: [given({ ...container, livenessProbe: { httpGet: { path: livenessProbe?.httpGet?.path } } })] } };
}

function variables({ spec }: Template): object {
  const kept = (spec?.containers[0]?.env ?? []).filter(({ name }) => name === 'MC_LICENSE_KEY' || name === 'JAVA_OPTS');
  return Object.fromEntries(kept.map((one) => [one.name, one]));
}
