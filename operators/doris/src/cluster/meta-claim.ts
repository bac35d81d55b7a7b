import type { Live } from '@binnacle/client';
import type { PersistentVolumeClaim } from '@binnacle/client/kinds';
import { podName } from './names.ts';
import { META_VOLUME } from './objects/storage.ts';

/** On a metadata claim: its front end was dropped by us, or is about to be. Written before the statement. */
export const DROPPED = 'al-assad.github.io/dropped-front-end';

/** `fe-meta-basic-fe-0` */
export const metaClaimName = (cluster: string, ordinal: number): string => `${META_VOLUME}-${podName(cluster, 'fe', ordinal)}`;

/** Whether a claim belongs to a front end that we dropped, or began to. Claims that anybody else left behind are never touched. */
export const isDropped = (claim: Live<typeof PersistentVolumeClaim>): boolean => claim.metadata.annotations?.[DROPPED] !== undefined;
