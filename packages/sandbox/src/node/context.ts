import type { Api, Clock, Live } from '@binnacle/client';
import type { Pod } from '@binnacle/client/kinds';
import type { Logger } from '@binnacle/runtime';
import type { PodAttachment, SandboxNetwork } from '../network/index.ts';
import type { Image } from '../program.ts';
import type { Bell } from './bell.ts';
import type { ConfigSource } from './config.ts';
import type { Errands } from './errands.ts';
import type { PodVolumes } from './mounts.ts';
import type { Volumes } from './volumes.ts';

/** What all pods of a node share. */
export interface NodeContext {
  readonly name: string;
  readonly hostIp: string;
  readonly api: Api;
  readonly clock: Clock;
  readonly log: Logger;
  readonly network: SandboxNetwork;
  readonly images: readonly Image[];
  readonly config: ConfigSource;
  /** Rings when a ConfigMap, Secret or claim has changed. */
  readonly configChanged: Bell;
  readonly volumes: Volumes;
  readonly hostPaths: Volumes;
  /** Events are written here, so that no container waits for them. */
  readonly errands: Errands;
}

/** What all containers of a pod share. */
export interface PodContext {
  readonly node: NodeContext;
  /** As the API server has it now, with the addresses the pod has here. */
  readonly pod: () => Live<typeof Pod>;
  readonly attachment: PodAttachment;
  readonly volumes: PodVolumes;
  /** The pod is not to start anything any more: it was deleted, or the node stops. */
  readonly ending: AbortSignal;
  /** Rings when the pod object has changed. */
  readonly podChanged: Bell;
  readonly slotChanged: Bell;
  /** A slot has changed: the status may have to be written. */
  readonly changed: () => void;
  /** An Event on the pod; `container` when it is about one. */
  readonly say: (type: 'Normal' | 'Warning', reason: string, message: string, container?: string) => void;
}
